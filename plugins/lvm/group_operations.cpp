// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/group_operations.h"

#include <algorithm>
#include <format>

#include "base/text.h"
#include "lvm/activation.h"
#include "lvm/volume_choice.h"

namespace slipway::lvm {

using sdk::Outcome;

namespace {

// The label says that the device is in use, but no metadata says by whom. With vgcreate
// --metadatacopies that is as it should be; then lvm complains of nothing else.
Outcome inspect_stray(sdk::Context &context, const std::string &node, const Report &report) {
    if (!std::ranges::contains(report.strays, node))
        return context.done(node + " belongs to no volume group");
    if (report.warnings.empty() || report.warnings.front().contains("is marked in use"))
        return context.done(node + " holds no metadata of its volume group; it is found when "
                                   "another physical volume of the group names it");
    return context.fail(std::format(
        "{}: the LVM metadata is damaged: {}; restore it from a rescue system with vgcfgrestore, "
        "which needs the copy that the installed system keeps in /etc/lvm/backup",
        node, printable(report.warnings.front(), 200)));
}

} // namespace

LvmOptions options_of(const sdk::Request &request) {
    LvmOptions options;
    if (const auto value = request.options().find("rd.lvm"))
        options.is_enabled = parse_boolean(*value).value_or(true);
    if (const auto value = request.options().find("rd.auto"))
        options.is_automatic = parse_boolean(*value).value_or(true);
    const auto list = [&request](std::string_view key) {
        std::vector<std::string> values;
        for (const std::string_view value : request.options().list(key)) {
            // "/dev/vg0/root" is accepted for "vg0/root".
            const std::string_view name = value.starts_with("/dev/") ? value.substr(5) : value;
            if (!name.empty())
                values.emplace_back(name);
        }
        return values;
    };
    options.groups = list("rd.lvm.vg");
    options.volumes = list("rd.lvm.lv");
    return options;
}

Outcome inspect_volume(sdk::Context &context, const sdk::Request &request, LvmBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const std::string node = devices.front().devnode();
    const LvmOptions options = options_of(request);
    if (!options.is_enabled)
        return context.done("switched off by rd.lvm=0");
    const auto report = backend.report({node});
    if (!report)
        return context.fail(std::format("{}: {}", node, report.error().message()));
    if (report->groups.empty())
        return inspect_stray(context, node, *report);
    const VolumeGroup &group = report->groups.front();
    if (!is_group_allowed(options, group.name))
        return context.done(std::format(
            "volume group {} is not among those of rd.lvm.vg= and rd.lvm.lv=", group.name));
    sdk::Membership member{"lvm@" + group.uuid, group.name, std::max(group.pv_count, 1U), {}};
    for (const LogicalVolume &volume : group.logical_volumes) {
        // Skipped volumes and snapshots come when they are named.
        if (!std::ranges::contains(volume.roles, "public"))
            continue;
        member.provides.push_back(volume.mapper_path);
        member.provides.push_back(group.link_path(volume));
    }
    context.member(member);
    return Outcome::done;
}

Outcome activate_group(sdk::Context &context, const sdk::Request &request, LvmBackend &backend) {
    return Activation(context, request, backend).run();
}

bool reads_configuration(const sdk::Request &request) {
    const auto value = request.options().find("rd.lvm.conf");
    return !value || parse_boolean(*value).value_or(true);
}

} // namespace slipway::lvm
