// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/naming_policy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <format>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

namespace slipway::net {

namespace {

constexpr std::array<std::string_view, 7> kPolicies = {"keep", "kernel", "database", "onboard",
                                                       "slot", "path",   "mac"};
constexpr std::size_t kMacBytes = 17;
constexpr std::size_t kMaxPolicies = 16;

bool is_policy(std::string_view word) {
    return std::ranges::contains(kPolicies, word);
}

// These keep a name that is there; they make none, so no alternative one either.
bool makes_no_name(std::string_view policy) {
    return policy == "keep" || policy == "kernel";
}

// "52:54:00:12:34:56", in lower case; not all zeroes.
std::optional<std::string> mac_address(std::string_view word) {
    if (word.size() != kMacBytes)
        return std::nullopt;
    std::string mac;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = word[i];
        if (i % 3 == 2 ? c != ':' && c != '-'
                       : !std::string_view("0123456789abcdefABCDEF").contains(c))
            return std::nullopt;
        mac += i % 3 == 2 ? ':' : c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (mac.find_first_not_of("0:") == std::string::npos)
        return std::nullopt;
    return mac;
}

std::string text_of(const std::vector<std::string> &policies, std::string_view mac) {
    std::vector<std::string> alternative = policies;
    std::erase_if(alternative, makes_no_name);
    std::string text = "# From net.ifname_policy= on the kernel command line.\n[Match]\n";
    text += mac.empty() ? "OriginalName=*\n" : std::format("MACAddress={}\n", mac);
    text += std::format("\n[Link]\nNamePolicy={}\n", join(policies, " "));
    if (!alternative.empty())
        text += std::format("AlternativeNamesPolicy={}\n", join(alternative, " "));
    return text;
}

} // namespace

Result<LinkFile> link_file_of_policy(std::string_view value) {
    std::vector<std::string> policies = split_words(value, ",");
    std::string mac;
    if (!policies.empty() && !is_policy(policies.back())) {
        const auto address = mac_address(policies.back());
        if (!address)
            return failure(std::format("\"{}\" is neither a policy nor a MAC address; policies are "
                                       "keep, kernel, database, onboard, slot, path and mac",
                                       printable(policies.back(), 64)));
        mac = *address;
        policies.pop_back();
    }
    if (policies.empty() || policies.size() > kMaxPolicies)
        return failure("must be policies separated by commas, then perhaps a MAC address");
    if (const auto wrong = std::ranges::find_if_not(policies, is_policy); wrong != policies.end())
        return failure(std::format("\"{}\" is no policy; policies are keep, kernel, database, "
                                   "onboard, slot, path and mac",
                                   printable(*wrong, 64)));
    return LinkFile{mac.empty() ? "72-default.link" : std::format("71-{}.link", mac),
                    text_of(policies, mac)};
}

} // namespace slipway::net
