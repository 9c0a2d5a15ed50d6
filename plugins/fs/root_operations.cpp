// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_operations.h"

#include <cstring>
#include <format>

#include "base/text.h"
#include "fs/check.h"
#include "fs/ext_superblock.h"
#include "fs/mount_plan.h"
#include "fs/root_options.h"
#include "fs/root_units.h"

namespace slipway::fs {

using sdk::Context;
using sdk::LogLevel;
using sdk::Outcome;
using sdk::Request;

namespace {

OptionList option_list(const sdk::Pairs &pairs) {
    OptionList options;
    for (std::size_t i = 0; i < pairs.raw().count; ++i) {
        const slipway_pair &pair = pairs.raw().items[i];
        options.emplace_back(sdk::view(pair.key), sdk::view(pair.value));
    }
    return options;
}

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
    return ProbedDevice{node_of(device), std::string(device.fact("fs_type")),
                        std::string(device.fact("fs_usage")), device.fact("fs_ambivalent") == "1"};
}

CheckRequest check_request(const Request &request, const ProbedDevice &device) {
    CheckRequest check;
    check.devnode = device.devnode;
    // A single type on the command line wins, as it does for the mount.
    const auto types = split_words(request.params().get("types"), ",");
    check.type = types.size() == 1 ? types.front() : device.type;
    const std::string_view mode = request.params().get("mode");
    check.mode = mode == "force"  ? CheckMode::force
                 : mode == "skip" ? CheckMode::skip
                                  : CheckMode::automatic;
    const std::string_view repair = request.params().get("repair");
    check.repair = repair == "yes" ? Repair::yes : repair == "no" ? Repair::no : Repair::preen;
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

Outcome run_checker(Context &context, CheckBackend &backend, const CheckPlan &plan) {
    context.progress(plan.note.empty() ? "checking " + plan.argv.back()
                                       : "checking " + plan.argv.back() + ": it " + plan.note);
    const sdk::RunResult result = context.run(plan.argv);
    complain(context,
             backend.append_log(join(plan.argv, " ") + "\n" + result.output + result.errors));
    const CheckVerdict verdict = judge_check(result.exit_code, plan.argv);
    switch (verdict.kind) {
    case CheckVerdict::Kind::good:
        complain(context, backend.mark_checked());
        return context.done(verdict.text);
    case CheckVerdict::Kind::doubtful:
        context.log(LogLevel::warning, verdict.text);
        return context.done(verdict.text);
    case CheckVerdict::Kind::bad:
        break;
    }
    return context.fail(verdict.text);
}

// Modules that cannot be loaded show up as a failed mount, which says what to do.
void load_type(Context &context, MountBackend &backend, const std::string &type) {
    if (backend.is_type_known(type))
        return;
    const std::string module = module_of_type(type);
    if (const int code = context.load_modules({module}); code != 0)
        context.log(LogLevel::debug, std::format("module {}: {}", module, std::strerror(code)));
}

} // namespace

Outcome import_root(Context &context, const Request &request) {
    const auto root = parse_root_options(option_list(request.options()));
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
        complain(context, backend.mark_checked());
        return context.done(plan.note);
    case CheckPlan::Step::warn:
        context.log(LogLevel::warning, plan.note);
        return context.done(plan.note);
    case CheckPlan::Step::run:
        break;
    }
    return run_checker(context, backend, plan);
}

Outcome mount_device(Context &context, const Request &request, MountBackend &backend) {
    const auto device = device_of(request);
    if (!device)
        return context.fail(device.error().message());
    const auto types = choose_types(*device, split_words(request.params().get("types"), ","));
    if (!types)
        return context.fail(types.error().message());
    const std::string target(request.params().get("target"));
    const std::string flags(request.params().get("flags"));
    std::string why;
    for (const std::string &type : *types) {
        load_type(context, backend, type);
        const MountFailure result = backend.mount(device->devnode, target, type, flags);
        if (result.code == 0)
            return context.done(
                std::format("{} mounted on {} as {} ({})", device->devnode, target, type, flags));
        why = explain_mount_failure(result.code, type, device->devnode, result.detail);
        context.log(LogLevel::debug, why);
    }
    return context.fail(why);
}

} // namespace slipway::fs
