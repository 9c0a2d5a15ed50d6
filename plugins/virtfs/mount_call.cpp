// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/mount_call.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"

namespace slipway::virtfs {

namespace {

constexpr std::size_t kMaxMessageBytes = 512;

constexpr auto kAttributes =
    std::to_array<std::pair<std::string_view, unsigned>>({{"nosuid", MOUNT_ATTR_NOSUID},
                                                          {"nodev", MOUNT_ATTR_NODEV},
                                                          {"noexec", MOUNT_ATTR_NOEXEC},
                                                          {"noatime", MOUNT_ATTR_NOATIME},
                                                          {"strictatime", MOUNT_ATTR_STRICTATIME},
                                                          {"nodiratime", MOUNT_ATTR_NODIRATIME}});

unsigned attributes_of(const MountRequest &request) {
    unsigned attributes =
        std::ranges::contains(request.options, "ro") ? unsigned{MOUNT_ATTR_RDONLY} : 0U;
    for (const auto &[name, attribute] : kAttributes) {
        if (std::ranges::contains(request.attributes, name))
            attributes |= attribute;
    }
    return attributes;
}

// The last of the kernel's messages about this mount, without its level ("e ").
std::string last_message(int context) {
    std::array<char, kMaxMessageBytes> text{};
    std::string last;
    for (ssize_t size = 0; (size = ::read(context, text.data(), text.size())) > 0;) {
        std::string_view line(text.data(), static_cast<std::size_t>(size));
        if (line.size() > 2 && line[1] == ' ')
            line.remove_prefix(2);
        if (line.ends_with('\n'))
            line.remove_suffix(1);
        last = line;
    }
    return last;
}

int set_option(int context, const std::string &word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos)
        return ::fsconfig(context, FSCONFIG_SET_FLAG, word.c_str(), nullptr, 0);
    return ::fsconfig(context, FSCONFIG_SET_STRING, word.substr(0, equals).c_str(),
                      word.c_str() + equals + 1, 0);
}

} // namespace

MountResult mount_share(const MountRequest &request) {
    const UniqueFd context(::fsopen(request.type.c_str(), FSOPEN_CLOEXEC));
    if (!context)
        return {.code = errno, .option = {}, .detail = {}};
    const auto failed = [&](const std::string &option = {}) {
        const int code = errno;
        return MountResult{.code = code, .option = option, .detail = last_message(context.get())};
    };
    if (::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", request.tag.c_str(), 0) != 0)
        return failed();
    for (const std::string &word : request.options) {
        if (set_option(context.get(), word) != 0)
            return failed(word);
    }
    if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return failed();
    const UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes_of(request)));
    if (!mount || ::move_mount(mount.get(), "", AT_FDCWD, request.target.c_str(),
                               MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return failed();
    return {};
}

} // namespace slipway::virtfs
