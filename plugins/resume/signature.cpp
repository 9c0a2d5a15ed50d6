// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/signature.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace slipway::resume {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kSignatureBytes = 10; // the last ones of the page
constexpr std::array<std::pair<std::string_view, Signature>, 6> kSignatures = {{
    {"SWAPSPACE2"sv, Signature::swap},
    {"SWAP-SPACE"sv, Signature::swap},
    {"S1SUSPEND\0"sv, Signature::image},
    {"S2SUSPEND\0"sv, Signature::foreign},
    {"ULSUSPEND\0"sv, Signature::foreign},
    {"LINHIB0001"sv, Signature::foreign},
}};
constexpr std::string_view kTuxOnIce = "\xed\xc3\x02\xe9\x98\x56\xe5\x0c"sv; // at the beginning

std::string_view text_of(std::span<const std::byte> bytes) {
    // Bytes may be looked at as characters.
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

} // namespace

Signature read_signature(std::span<const std::byte> page) {
    if (page.size() < kSignatureBytes)
        return Signature::none;
    if (text_of(page).starts_with(kTuxOnIce))
        return Signature::foreign;
    const auto *const found = std::ranges::find(kSignatures, text_of(page.last(kSignatureBytes)),
                                                &std::pair<std::string_view, Signature>::first);
    return found == kSignatures.end() ? Signature::none : found->second;
}

} // namespace slipway::resume
