// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_operations.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <format>
#include <optional>
#include <utility>

#include "base/text.h"
#include "fs/check.h"
#include "fs/early_mount_units.h"
#include "fs/ext_superblock.h"
#include "fs/fstab.h"
#include "fs/fstab_plan.h"
#include "fs/mount_plan.h"
#include "fs/root_options.h"
#include "fs/root_units.h"
#include "system/option_list.h"

namespace slipway::fs {

using sdk::Context;
using sdk::LogLevel;
using sdk::Outcome;
using sdk::Request;

namespace {

constexpr const char *kRoot = "/sysroot";
constexpr const char *kFstab = "/etc/fstab";

// The name that ends up in mountinfo: people and tools look for a mapping by its own name, not by
// the number that it happens to have in this boot.
std::string node_of(const sdk::Device &device) {
    const std::string_view mapping = device.fact("dm_name");
    return mapping.empty() ? device.devnode() : "/dev/mapper/" + std::string(mapping);
}

// The engine hands over the device that answers to the unit's reference; without it nothing can be
// done.
Result<ProbedDevice> device_of(const Request &request) {
    const auto devices = request.devices();
    if (devices.empty() || devices.front().devnode().empty())
        return failure(std::format(
            "unit {} was started without a device; its unit needs device = \"…\"", request.unit()));
    const sdk::Device &device = devices.front();
    return ProbedDevice{.devnode = node_of(device),
                        .type = std::string(device.fact("fs_type")),
                        .usage = std::string(device.fact("fs_usage")),
                        .is_ambivalent = device.fact("fs_ambivalent") == "1",
                        .uuid = std::string(device.fact("fs_uuid")),
                        .options = std::string(device.fact("mount_options"))};
}

// Of the disk that udevd locks while it probes the device; "" where no udevd runs. The kernel
// writes
// '!' for the slashes of a name in sysfs.
std::string disk_that_udevd_locks(const Request &request) {
    const auto devices = request.devices();
    if (devices.empty() || devices.front().fact("initialized") != "1")
        return {};
    const std::string_view path = devices.front().fact("disk");
    std::string name(path.substr(path.rfind('/') + 1));
    std::ranges::replace(name, '!', '/');
    return name.empty() ? name : "/dev/" + name;
}

CheckPolicy policy_of(const Request &request) {
    const std::string_view mode = request.params().get("mode");
    const std::string_view repair = request.params().get("repair");
    return {mode == "force"  ? CheckMode::force
            : mode == "skip" ? CheckMode::skip
            : mode == "look" ? CheckMode::look
                             : CheckMode::automatic,
            repair == "yes"  ? Repair::yes
            : repair == "no" ? Repair::no
                             : Repair::preen};
}

CheckRequest check_request(const Request &request, const ProbedDevice &device) {
    CheckRequest check;
    check.devnode = device.devnode;
    // A single type on the command line wins, as it does for the mount.
    const auto types = split_words(request.params().get("types"), ",");
    check.type = types.size() == 1 ? types.front() : device.type;
    const CheckPolicy policy = policy_of(request);
    check.mode = policy.mode;
    check.repair = policy.repair;
    return check;
}

CheckState look_at_superblock(Context &context, CheckBackend &backend, const std::string &devnode) {
    const auto bytes = backend.read(devnode, ExtSuperblock::kOffset, ExtSuperblock::kBytes);
    if (!bytes) {
        context.log(LogLevel::debug, bytes.error().message());
        return {};
    }
    const auto block = ExtSuperblock::parse(*bytes);
    if (!block)
        return {};
    const std::int64_t now = backend.now();
    return {true, block->reason_to_check(now), block->only_needs_journal_replay(now)};
}

// A failed note does not fail the check.
void complain(Context &context, const Result<> &result) {
    if (!result)
        context.log(LogLevel::warning, result.error().message());
}

// Tells the host that it need not check again, if it would look for that.
void mark_checked(Context &context, const Request &request, CheckBackend &backend) {
    const std::string_view marker = request.params().get("marker");
    if (!marker.empty())
        complain(context, backend.mark_checked(marker));
}

Outcome run_checker(Context &context, const Request &request, CheckBackend &backend,
                    const CheckPlan &plan) {
    context.progress(plan.note.empty() ? "checking " + plan.argv.back()
                                       : "checking " + plan.argv.back() + ": it " + plan.note);
    UniqueFd lock;
    if (const std::string disk = disk_that_udevd_locks(request); !disk.empty())
        complain(context, backend.lock_disk(disk).transform(
                              [&lock](UniqueFd &&locked) { lock = std::move(locked); }));
    const sdk::RunResult result = context.run(plan.argv);
    lock.reset();
    complain(context,
             backend.append_log(join(plan.argv, " ") + "\n" + result.output + result.errors));
    const CheckVerdict verdict = judge_check(result.exit_code, plan.argv);
    switch (verdict.kind) {
    case CheckVerdict::Kind::good:
        mark_checked(context, request, backend);
        return context.done(verdict.text);
    case CheckVerdict::Kind::doubtful:
        context.log(LogLevel::warning, verdict.text);
        return context.done(verdict.text);
    case CheckVerdict::Kind::bad:
        break;
    }
    return context.fail(verdict.text);
}

// Bit 60 of the entry's flags, by the Discoverable Partitions Specification.
bool is_marked_read_only(const sdk::Device &device) {
    constexpr std::uint64_t kReadOnly = std::uint64_t{1} << 60U;
    std::string_view digits = device.fact("part_flags");
    if (digits.starts_with("0x"))
        digits.remove_prefix(2);
    std::uint64_t flags = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), flags, 16);
    return error == std::errc() && end == digits.data() + digits.size() && (flags & kReadOnly) != 0;
}

