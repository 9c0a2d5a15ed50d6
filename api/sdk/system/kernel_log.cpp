// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/number.h"
#include "base/text.h"

namespace slipway::sdk {

namespace {

constexpr std::size_t kMaxRecordBytes = 8192;
constexpr std::size_t kMaxTextBytes = 200;
constexpr unsigned kPrioritiesOfAFacility = 8; // syslog(3); the kernel's own is facility 0

} // namespace

std::optional<KernelMessage> parse_kernel_record(std::string_view record) {
    const std::size_t semicolon = record.find(';');
    const auto priority = parse_number<unsigned>(record.substr(0, record.find(',')));
    if (semicolon == std::string_view::npos || !priority)
        return std::nullopt;
    const std::string_view text = record.substr(semicolon + 1);
    return KernelMessage{.is_kernels_own = *priority < kPrioritiesOfAFacility,
                         .text = printable(text.substr(0, text.find('\n')), kMaxTextBytes)};
}

KernelLog::KernelLog(const std::string &path, From from)
    : file_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (file_ && from == From::now)
        (void)::lseek(file_.get(), 0, SEEK_END);
}

std::optional<KernelMessage> KernelLog::next() {
    std::array<char, kMaxRecordBytes> record{};
    while (file_) {
        const ssize_t size = ::read(file_.get(), record.data(), record.size());
        if (size > 0) {
            auto message = parse_kernel_record({record.data(), static_cast<std::size_t>(size)});
            if (message)
                return message;
        } else if (size == 0 || (errno != EPIPE && errno != EINTR)) {
            break; // EPIPE: some were overwritten
        }
    }
    return std::nullopt;
}

} // namespace slipway::sdk
