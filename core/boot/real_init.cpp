// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/real_init.h"

#include <array>
#include <cerrno>
#include <deque>
#include <format>
#include <utility>
#include <vector>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::array kDefaultInits = {"/sbin/init", "/etc/init", "/bin/init"};
constexpr int kMaxLinks = 40; // as in the kernel: path_resolution(7)

void put_in_front(std::deque<std::string> &pending, const std::string &path) {
    const std::vector<std::string> parts = split_words(path, "/");
    pending.insert(pending.begin(), parts.begin(), parts.end());
}

std::string where(const std::string &path, const std::string &part) {
    return std::format("{} in the real root, at {}", path, part);
}

Result<RealInit> inspect_init(System &system, const std::string &sysroot, const std::string &path) {
    auto resolved = resolve_in_root(system, sysroot, path);
    if (!resolved)
        return std::unexpected(std::move(resolved.error()));
    if (!system.is_executable(sysroot + *resolved))
        return failure(*resolved + " in the real root is not an executable file", EACCES);
    const bool is_systemd = resolved->ends_with("/systemd/systemd");
    return RealInit{.path = path, .resolved = std::move(*resolved), .is_systemd = is_systemd};
}

} // namespace

Result<std::string> resolve_in_root(System &system, const std::string &root,
                                    const std::string &path) {
    std::deque<std::string> pending;
    put_in_front(pending, path);
    std::string resolved;
    int links = 0;
    while (!pending.empty()) {
        const std::string part = std::exchange(pending.front(), {});
        pending.pop_front();
        if (part == ".")
            continue;
        if (part == "..") {
            resolved.resize(resolved.empty() ? 0 : resolved.rfind('/'));
            continue;
        }
        std::string next = resolved;
        next.append("/").append(part);
        const auto target = system.read_symlink(std::format("{}{}", root, next));
        if (!target) {
            // EINVAL: there, and not a link (readlink(2)).
            if (target.error().code() != EINVAL)
                return errno_failure(where(path, next), target.error().code());
            resolved = next;
            continue;
        }
        if (++links > kMaxLinks)
            return errno_failure(where(path, next), ELOOP);
        if (target->starts_with('/'))
            resolved.clear();
        put_in_front(pending, *target);
    }
    return resolved.empty() ? "/" : resolved;
}

Result<RealInit> find_real_init(System &system, const std::string &sysroot,
                                const std::optional<std::string> &named) {
    if (named) {
        auto init = inspect_init(system, sysroot, *named);
        if (!init)
            return std::unexpected(std::move(init.error()).with_context("init=" + *named));
        return init;
    }
    std::string reasons;
    for (const char *path : kDefaultInits) {
        auto init = inspect_init(system, sysroot, path);
        if (init)
            return init;
        reasons += (reasons.empty() ? "" : "; ") + init.error().message();
    }
    return failure("the real root below " + sysroot + " has no init (" + reasons +
                   "): check that root= names the right file system, and that /usr is mounted if "
                   "it is a file system of its own; init=PATH names another program");
}

} // namespace slipway
