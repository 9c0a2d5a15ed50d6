// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/activation.h"

#include <algorithm>
#include <cstring>
#include <format>
#include <map>

#include "base/text.h"
#include "lvm/segment_modules.h"

namespace slipway::lvm {

using sdk::Outcome;

namespace {

std::vector<std::string> missing_devices(const VolumeGroup &group) {
    std::vector<std::string> texts;
    for (const PhysicalVolume &volume : group.physical_volumes) {
        if (volume.is_missing)
            texts.push_back("physical volume " + volume.uuid +
                            (volume.last_node.empty() ? "" : ", last seen as " + volume.last_node));
    }
    return texts;
}

std::vector<std::string> full_names(const VolumeGroup &group,
                                    const std::vector<std::string> &names) {
    std::vector<std::string> full;
    for (const std::string &name : names)
        full.push_back(group.name + "/" + name);
    return full;
}

bool is_partial(const VolumeGroup &group, const std::string &name) {
    const LogicalVolume *volume = group.find(name);
    return volume != nullptr && volume->is_partial;
}

// Something built from `part`, such as a multipath map, shows all that is on it once more.
bool is_held_by(LvmBackend &backend, const sdk::Device &part, const sdk::Device &whole) {
    const std::string_view path = whole.syspath();
    return backend.exists(std::string(part.syspath()) + "/holders/" +
                          std::string(path.substr(path.rfind('/') + 1)));
}

} // namespace

Outcome Activation::run() {
    if (const auto taken = take_devices(); !taken)
        return context_.fail(taken.error().message());
    if (const int code = context_.load_modules({"dm_mod"}); code != 0)
        return context_.fail(
            std::format("the kernel module dm_mod cannot be loaded: {}; rebuild the "
                        "image with it",
                        std::strerror(code)));
    const auto group = find_group();
    if (!group)
        return context_.fail(group.error().message());
    const LvmOptions options = options_of(request_);
    if (is_nothing_missed(options))
        return context_.done(std::format("nothing more of {} is waited for", group->name));
    const Choice choice = choose_volumes(*group, options, request_.wanted());
    for (const std::string &name : choice.unknown)
        context_.log(sdk::LogLevel::error,
                     std::format("rd.lvm.lv={}: volume group {} has no such volume; see lvm lvs",
                                 name, group->name));
    for (const std::string &path : choice.left_out)
        context_.log(sdk::LogLevel::warning,
                     std::format("{} is waited for, but stays down: rd.lvm.lv= and rd.lvm.vg= name "
                                 "other volumes; add rd.lvm.lv={}",
                                 path, path));
    if (choice.volumes.empty())
        return context_.fail(
            std::format("volume group {} has no volume to activate; check root= and "
                        "rd.lvm.lv=",
                        group->name));
    return bring_up(*group, choice);
}

// lvm refuses the whole group when two devices are the same physical volume. A component of
// something that is another member does not count.
Result<> Activation::take_devices() {
    const auto devices = request_.devices();
    std::map<std::string, std::string, std::less<>> node_of; // by UUID
    for (const sdk::Device &device : devices) {
        const bool is_component = std::ranges::any_of(devices, [&](const sdk::Device &other) {
            return other.syspath() != device.syspath() && is_held_by(backend_, device, other);
        });
        const std::string node = device.devnode();
        if (node.empty() || is_component)
            continue;
        devices_.push_back(node);
        const std::string uuid(device.fact("fs_uuid"));
        if (uuid.empty())
            continue;
        const auto [known, is_new] = node_of.emplace(uuid, node);
        if (!is_new)
            return failure(std::format(
                "{} and {} are the same physical volume, {}: one is a copy, and which is meant "
                "nobody can tell; detach one, or give the copy an identity of its own with "
                "vgimportclone",
                known->second, node, uuid));
    }
    if (devices_.empty())
        return failure(
            std::format("unit {} was started without a physical volume", request_.unit()));
    return {};
}

Result<VolumeGroup> Activation::find_group() {
    auto group = read_group();
    if (group && add_unclaimed(*group))
        return read_group();
    return group;
}

Result<VolumeGroup> Activation::read_group() {
    auto report = backend_.report(devices_);
    if (!report)
        return std::unexpected(report.error());
    for (const std::string &warning : report->warnings)
        context_.log(sdk::LogLevel::debug, printable(warning, 500));
    const auto group = std::ranges::find(report->groups, request_.key(), &VolumeGroup::uuid);
    if (group == report->groups.end())
        return failure(std::format("{}: no volume group with the UUID {} is there any more; check "
                                   "it with lvm pvs in the emergency shell",
                                   join(devices_, ", "), request_.key()));
    return std::move(*group);
}

// A physical volume whose own metadata is damaged, or that has none, is no member: only the others
// know of it.
bool Activation::add_unclaimed(const VolumeGroup &group) {
    bool is_one_found = false;
    for (const PhysicalVolume &volume : group.physical_volumes) {
        if (!volume.is_missing)
            continue;
        const auto node = backend_.find_device(volume.uuid);
        if (!node || std::ranges::contains(devices_, *node))
            continue;
        context_.log(sdk::LogLevel::notice,
                     std::format("{} is physical volume {} of {}, though it does not say so itself",
                                 *node, volume.uuid, group.name));
        devices_.push_back(*node);
        is_one_found = true;
    }
    return is_one_found;
}

// A RAID that is started without a member has to be rebuilt, so that is done for a need only.
bool Activation::is_nothing_missed(const LvmOptions &options) const {
    return is_degraded_ && request_.wanted().empty() && !options.names_anything() &&
           !options.is_automatic;
}

Outcome Activation::bring_up(const VolumeGroup &group, const Choice &choice) {
    Choice ready = choice;
    std::erase_if(ready.volumes, [&](const std::string &name) {
        return (!is_degraded_ && is_partial(group, name)) ||
               backend_.exists(group.find(name)->mapper_path);
    });
    if (ready.volumes.empty())
        return judge(group, choice, {});
    return judge(group, choice, activate(group, ready));
}

Result<> Activation::activate(const VolumeGroup &group, const Choice &choice) {
    context_.progress(
        std::format("activating {} of volume group {}", join(choice.volumes, ", "), group.name));
    load_modules(group, choice.volumes);
    return backend_.activate({full_names(group, choice.volumes), devices_, is_degraded_,
                              choice.includes_skipped, system_id_for(group)});
}

// Whether the image is to blame for a module that is missing shows when the volume stays down: the
// kernel may have it built in.
void Activation::load_modules(const VolumeGroup &group, const std::vector<std::string> &names) {
    for (const std::string &module : modules_of(group, names)) {
        if (const int code = context_.load_modules({module}); code != 0)
            module_problems_ += std::format("; kernel module {}: {}, rebuild the image with it",
                                            module, std::strerror(code));
    }
}

// lvm.conf may say that the machine is known by its host name, which an initrd does not have.
std::string Activation::system_id_for(const VolumeGroup &group) {
    const bool is_own = !group.system_id.empty() && group.system_id == backend_.host_name();
    return is_own ? group.system_id : std::string();
}

// With --sysinit lvm may end with success although a volume stayed down; the nodes tell. Without
// udevd lvm made them itself; PID 1 replaces them by links when the kernel announces the devices.
Outcome Activation::judge(const VolumeGroup &group, const Choice &choice, const Result<> &result) {
    std::vector<std::string> lacking;
    std::vector<std::string> down;
    for (const std::string &name : choice.volumes) {
        if (!backend_.exists(group.find(name)->mapper_path))
            (is_partial(group, name) ? lacking : down).push_back(name);
    }
    tell_degraded(group, choice);
    const std::string names = join(full_names(group, down), ", ");
    const bool is_all_down = down.size() + lacking.size() == choice.volumes.size();
    if (!down.empty() && (!is_all_down || !lacking.empty()))
        context_.log(sdk::LogLevel::warning,
                     std::format("{} not activated: {}", names, why_down(result)));
    if (!lacking.empty()) {
        if (!result)
            context_.log(sdk::LogLevel::info, result.error().message());
        return lacks_devices(group, lacking);
    }
    if (down.empty())
        return context_.done(
            std::format("{} of {} activated", join(choice.volumes, ", "), group.name));
    // What a goal needs may be among those that are up; if not, the wait for it says so.
    if (!is_all_down)
        return context_.done(std::format("activated without {}", names));
    return context_.fail(std::format("{} cannot be activated: {}; see lvm lvs -a in the emergency "
                                     "shell, or run lvm lvchange -ay there",
                                     names, why_down(result)));
}

Outcome Activation::lacks_devices(const VolumeGroup &group,
                                  const std::vector<std::string> &volumes) {
    const auto missing = missing_devices(group);
    for (const std::string &device : missing)
        context_.missing(device);
    return context_.incomplete(std::format(
        "{} cannot be activated{}: {} of {} physical volumes of {} are missing ({}); "
        "connect the missing disks",
        join(full_names(group, volumes), ", "), is_degraded_ ? ", not even degraded" : "",
        missing.size(), group.physical_volumes.size(), group.name, join(missing, "; ")));
}

std::string Activation::why_down(const Result<> &result) const {
    return (result ? "lvm gave no reason, perhaps activation/volume_list in lvm.conf leaves it out"
                   : result.error().message()) +
           module_problems_;
}

void Activation::tell_degraded(const VolumeGroup &group, const Choice &choice) {
    for (const std::string &name : choice.volumes) {
        if (is_degraded_ && is_partial(group, name) &&
            backend_.exists(group.find(name)->mapper_path))
            context_.log(sdk::LogLevel::warning,
                         std::format("{}/{} is degraded, it runs without {}; replace the disk and "
                                     "run lvconvert --repair",
                                     group.name, name, join(missing_devices(group), "; ")));
    }
}

} // namespace slipway::lvm
