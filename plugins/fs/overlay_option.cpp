// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/overlay_option.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/text.h"

namespace slipway::fs {

namespace {

constexpr std::string_view kForms = "1, 0, tmpfs:[size=<size>][,nr_blocks=<n>][,nr_inodes=<n>]";
constexpr std::string_view kMemory = "tmpfs:";
constexpr std::array<std::string_view, 5> kDevices = {
    "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "/dev/"};
// More overflow in the kernel, which then says nothing but "invalid".
constexpr std::size_t kMaxDigits = 15;

// "512M", and of a size also "25%": tmpfs(5).
bool is_limit(std::string_view key, std::string_view value) {
    const std::string_view units = key == "size" ? "kKmMgGtTpPeE%" : "kKmMgGtTpPeE";
    const std::size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
    const std::string_view unit = value.substr(digits);
    return digits > 0 && digits <= kMaxDigits &&
           (unit.empty() || (unit.size() == 1 && units.contains(unit.front())));
}

std::string complaint_of(std::string_view value, std::string_view what) {
    return std::format("rd.overlay={} on the kernel command line: {}; accepted are {}",
                       printable(value, 80), what, kForms);
}

std::string read_limits(std::string_view value, std::vector<std::string> &complaints) {
    std::vector<std::string> limits;
    for (std::string &word : split_words(value.substr(kMemory.size()), ",")) {
        const std::size_t equals = std::min(word.find('='), word.size());
        const std::string key = word.substr(0, equals);
        const bool is_known = key == "size" || key == "nr_blocks" || key == "nr_inodes";
        if (is_known && is_limit(key, word.substr(std::min(equals + 1, word.size()))))
            limits.push_back(std::move(word));
        else
            complaints.push_back(
                complaint_of(value, std::format("{} is ignored", printable(word, 80))));
    }
    return join(limits, ",");
}

} // namespace

Result<std::optional<Overlay>> parse_overlay(std::string_view value,
                                             std::vector<std::string> &complaints) {
    value = without_quotes(value);
    if (value.empty())
        return Overlay{};
    if (const auto boolean = parse_boolean(value))
        return *boolean ? std::optional(Overlay{}) : std::nullopt;
    if (value.starts_with(kMemory))
        return Overlay{read_limits(value, complaints)};
    if (value == "tmpfs")
        return Overlay{};
    if (value == "none") {
        complaints.push_back(complaint_of(value, "no overlay is made"));
        return std::nullopt;
    }
    if (std::ranges::any_of(kDevices, [&](auto form) { return value.starts_with(form); }))
        return failure(std::format(
            "rd.overlay={} on the kernel command line: changes are not kept on a device yet, and "
            "in "
            "memory they would be lost at power-off; write rd.overlay if that is what you want, or "
            "rd.overlay=0 to boot without an overlay",
            printable(value, 200)));
    // Somebody wants the root to stay as it is, whatever the rest may mean.
    complaints.push_back(complaint_of(value, "changes are kept in memory"));
    return Overlay{};
}

Error encrypted_overlay_error() {
    return Error("rd.overlay.crypt= on the kernel command line: changes are not kept on an "
                 "encrypted device yet; write rd.overlay instead to keep them in memory, where "
                 "they are lost at power-off, or boot without both");
}

} // namespace slipway::fs