// What is mounted: a node or path of this process's tree, and the types to try.
struct MountSource {
    std::string node;
    std::vector<std::string> types;
    std::optional<ProbedDevice> device;
};

Result<MountSource> source_of(const Request &request, MountBackend &backend) {
    const auto params = request.params();
    const auto types = split_words(params.get("types"), ",");
    if (const auto bind = params.find("bind")) {
        const std::string root(params.get("root"));
        auto path =
            root.empty() ? Result<std::string>(*bind) : backend.resolve(root, std::string(*bind));
        if (!path)
            return std::unexpected(std::move(path).error());
        return MountSource{*std::move(path), {"none"}, {}};
    }
    if (const auto source = params.find("source"))
        return MountSource{std::string(*source), types, {}};
    const auto device = device_of(request);
    if (!device)
        return std::unexpected(device.error());
    auto chosen = choose_types(*device, types);
    if (!chosen)
        return std::unexpected(std::move(chosen).error());
    MountSource source{device->devnode, *std::move(chosen), *device};
    if (params.get("auto") == "yes" && is_marked_read_only(request.devices().front()))
        source.device->options += source.device->options.empty() ? "ro" : ",ro";
    return source;
}

// A path of another root is resolved inside it: its links must not lead out.
Result<std::string> target_of(const Request &request, MountBackend &backend) {
    std::string target(request.params().get("target"));
    const std::string root(request.params().get("root"));
    if (root.empty())
        return target;
    auto path = backend.resolve(root, target);
    if (!path)
        return std::unexpected(std::move(path).error().with_context(std::format(
            "the mount point {} cannot be used; make it on the running system: mkdir -p {}",
            printable(target, 300), printable(target, 300))));
    return path;
}

// Of an image that is being made: the root's fstab is at hand, and nothing runs yet.
Outcome preview_fstab(Context &context, const Request &request) {
    FstabPolicy policy;
    if (const auto root = parse_root_options(sdk::option_list(request.options()))) {
        if (!root->reads_fstab)
            return context.done("switched off by rd.fstab=0");
        policy.taken = taken_in_root(root->mounts);
    }
    const std::string_view file = request.params().get("file");
    const FstabPlan plan =
        plan_fstab(file, parse_fstab(file, request.params().get("text")), policy);
    for (const std::string &problem : plan.problems)
        context.log(LogLevel::warning, problem);
    return Outcome::done;
}

// Modules that cannot be loaded show up as a failed mount, which says what to do.
void load_type(Context &context, MountBackend &backend, const std::string &type) {
    if (type == "none" || backend.is_type_known(type)) // of a bind mount: no type at all
        return;
    const std::string module = module_of_type(type);
    if (const int code = context.load_modules({module}); code != 0)
        context.log(LogLevel::debug, std::format("module {}: {}", module, std::strerror(code)));
}

// Names are reused, and another disk with the node of the first may have come since it was probed.
Result<UniqueFd> hold_source(Context &context, MountBackend &backend, const MountSource &source) {
    if (!source.device || source.device->type.empty() || source.device->uuid.empty())
        return UniqueFd();
    auto held = backend.hold(source.node, source.device->type);
    if (!held && held.error().code() == ENOTSUP) {
        context.log(LogLevel::debug, held.error().message());
        return UniqueFd();
    }
    if (!held)
        return std::unexpected(std::move(held).error().with_context(
            "cannot look at the file system once more; check the device's cable or medium"));
    if (held->fs_uuid != source.device->uuid)
        return failure(explain_other_content(*source.device, held->fs_uuid), ESTALE);
    return std::move(held->pin);
}

