// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/kernel_messages.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "base/text.h"

namespace slipway::resume {

namespace {

constexpr std::size_t kMaxMessages = 4;
constexpr std::size_t kMaxMessageBytes = 200;

} // namespace

std::string message_of_record(std::string_view record) {
    const std::size_t semicolon = record.find(';');
    if (semicolon == std::string_view::npos)
        return {};
    const std::string_view text = record.substr(semicolon + 1);
    return printable(text.substr(0, text.find('\n')), kMaxMessageBytes);
}

std::string reason_in(const std::vector<std::string> &messages) {
    std::vector<std::string> about;
    std::ranges::copy_if(messages, std::back_inserter(about), [](const std::string &message) {
        return message.starts_with("PM: ") || message.starts_with("hibernate: ");
    });
    if (about.size() > kMaxMessages)
        about.erase(about.begin(), about.end() - static_cast<std::ptrdiff_t>(kMaxMessages));
    return join(about, "; ");
}

} // namespace slipway::resume
