// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/check.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/text.h"

namespace slipway::fs {

namespace {

constexpr std::array<std::string_view, 16> kWithoutChecker = {
    "xfs", "btrfs", "squashfs", "erofs", "iso9660",  "udf",      "tmpfs", "overlay",
    "nfs", "nfs4",  "cifs",     "9p",    "virtiofs", "bcachefs", "zfs",   "ramfs"};

// Bits of the exit code, fsck(8).
constexpr int kCorrected = 1;
constexpr int kRebootNeeded = 2;
constexpr int kErrorsLeft = 4;
constexpr int kCancelled = 32;
// Who was killed has these codes; beyond them is what programs return that do not know fsck(8).
constexpr int kSignals = 128;
constexpr int kMaxSignal = 64;

std::vector<std::string> command(const CheckRequest &request) {
    std::vector<std::string> argv = {request.checker};
    const bool is_f2fs = request.type == "f2fs";
    // "-a" is the name that all checkers know for e2fsck's "-p".
    argv.emplace_back(request.repair == Repair::yes  ? "-y"
                      : request.repair != Repair::no ? "-a"
                      : is_f2fs                      ? "--dry-run"
                                                     : "-n");
    // Elsewhere the word means other things: fsck.vfat would make files of lost clusters.
    if (request.mode == CheckMode::force && (is_ext(request.type) || is_f2fs))
        argv.emplace_back("-f");
    argv.push_back(request.devnode);
    return argv;
}

CheckPlan without_checker(const CheckRequest &request, const CheckState &state) {
    const std::string why =
        state.is_known && !state.reason.empty() ? state.reason : "may want a check";
    if (state.journal_only)
        return {CheckPlan::Step::skip, {}, why + "; mounting does that"};
    return {CheckPlan::Step::warn,
            {},
            std::format(
                "{} {}, but the image has no fsck.{}: mounted unchecked; install the package of "
                "fsck.{} and rebuild the image",
                request.devnode, why, request.type, request.type)};
}

CheckPlan without_touching(const CheckRequest &request, const CheckState &state) {
    const std::string why = "not checked: rd.overlay leaves the file system as it is";
    if (!state.is_known || state.reason.empty())
        return {CheckPlan::Step::skip, {}, why};
    if (state.journal_only)
        return {CheckPlan::Step::skip, {}, why + ", but for its journal, which the mount replays"};
    return {CheckPlan::Step::warn,
            {},
            std::format("{} {}: {}; boot once without rd.overlay to have it checked, or with "
                        "fsck.mode=force",
                        request.devnode, state.reason, why)};
}

} // namespace

bool is_checkable(std::string_view type) noexcept {
    return !type.empty() && std::ranges::find(kWithoutChecker, type) == kWithoutChecker.end();
}

bool is_ext(std::string_view type) noexcept {
    return type == "ext2" || type == "ext3" || type == "ext4";
}

CheckPlan plan_check(const CheckRequest &request, const CheckState &state) {
    using Step = CheckPlan::Step;
    if (request.mode == CheckMode::skip)
        return {Step::skip, {}, "not checked: the kernel command line says so"};
    if (request.type.empty())
        return {Step::skip, {}, "not checked: the file system is not known"};
    if (!is_checkable(request.type))
        return {Step::skip,
                {},
                "not checked: " + request.type + " needs no check before it is mounted"};
    if (request.mode != CheckMode::force && state.is_known && state.reason.empty())
        return {Step::clean, {}, "clean"};
    if (request.mode == CheckMode::look)
        return without_touching(request, state);
    if (request.checker.empty())
        return without_checker(request, state);
    return {Step::run, command(request), state.reason};
}

CheckVerdict judge_check(int exit_code, const std::vector<std::string> &argv) {
    using Kind = CheckVerdict::Kind;
    const std::string line = join(argv, " ");
    if (exit_code == 0)
        return {Kind::good, "clean"};
    if (exit_code == kCorrected)
        return {Kind::good, "errors were corrected"};
    if (exit_code == -1)
        return {Kind::doubtful, std::format("{} could not be started; mounted unchecked", line)};
    if (exit_code > kSignals && exit_code <= kSignals + kMaxSignal)
        return {Kind::bad,
                std::format("{} was killed by signal {}; run it again in the emergency shell", line,
                            exit_code - kSignals)};
    if (exit_code < kSignals && (exit_code & kErrorsLeft) != 0)
        return {Kind::bad, std::format("{} left errors uncorrected (exit code {}); run this in the "
                                       "emergency shell: {} -y {}",
                                       line, exit_code, argv.front(), argv.back())};
    if ((exit_code & ~(kCorrected | kRebootNeeded)) == 0)
        return {Kind::doubtful, std::format("{} corrected errors and asks for a reboot", line)};
    if (exit_code < kSignals && (exit_code & kCancelled) != 0)
        return {Kind::doubtful, std::format("{} was cancelled; mounted unchecked", line)};
    return {Kind::bad,
            std::format("{} failed (exit code {}), see /run/initramfs/fsck.log; correct the "
                        "cause, or boot once with fsck.mode=skip",
                        line, exit_code)};
}

} // namespace slipway::fs
