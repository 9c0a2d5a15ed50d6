// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/group_operations.h"

#include <algorithm>
#include <cstring>
#include <format>

#include "base/text.h"
#include "lvm/volume_choice.h"

namespace slipway::lvm {

using sdk::Outcome;

namespace {

std::vector<std::string> option_list(const sdk::Pairs &options, std::string_view key) {
    std::vector<std::string> values;
    for (const std::string_view value : options.list(key)) {
        // "/dev/vg0/root" is accepted for "vg0/root".
        const std::string_view name = value.starts_with("/dev/") ? value.substr(5) : value;
        if (!name.empty())
            values.emplace_back(name);
    }
    return values;
}

LvmOptions options_of(const sdk::Request &request) {
    LvmOptions options;
    if (const auto value = request.options().find("rd.lvm"))
        options.is_enabled = parse_boolean(*value).value_or(true);
    if (const auto value = request.options().find("rd.auto"))
        options.is_automatic = parse_boolean(*value).value_or(true);
    options.groups = option_list(request.options(), "rd.lvm.vg");
    options.volumes = option_list(request.options(), "rd.lvm.lv");
    return options;
}

std::string missing_volumes(const VolumeGroup &group) {
    std::vector<std::string> uuids;
    for (const PhysicalVolume &volume : group.physical_volumes) {
        if (volume.is_missing)
            uuids.push_back(volume.uuid);
    }
    return join(uuids, ", ");
}

// One run of activate.
class Activation {
public:
    Activation(sdk::Context &context, const sdk::Request &request, LvmBackend &backend)
        : context_(context), request_(request), backend_(backend) {}

    Outcome run();

private:
    void load_modules(const VolumeGroup &group);
    [[nodiscard]] Outcome activate(const VolumeGroup &group, const std::vector<std::string> &names);
    [[nodiscard]] Outcome judge(const VolumeGroup &group, const std::vector<std::string> &names,
                                const Result<> &result);

    sdk::Context &context_;
    const sdk::Request &request_;
    LvmBackend &backend_;
    std::vector<std::string> devices_;
};

Outcome Activation::run() {
    for (const sdk::Device &device : request_.devices()) {
        if (std::string node = device.devnode(); !node.empty())
            devices_.push_back(std::move(node));
    }
    if (devices_.empty())
        return context_.fail(
            std::format("unit {} was started without a physical volume", request_.unit()));
    if (const int code = context_.load_modules({"dm_mod"}); code != 0)
        return context_.fail(
            std::format("the kernel module dm_mod cannot be loaded: {}; rebuild the "
                        "image with it",
                        std::strerror(code)));
    const auto groups = backend_.report(devices_);
    if (!groups)
        return context_.fail(groups.error().message());
    const auto group = std::ranges::find(*groups, request_.key(), &VolumeGroup::uuid);
    if (group == groups->end())
        return context_.fail(
            std::format("{}: no volume group with the UUID {} is there any more; check "
                        "it with lvm pvs in the emergency shell",
                        join(devices_, ", "), request_.key()));
    const Choice choice = choose_volumes(*group, options_of(request_), request_.wanted());
    for (const std::string &name : choice.unknown)
        context_.log(sdk::LogLevel::error,
                     std::format("rd.lvm.lv={}: volume group {} has no such volume; see lvm lvs",
                                 name, group->name));
    if (choice.volumes.empty())
        return context_.fail(
            std::format("volume group {} has no volume to activate; check root= and "
                        "rd.lvm.lv=",
                        group->name));
    return activate(*group, choice.volumes);
}

// The kernel and lvm ask modprobe for the module of a segment type, and an initrd need not have
// modprobe. Which types a volume is made of is known to lvm only, so all are loaded once one is
// needed.
void Activation::load_modules(const VolumeGroup &group) {
    if (std::ranges::all_of(group.logical_volumes, &LogicalVolume::is_plain))
        return;
    for (const char *module : {"dm_snapshot", "dm_mirror", "dm_raid", "dm_thin_pool",
                               "dm_cache_smq", "dm_writecache", "dm_integrity", "dm_vdo"}) {
        if (const int code = context_.load_modules({module}); code != 0)
            context_.log(sdk::LogLevel::debug,
                         std::format("module {}: {}", module, std::strerror(code)));
    }
}

Outcome Activation::activate(const VolumeGroup &group, const std::vector<std::string> &names) {
    context_.progress(
        std::format("activating {} of volume group {}", join(names, ", "), group.name));
    load_modules(group);
    std::vector<std::string> full_names;
    for (const std::string &name : names)
        full_names.push_back(group.name + "/" + name);
    const bool is_degraded = request_.mode() == sdk::Mode::degraded;
    return judge(group, names, backend_.activate(full_names, devices_, is_degraded));
}

// With --sysinit lvm may end with success although a volume stayed down; the nodes tell. lvm made
// them itself (no udevd runs); PID 1 replaces them by links when the kernel announces the devices.
Outcome Activation::judge(const VolumeGroup &group, const std::vector<std::string> &names,
                          const Result<> &result) {
    std::vector<std::string> down;
    for (const LogicalVolume &volume : group.logical_volumes) {
        if (std::ranges::contains(names, volume.name) && !backend_.exists(volume.mapper_path))
            down.push_back(group.name + "/" + volume.name);
    }
    const std::string missing = missing_volumes(group);
    if (down.empty())
        return context_.done(std::format("{} of {} activated", join(names, ", "), group.name));
    const std::string why = missing.empty()
                                ? (result ? "lvm gave no reason" : result.error().message())
                                : std::format("physical volumes are missing: {}", missing);
    if (down.size() < names.size()) {
        // What a goal needs may be among those that are up; if not, the wait for it says so.
        context_.log(sdk::LogLevel::warning,
                     std::format("{} not activated: {}", join(down, ", "), why));
        return context_.done(std::format("activated without {}", join(down, ", ")));
    }
    return context_.fail(
        std::format("{} cannot be activated: {}; connect the missing disks, or run lvm "
                    "lvchange -ay in the emergency shell",
                    join(down, ", "), why));
}

} // namespace

Outcome inspect_volume(sdk::Context &context, const sdk::Request &request, LvmBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const std::string node = devices.front().devnode();
    const LvmOptions options = options_of(request);
    if (!options.is_enabled)
        return context.done("switched off by rd.lvm=0");
    const auto groups = backend.report({node});
    if (!groups)
        return context.fail(std::format("{}: {}", node, groups.error().message()));
    if (groups->empty())
        return context.done(node + " belongs to no volume group");
    const VolumeGroup &group = groups->front();
    if (!is_group_allowed(options, group.name))
        return context.done(std::format(
            "volume group {} is not among those of rd.lvm.vg= and rd.lvm.lv=", group.name));
    sdk::Membership member{"lvm@" + group.uuid, group.name, std::max(group.pv_count, 1U), {}};
    for (const LogicalVolume &volume : group.logical_volumes) {
        if (!volume.is_activatable())
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
