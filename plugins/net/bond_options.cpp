// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/bond_options.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <ranges>

#include "base/text.h"
#include "net/kernel_file.h"

namespace slipway::net {

namespace {

bool is_plain(const std::string &key) {
    return !key.empty() && std::ranges::all_of(key, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// The list options take one value per write, with a sign in front (bonding.rst, "Configuring
// Multiple Bonds").
bool is_list(const std::string &key) {
    return key == "arp_ip_target" || key == "ns_ip6_target";
}

Result<> write_option(const std::string &directory, const std::string &key,
                      const std::string &value) {
    if (!is_plain(key))
        return failure("bond= has an option \"" + printable(key, 40) + "\", which is no name",
                       EINVAL);
    std::vector<std::string> values = {value};
    if (is_list(key)) {
        values = split_words(value, ",");
        for (std::string &one : values)
            one.insert(0, "+");
    }
    for (const std::string &one : values) {
        if (auto written = write_kernel_file(directory + "/" + key, one); !written)
            return failure(
                "bond option " + key + "=" + printable(value, 80) +
                    " was refused by the kernel: " + std::strerror(written.error().code()),
                written.error().code());
    }
    return {};
}

} // namespace

Result<> write_bond_options(const std::string &directory,
                            const std::vector<std::pair<std::string, std::string>> &options) {
    std::string complaints;
    const auto write = [&](const auto &option) {
        if (auto written = write_option(directory, option.first, option.second); !written)
            complaints += (complaints.empty() ? "" : "; ") + written.error().message();
    };
    const auto is_mode = [](const auto &option) { return option.first == "mode"; };
    std::ranges::for_each(options | std::views::filter(is_mode), write);
    std::ranges::for_each(options | std::views::filter(std::not_fn(is_mode)), write);
    if (!complaints.empty())
        return failure(complaints, EINVAL);
    return {};
}

} // namespace slipway::net