struct MountAttempt {
    int code = 0;
    std::string text; // of a success what was done, of a failure why and what to do
};

MountAttempt try_mount(Context &context, MountBackend &backend, const MountSource &source,
                       const std::string &target, const std::string &type, std::string_view asked) {
    load_type(context, backend, type);
    const MountFlags flags = choose_flags(asked, source.device ? source.device->options : "", type);
    const MountResult result = backend.mount(source.node, target, type, flags.words);
    if (result.code != 0)
        return {result.code,
                explain_mount_failure({.code = result.code,
                                       .type = type,
                                       .devnode = source.node,
                                       .flags = flags.words,
                                       .found_type = source.device ? source.device->type : "",
                                       .detail = result.detail})};
    if (!flags.notice.empty())
        context.log(LogLevel::notice, source.node + ": " + flags.notice);
    if (result.is_forced_read_only)
        context.log(LogLevel::warning,
                    source.node + " is write-protected: mounted ro, not rw; switch the protection "
                                  "off, or boot with ro");
    return {0, std::format("{} mounted on {} as {} ({})", source.node, target, type, flags.words)};
}

} // namespace

Outcome import_root(Context &context, const Request &request, bool knows_boot_partition) {
    if (request.params().has("text"))
        return preview_fstab(context, request);
    const auto root = parse_root_options(sdk::option_list(request.options()), knows_boot_partition);
    if (!root)
        return context.fail(root.error().message());
    for (const std::string &warning : root->warnings)
        context.log(LogLevel::warning, warning);
    context.units(write_root_units(*root));
    return Outcome::done;
}

Outcome check_device(Context &context, const Request &request, CheckBackend &backend) {
    const auto device = device_of(request);
    if (!device)
        return context.fail(device.error().message());
    CheckRequest check = check_request(request, *device);
    CheckState state;
    if (check.mode != CheckMode::skip && is_ext(check.type))
        state = look_at_superblock(context, backend, check.devnode);
    if (check.mode != CheckMode::skip && is_checkable(check.type))
        check.checker = backend.find_checker(check.type);
    const CheckPlan plan = plan_check(check, state);
    switch (plan.step) {
    case CheckPlan::Step::skip:
        return context.done(plan.note);
    case CheckPlan::Step::clean:
        mark_checked(context, request, backend);
        return context.done(plan.note);
    case CheckPlan::Step::warn:
        context.log(LogLevel::warning, plan.note);
        return context.done(plan.note);
    case CheckPlan::Step::run:
        break;
    }
    return run_checker(context, request, backend, plan);
}

Outcome mount_device(Context &context, const Request &request, MountBackend &backend) {
    const auto source = source_of(request, backend);
    if (!source)
        return context.fail(source.error().message());
    const auto target = target_of(request, backend);
    if (!target)
        return context.fail(target.error().message());
    const auto pin = hold_source(context, backend, *source);
    if (!pin)
        return context.fail(pin.error().message());
    MountAttempt attempt;
    for (const std::string &type : source->types) {
        const auto attempt_as = [&](std::string_view name) {
            return try_mount(context, backend, *source, *target, std::string(name),
                             request.params().get("flags"));
        };
        attempt = attempt_as(type);
        if (attempt.code == ENODEV && !substitute_type(type).empty())
            attempt = attempt_as(substitute_type(type));
        if (attempt.code == 0)
            return context.done(attempt.text);
        context.log(LogLevel::debug, attempt.text);
    }
    return attempt.code == EBUSY ? context.retry(attempt.text) : context.fail(attempt.text);
}

Outcome mount_from_fstab(Context &context, const Request &request, MountBackend &backend) {
    const auto text = backend.read_file(kRoot, kFstab, kMaxFstabBytes + 1);
    if (!text && text.error().code() == ENOENT)
        return context.done("the root has no fstab");
    if (!text)
        return context.fail(text.error().message() + "; check the root file system, or boot with "
                                                     "rd.fstab=0 if it needs no mount of its own");
    FstabPolicy policy;
    policy.is_usr_writable = request.params().get("usr") == "rw";
    policy.taken = split_words(request.params().get("taken"), "\n");
    const FstabPlan plan = plan_fstab(kFstab, parse_fstab(kFstab, *text), policy);
    for (const std::string &problem : plan.problems)
        context.log(LogLevel::warning, problem);
    if (plan.mounts.empty())
        return context.done("nothing in it is for the initrd");
    context.units(
        write_mount_units(plan.mounts, policy.taken, MountStage::from_fstab, policy_of(request)));
    std::vector<std::string> points;
    for (const EarlyMount &mount : plan.mounts)
        points.push_back(mount.where);
    return context.done("to be mounted: " + join(points, ", "));
}

} // namespace slipway::fs
