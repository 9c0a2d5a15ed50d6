// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/fstab_plan.h"

#include <algorithm>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway::fs {

namespace {

class FstabPlanning {
public:
    FstabPlanning(std::string_view file, const FstabPolicy &policy)
        : file_(file), policy_(policy) {}

    void add(const FstabEntry &entry);
    FstabPlan plan;

private:
    void add_early(const FstabEntry &entry, const std::string &where, MountOptions options);
    void complain(const FstabEntry &entry, std::string_view what) {
        plan.problems.push_back(
            std::format("{}:{}: {}: {}", file_, entry.line, printable(entry.target, 200), what));
    }

    std::string_view file_;
    const FstabPolicy &policy_;
};

void FstabPlanning::add(const FstabEntry &entry) {
    MountOptions options = read_mount_options(entry.options);
    const auto where = normal_path(entry.target);
    const bool is_usr = where == "/usr";
    if (!is_usr && !options.is_for_initrd)
        return; // the host's business
    if (entry.type == "swap")
        return complain(entry, "swap is not switched on in the initrd; the host does it");
    if (!where)
        return complain(entry, "the mount point must be an absolute path without \"..\"; the line "
                               "is left out");
    if (*where == "/")
        return; // mounted already, as root= says
    if (options.is_manual && !is_usr)
        return complain(entry, "noauto and x-initrd.mount contradict each other; not mounted");
    if (std::ranges::contains(policy_.taken, *where))
        return; // the command line has the last word
    if (std::ranges::contains(plan.mounts, *where, &EarlyMount::where))
        return complain(entry, "a line before has the same mount point; this one is left out");
    add_early(entry, *where, std::move(options));
}

void FstabPlanning::add_early(const FstabEntry &entry, const std::string &where,
                              MountOptions options) {
    const bool is_usr = where == "/usr";
    if (is_usr) { // what the handover contract says about it
        options.may_fail = false;
        options.writable = policy_.is_usr_writable;
    }
    auto mount = make_early_mount(entry.source, where, entry.type, options);
    if (!mount)
        return complain(entry, mount.error().message() + "; not mounted in the initrd");
    mount->wants_check = entry.passno != 0 && !mount->device.empty();
    for (const std::string &complaint : options.complaints)
        complain(entry, complaint);
    plan.mounts.push_back(*std::move(mount));
}

} // namespace

FstabPlan plan_fstab(std::string_view file, const Fstab &fstab, const FstabPolicy &policy) {
    FstabPlanning planning(file, policy);
    planning.plan.problems = fstab.problems;
    for (const FstabEntry &entry : fstab.entries)
        planning.add(entry);
    return std::move(planning.plan);
}

} // namespace slipway::fs
