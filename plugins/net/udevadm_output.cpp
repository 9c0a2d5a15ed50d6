// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/udevadm_output.h"

#include <algorithm>
#include <cstddef>
#include <format>
#include <string>

#include "base/text.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

constexpr std::size_t kMaxNameInMessage = 64; // bytes
constexpr std::size_t kMaxReason = 300;       // bytes

// Follows the properties, so that a property which holds a line break cannot stand for it.
constexpr std::string_view kNameHeading = "Network interface name:";

// What stands behind the last line that is `heading`.
std::string_view below(std::string_view output, std::string_view heading) {
    std::string_view found;
    bool is_next = false;
    while (!output.empty()) {
        const std::string_view line = output.substr(0, output.find('\n'));
        output.remove_prefix(std::min(line.size() + 1, output.size()));
        if (is_next)
            found = trimmed(line);
        is_next = line == heading;
    }
    return found;
}

// The last one counts: udevadm prints each once, in the order in which they were set.
std::string_view property(std::string_view output, std::string_view key) {
    std::string_view found;
    while (!output.empty()) {
        const std::string_view line = output.substr(0, output.find('\n'));
        output.remove_prefix(std::min(line.size() + 1, output.size()));
        const std::string_view word = trimmed(line);
        if (word.starts_with(key) && word.substr(key.size()).starts_with('='))
            found = word.substr(key.size() + 1);
    }
    return found;
}

// The kernel takes '%' for a pattern, and programs take a number for an index.
bool can_be_given(std::string_view name) {
    return is_interface_name(name) && !name.contains('%') &&
           !std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Result<std::string> parse_udevadm_test(std::string_view output) {
    std::string_view name = below(output, kNameHeading);
    for (const std::string_view key : {"ID_NET_NAME", "INTERFACE"}) {
        if (name.empty())
            name = property(output, key);
    }
    if (name.empty())
        return failure("udevadm says no name; the image needs the udevadm of its own system");
    if (!can_be_given(name))
        return failure(std::format("\"{}\" cannot be the name of an interface; correct Name= in "
                                   "the host's .link file or NAME= in its udev rules",
                                   printable(name, kMaxNameInMessage)));
    return std::string(name);
}

std::string udevadm_reason(std::string_view errors) {
    const auto lines = split_words(errors, "\n");
    const auto reason = std::ranges::find_if(
        lines.rbegin(), lines.rend(), [](const auto &line) { return line.starts_with("Failed"); });
    if (reason != lines.rend())
        return printable(*reason, kMaxReason);
    return lines.empty() ? "it gave no reason" : printable(lines.back(), kMaxReason);
}

} // namespace slipway::net
