// SPDX-License-Identifier: LGPL-2.1-or-later
// fstab of the real root and the options systemd.mount-extra=, up to the units that are made of
// them. The input is an fstab and, as a second part, one value of the option per line.
#include <set>

#include "fs/early_mount_units.h"
#include "fs/fstab_plan.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/shipped_units.h"

namespace {

using namespace slipway;
using namespace slipway::fs;
using fuzz::require;

void check_printable(const std::vector<std::string> &texts) {
    for (const std::string &text : texts)
        require(printable(text, text.size()) == text, "what a person sees is printable", text);
}

void check_options(const std::string &text) {
    const MountOptions options = read_mount_options(text);
    check_printable(options.complaints);
    for (const std::string &flag : options.flags)
        require(!flag.empty() && flag != "ro" && flag != "rw", "ro and rw are no flags", text);
    for (const auto *time : {&options.device_timeout, &options.timeout})
        require(!*time || **time == "infinity" || parse_duration(**time), "a time is one", text);
}

Fstab check_table(std::string_view text) {
    Fstab table = parse_fstab("fstab", text);
    require(table.entries.size() <= kMaxFstabEntries, "the number of entries is limited");
    unsigned line = 0;
    for (const FstabEntry &entry : table.entries) {
        require(entry.line > line, "lines are in order", entry.target);
        line = entry.line;
        for (const auto *field : {&entry.source, &entry.target, &entry.type, &entry.options})
            require(!field->contains('\0'), "no field holds a byte 0", *field);
        check_options(entry.options);
    }
    check_printable(table.problems);
    return table;
}

void check_mount(const EarlyMount &mount) {
    require(normal_path(mount.where) == mount.where && mount.where != "/",
            "a mount point is normal and below the root", mount.where);
    require(mount.device.empty() != mount.source.empty() || mount.source.empty(),
            "a device or a source", mount.where);
    require(!mount.is_bind || normal_path(mount.source) == mount.source,
            "the source of a bind mount is a path", mount.source);
    require(mount.flags.ends_with("ro") || mount.flags.ends_with("rw"), "ro or rw is last",
            mount.flags);
    require(mount.device.empty() || DeviceReference::parse(mount.device).has_value(),
            "a device can be waited for", mount.device);
}

void check_units(const std::vector<EarlyMount> &mounts, std::span<const std::string> taken,
                 MountStage stage) {
    std::set<std::string> names;
    for (const EarlyMount &mount : mounts) {
        check_mount(mount);
        require(names.insert(mount.unit_name()).second, "a mount point is used once", mount.where);
        if (mount.wants_check)
            names.insert("fsck-" + mount.unit_name());
    }
    const auto units = fuzz::imported(write_mount_units(mounts, taken, stage, {}), "fs");
    require(units.size() == names.size(), "every mount and every check becomes a unit");
    for (const Unit &unit : units) {
        require(names.contains(unit.name), "units have the names that others know", unit.name);
        require(!unit.is_template(), "what is to be mounted is no template", unit.name);
    }
}

std::vector<EarlyMount> extra_mounts(std::string_view text) {
    std::vector<EarlyMount> mounts;
    std::vector<std::string> complaints;
    for (const std::string &value : split_words(text, "\n")) {
        auto mount = parse_mount_extra(value, true, complaints);
        if (!mount)
            complaints.push_back(mount.error().message());
        else if (!std::ranges::contains(mounts, mount->where, &EarlyMount::where))
            mounts.push_back(*std::move(mount));
    }
    check_printable(complaints);
    return mounts;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    const auto extra = extra_mounts(parts.size() > 1 ? parts[1] : std::string());
    check_units(extra, {}, MountStage::before_fstab);
    FstabPolicy policy;
    policy.taken = taken_in_root(extra);
    const FstabPlan plan = plan_fstab("fstab", check_table(parts[0]), policy);
    check_printable(plan.problems);
    check_units(plan.mounts, policy.taken, MountStage::from_fstab);
    return 0;
}
