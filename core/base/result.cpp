// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/result.h"

#include <ranges>
#include <system_error>

namespace slipway {

std::string Error::message() const {
    std::string text;
    for (const std::string &part : chain_ | std::views::reverse) {
        if (!text.empty())
            text += ": ";
        text += part;
    }
    return text;
}

Error Error::from_errno(std::string_view what, int code) {
    return Error(std::string(what) + ": " + std::generic_category().message(code), code);
}

} // namespace slipway
