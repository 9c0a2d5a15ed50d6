// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/inspect.h"

#include <format>
#include <string>

#include "iscsi/iscsi_options.h"

namespace slipway::iscsi {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

constexpr std::string_view kAlias = "/dev/root";

void join(sdk::Context &context, std::string_view key, std::string_view name, bool is_root) {
    sdk::Membership membership{.unit = std::format("iscsi@{}", key),
                               .name = std::string(name),
                               .expected = 0, // as many as there are interfaces; one may do
                               .provides = {}};
    if (is_root)
        membership.provides.emplace_back(kAlias);
    context.member(membership);
}

// Is this the disk that the login meant, or a partition of it?
bool is_root_disk(std::string_view disk, const SessionTable &sessions, const RunFiles &files) {
    const auto root = files.read_root_disk();
    const auto session = root ? sessions.session_of(disk) : std::nullopt;
    return session && session->target == root->target && lun_of(disk) == root->lun;
}

} // namespace

Outcome inspect_interface(sdk::Context &context, const sdk::Request &request) {
    const IscsiOptions options = read_options(request.options());
    for (const sdk::Device &interface : request.devices()) {
        for (const ConfiguredTarget &configured : options.targets) {
            const Target &target = configured.target;
            if (target.netdev.empty() || target.netdev == interface.fact("uevent.INTERFACE"))
                join(context, configured.key, target.name, false);
        }
        if (options.uses_firmware)
            join(context, kFirmwareKey, "of the firmware", false);
        if (options.uses_lease && is_iscsi_root_path(interface.fact("dhcp_root_path")))
            join(context, kLeaseKey, "of the lease", options.root_key == kLeaseKey);
    }
    return Outcome::done;
}

Outcome inspect_disk(sdk::Context &context, const sdk::Request &request,
                     const SessionTable &sessions, const RunFiles &files) {
    for (const sdk::Device &device : request.devices()) {
        const std::string_view disk = device.fact("disk");
        if (!is_root_disk(disk, sessions, files))
            continue;
        if (device.fact("devtype") != "partition" && device.fact("pt_type").empty()) {
            context.publish(device.syspath(), "aliases", kAlias);
            continue;
        }
        const std::size_t count = sessions.count_partitions(disk);
        if (device.fact("devtype") == "partition" && count == 1)
            context.publish(device.syspath(), "aliases", kAlias);
        else if (device.fact("devtype") != "partition" && count != 1)
            context.log(LogLevel::error,
                        std::format("{} is the iSCSI disk of the root, but has {} partitions; say "
                                    "which one: netroot=iscsi:… with root=UUID=… or root=LABEL=…",
                                    device.devnode(), count));
    }
    return Outcome::done;
}

} // namespace slipway::iscsi
