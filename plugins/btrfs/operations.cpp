// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/operations.h"

#include <cstring>
#include <format>
#include <utility>

#include "base/text.h"
#include "btrfs/assessment.h"

namespace slipway::btrfs {

using sdk::Outcome;

namespace {

constexpr std::string_view kMountOptions = "mount_options";
constexpr std::string_view kDegraded = "degraded";

Result<Superblock> read(DeviceBackend &backend, const std::string &devnode) {
    const auto bytes = backend.read_superblock(devnode);
    if (!bytes)
        return std::unexpected(bytes.error());
    auto block = parse_superblock(*bytes);
    if (!block)
        return std::unexpected(std::move(block.error()).with_context(devnode));
    return block;
}

// The file system brings no devices: its members are what is mounted, by these paths too.
std::vector<std::string> paths_of(const sdk::Device &device) {
    std::vector<std::string> paths = {device.devnode()};
    for (const std::string_view link : device.facts().list("links")) {
        if (!link.empty())
            paths.emplace_back(link);
    }
    return paths;
}

// The kernel shows the path that was registered last as the source of the mount; people and tools
// look for a mapping by its name.
std::string registered_path(const sdk::Device &device) {
    const std::string_view mapping = device.fact("dm_name");
    return mapping.empty() ? device.devnode() : "/dev/mapper/" + std::string(mapping);
}

// One run of activate.
class Activation {
public:
    Activation(sdk::Context &context, const sdk::Request &request, DeviceBackend &backend)
        : context_(context), request_(request), backend_(backend) {}

    Outcome run();

private:
    [[nodiscard]] std::vector<Member> read_members();
    [[nodiscard]] Result<> register_members();
    [[nodiscard]] Outcome judge();
    [[nodiscard]] Outcome wait_for_more();
    [[nodiscard]] Outcome start_degraded();
    [[nodiscard]] std::string what_is_missing() const;

    sdk::Context &context_;
    const sdk::Request &request_;
    DeviceBackend &backend_;
    Assessment assessment_;
};

// What cannot be read any more is as good as not there.
std::vector<Member> Activation::read_members() {
    std::vector<Member> members;
    for (const sdk::Device &device : request_.devices()) {
        const std::string node = registered_path(device);
        auto block = read(backend_, node);
        if (!block)
            context_.log(sdk::LogLevel::warning, block.error().message() + "; it is left out");
        else if (block->fs_uuid != request_.key())
            context_.log(sdk::LogLevel::warning,
                         std::format("{} now belongs to the file system {}; it is left out", node,
                                     block->fs_uuid));
        else
            members.push_back({std::string(device.syspath()), node, *std::move(block)});
    }
    return members;
}

Result<> Activation::register_members() {
    for (const Member &member : assessment_.members) {
        if (auto result = backend_.register_device(member.devnode); !result)
            return result;
    }
    return {};
}

std::string Activation::what_is_missing() const {
    return std::format("{} of {} devices of {}", assessment_.missing, assessment_.num_devices,
                       assessment_.name);
}

Outcome Activation::run() {
    assessment_ = assess(read_members());
    if (assessment_.members.empty())
        return context_.fail(std::format(
            "no device of the btrfs file system {} can be read; check the disks", request_.key()));
    if (!assessment_.problem.empty())
        return context_.fail(
            std::format("btrfs file system {}: {}", assessment_.name, assessment_.problem));
    if (const int code = context_.load_modules({"btrfs"}); code != 0)
        return context_.fail(std::format(
            "the kernel module btrfs cannot be loaded: {}; build the image again with it",
            std::strerror(code)));
    for (const Member &member : assessment_.left_out)
        context_.log(sdk::LogLevel::warning,
                     std::format("{} holds an older state of {}, of which all {} devices are there "
                                 "without it; it is left out",
                                 member.devnode, assessment_.name, assessment_.num_devices));
    context_.progress("registering the devices of " + assessment_.name);
    if (const auto result = register_members(); !result)
        return context_.fail(std::format("btrfs file system {}: {}; see the kernel log",
                                         assessment_.name, result.error().message()));
    return judge();
}

Outcome Activation::judge() {
    if (!assessment_.is_complete())
        return request_.mode() == sdk::Mode::degraded ? start_degraded() : wait_for_more();
    const auto is_ready = backend_.is_ready(assessment_.members.front().devnode);
    if (!is_ready)
        context_.log(sdk::LogLevel::warning, is_ready.error().message());
    else if (!*is_ready) // it counts devices of an older state that were registered before
        context_.log(sdk::LogLevel::warning,
                     std::format("the kernel says that devices of {} are missing, but all {} are "
                                 "there; the mount will tell",
                                 assessment_.name, assessment_.num_devices));
    return context_.done(
        std::format("{} devices of {} registered", assessment_.members.size(), assessment_.name));
}

Outcome Activation::wait_for_more() {
    context_.missing(what_is_missing());
    return context_.incomplete(
        std::format("{} missing; there are: {}", what_is_missing(), describe(assessment_)));
}

// Whether what is there is enough depends on the profiles of the data: the kernel decides at the
// mount.
Outcome Activation::start_degraded() {
    context_.log(sdk::LogLevel::warning,
                 std::format("{} missing, it will be mounted degraded; there are: {}",
                             what_is_missing(), describe(assessment_)));
    for (const Member &member : assessment_.members)
        context_.publish(member.syspath, kMountOptions, kDegraded);
    return context_.done(std::format("{} registered without {} of its {} devices", assessment_.name,
                                     assessment_.missing, assessment_.num_devices));
}

} // namespace

Outcome inspect_device(sdk::Context &context, const sdk::Request &request, DeviceBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const sdk::Device &device = devices.front();
    const std::string node = device.devnode();
    const auto block = read(backend, node);
    if (!block)
        return context.fail(block.error().message());
    // An inspection replaces what was published before; a degraded start stays one.
    if (device.fact(kMountOptions) == kDegraded)
        context.publish(device.syspath(), kMountOptions, kDegraded);
    if (block->num_devices == 1)
        return context.done(node + " is a file system on one device");
    context.member({.unit = "btrfs@" + block->fs_uuid,
                    .name = block->label.empty() ? block->fs_uuid : printable(block->label, 256),
                    .expected = static_cast<std::uint32_t>(block->num_devices),
                    .provides = paths_of(device)});
    return Outcome::done;
}

Outcome activate_file_system(sdk::Context &context, const sdk::Request &request,
                             DeviceBackend &backend) {
    return Activation(context, request, backend).run();
}

} // namespace slipway::btrfs
