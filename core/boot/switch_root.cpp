// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/switch_root.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>

namespace slipway {

namespace {

// In the order in which they are moved: /dev last, so that the console stays reachable by name.
constexpr std::array kMoved = {"/run", "/sys", "/proc", "/dev"};

constexpr const char *kConsole = "/dev/console";

MountRequest move_request(std::string from, std::string to) {
    return {.source = std::move(from),
            .target = std::move(to),
            .type = "",
            .flags = MS_MOVE,
            .data = ""};
}

} // namespace

Result<SwitchRoot::Plan> SwitchRoot::prepare(const Request &request) {
    if (auto checked = check_sysroot(request.sysroot); !checked)
        return std::unexpected(std::move(checked.error()));
    auto init = find_real_init(system_, request.sysroot, request.init);
    if (!init)
        return std::unexpected(std::move(init.error()));
    for (const char *name : kMoved) {
        if (auto prepared = prepare_mount_point(request.sysroot, name); !prepared)
            return std::unexpected(std::move(prepared.error()));
    }
    Plan plan;
    plan.sysroot = request.sysroot;
    plan.init = std::move(*init);
    if (!resolve_in_root(system_, request.sysroot, "/usr/lib/os-release") &&
        !resolve_in_root(system_, request.sysroot, "/etc/os-release"))
        plan.warnings.emplace_back("the real root has no /usr/lib/os-release: it may not be the "
                                   "root of an operating system");
    prepare_state(request, plan);
    plan.program.path = plan.init.path;
    plan.program.arguments =
        init_arguments(plan.init, plan.state ? plan.state.get() : -1, request.kernel_arguments);
    plan.program.environment = init_environment(request.kernel_environment);
    return plan;
}

Result<> SwitchRoot::check_sysroot(const std::string &sysroot) {
    const auto inner = system_.status(sysroot);
    const auto outer = system_.status("/");
    if (!inner || !outer)
        return std::unexpected((inner ? outer : inner).error());
    if (inner->device == outer->device)
        return failure("nothing is mounted on " + sysroot +
                       ": mount the real root there, then go on");
    return {};
}

Result<> SwitchRoot::prepare_mount_point(const std::string &sysroot, const std::string &name) {
    const std::string path = sysroot + name;
    // Followed now, a link would lead to the initrd's own directory.
    if (const auto target = system_.read_symlink(path))
        return failure(
            name + " in the real root is a link to " + *target +
            ": it must be a directory, because the kernel's file systems are moved there");
    if (const auto status = system_.status(path)) {
        if (S_ISDIR(status->mode))
            return {};
        return failure(name + " in the real root is not a directory", ENOTDIR);
    }
    auto made = system_.make_directories(path);
    if (!made && made.error().code() == EROFS)
        return failure(name + " is missing in the real root, which is mounted read-only: make the "
                              "directory there, or boot with rw once",
                       EROFS);
    if (!made)
        return std::unexpected(
            std::move(made.error()).with_context(name + " is missing in the real root"));
    return {};
}

// Without the state the boot only looks different in systemd-analyze: worth a warning, no more.
void SwitchRoot::prepare_state(const Request &request, Plan &plan) {
    if (!plan.init.is_systemd)
        return;
    auto state = system_.memory_file("systemd-state", systemd_state(request.start));
    if (state)
        plan.state = std::move(*state);
    else
        plan.warnings.push_back("systemd-analyze will show no initrd part: " +
                                state.error().message());
}

// No sync(2): the kernel stays the same, and a disk that does not answer would hold PID 1 up for
// ever.
Error SwitchRoot::commit(const Plan &plan) {
    // MS_MOVE refuses mounts below a shared one.
    const MountRequest make_private = {
        .source = "", .target = "/", .type = "", .flags = MS_REC | MS_PRIVATE, .data = ""};
    if (auto made = system_.mount(make_private); !made)
        return std::move(made.error()).with_context("make the mounts private");
    auto old_root = system_.open("/", O_RDONLY | O_DIRECTORY);
    if (auto moved = move_mounts(plan.sysroot); !moved)
        return std::move(moved.error());
    if (auto entered = enter(plan.sysroot); !entered)
        return std::move(entered.error());
    // Failures only leave memory in use: tmpfs files that nobody can reach any more.
    if (old_root)
        (void)system_.delete_contents(std::move(*old_root));
    return system_.execute(plan.program, kConsole, plan.state ? plan.state.get() : -1);
}

// How many were moved; on failure those before are moved back, so that the emergency path has
// its devices.
Result<std::size_t> SwitchRoot::move_mounts(const std::string &sysroot) {
    for (std::size_t i = 0; i < kMoved.size(); ++i) {
        auto moved = system_.mount(move_request(kMoved[i], sysroot + kMoved[i]));
        if (moved)
            continue;
        move_mounts_back(sysroot, i);
        return std::unexpected(
            std::move(moved.error())
                .with_context(std::string("move ") + kMoved[i] + " into the real root"));
    }
    return kMoved.size();
}

void SwitchRoot::move_mounts_back(const std::string &sysroot, std::size_t count) {
    while (count-- > 0)
        (void)system_.mount(move_request(sysroot + kMoved[count], kMoved[count]));
}

Result<> SwitchRoot::enter(const std::string &sysroot) {
    auto changed = system_.change_directory(sysroot);
    if (changed)
        changed = system_.mount(move_request(".", "/"));
    if (!changed) {
        move_mounts_back(sysroot, kMoved.size());
        (void)system_.change_directory("/");
        return std::unexpected(std::move(changed.error())
                                   .with_context("put the real root in the place of the initrd"));
    }
    // pivot_root(2) cannot leave the initramfs; chroot(2) after the move is the documented way
    // (Documentation/filesystems/ramfs-rootfs-initramfs.rst).
    if (auto entered = system_.change_root("."); !entered)
        return std::unexpected(std::move(entered.error()).with_context("enter the real root"));
    return system_.change_directory("/");
}

} // namespace slipway
