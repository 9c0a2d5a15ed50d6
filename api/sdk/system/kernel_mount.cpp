// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/kernel_mount.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>
#include <utility>

#include "base/pipe.h"
#include "base/unique_fd.h"

namespace slipway::sdk {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

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

// "<code>\n<option>\n<detail>".
std::string written(const MountResult &result) {
    return std::to_string(result.code) + "\n" + result.option + "\n" +
           result.detail.substr(0, kMaxMessageBytes);
}

MountResult read_result(std::string_view text) {
    const std::size_t first = text.find('\n');
    const std::size_t second = first == std::string_view::npos ? first : text.find('\n', first + 1);
    if (second == std::string_view::npos)
        return {.code = EIO, .detail = "the mounting process has died"};
    int code = EIO;
    const std::string_view number = text.substr(0, first);
    (void)std::from_chars(number.data(), number.data() + number.size(), code);
    return {.code = code,
            .option = std::string(text.substr(first + 1, second - first - 1)),
            .detail = std::string(text.substr(second + 1))};
}

[[noreturn]] void run_child(const MountRequest &request, int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string text = written(mount_file_system(request));
    (void)!::write(out, text.data(), text.size());
    ::_exit(0);
}

// Everything that comes before the end or the limit. False: the limit.
bool read_all(int file, milliseconds limit, std::string &text) {
    const auto end = steady_clock::now() + limit;
    std::array<char, 1024> buffer{};
    while (true) {
        const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
        pollfd polled{file, POLLIN, 0};
        if (left <= milliseconds{0} || ::poll(&polled, 1, static_cast<int>(left.count())) == 0)
            return false;
        const ssize_t size = ::read(file, buffer.data(), buffer.size());
        if (size == 0)
            return true;
        if (size > 0)
            text.append(buffer.data(), static_cast<std::size_t>(size));
        else if (errno != EINTR)
            return true;
    }
}

} // namespace

MountResult mount_file_system(const MountRequest &request) {
    const UniqueFd context(::fsopen(request.type.c_str(), FSOPEN_CLOEXEC));
    if (!context)
        return {.code = errno};
    const auto failed = [&](const std::string &option = {}) {
        const int code = errno;
        return MountResult{.code = code, .option = option, .detail = last_message(context.get())};
    };
    if (::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", request.source.c_str(), 0) != 0)
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

MountResult mount_within(const MountRequest &request, milliseconds limit) {
    auto pipe = make_pipe();
    if (!pipe)
        return {.code = pipe.error().code()};
    const pid_t child = ::fork();
    if (child < 0)
        return {.code = errno};
    if (child == 0)
        run_child(request, pipe->write.get());
    pipe->write.reset();
    std::string text;
    const bool has_ended = read_all(pipe->read.get(), limit, text);
    if (!has_ended)
        ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    // Also if it was just in time.
    if (!has_ended && text.empty())
        return {.code = ETIMEDOUT};
    return read_result(text);
}

} // namespace slipway::sdk
