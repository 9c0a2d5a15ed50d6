// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/kernel_messages.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "base/text.h"

namespace slipway::resume {

namespace {

constexpr std::size_t kMaxMessages = 4;

} // namespace

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
