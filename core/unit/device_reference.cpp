// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/device_reference.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/letter_case.h"
#include "base/text.h"

namespace slipway {

namespace {

using Kind = DeviceReference::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 4> kPrefixes = {{
    {"UUID=", Kind::fs_uuid},
    {"LABEL=", Kind::fs_label},
    {"PARTUUID=", Kind::part_uuid},
    {"PARTLABEL=", Kind::part_label},
}};

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

constexpr std::string_view kOffset = "/PARTNROFF=";
constexpr int kMaxOffset = 1024; // more partitions than any table has

// "<uuid>/PARTNROFF=<n>" as a line of the fact part_offsets, "<uuid>/<n>"; of other forms nothing.
std::optional<std::string> offset_line(std::string_view value) {
    const std::size_t slash = value.find(kOffset);
    if (slash == std::string_view::npos || slash == 0 || value.contains('\n'))
        return std::nullopt;
    std::string_view digits = value.substr(slash + kOffset.size());
    if (digits.starts_with('+') && !digits.starts_with("+-"))
        digits.remove_prefix(1);
    int offset = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
        offset < -kMaxOffset || offset > kMaxOffset)
        return std::nullopt;
    return std::string(value.substr(0, slash)) + "/" + std::to_string(offset);
}

} // namespace

std::optional<DeviceReference> DeviceReference::parse_tag(std::string_view text, Kind kind,
                                                          std::string_view value) {
    DeviceReference reference;
    reference.text_ = text;
    reference.kind_ = kind;
    reference.value_ = value;
    if (value.empty() || value == "*")
        return std::nullopt;
    // No UUID has a slash.
    if (kind != Kind::part_uuid || !value.contains('/'))
        return reference;
    auto line = offset_line(value);
    if (!line)
        return std::nullopt;
    reference.kind_ = Kind::part_offset;
    reference.value_ = *std::move(line);
    return reference;
}

std::optional<DeviceReference> DeviceReference::parse(std::string_view text) {
    for (const auto &[prefix, kind] : kPrefixes) {
        if (text.starts_with(prefix))
            return parse_tag(text, kind, without_quotes(text.substr(prefix.size())));
    }
    const std::string_view path = without_quotes(text);
    if (!path.starts_with("/dev/") || path.size() == 5)
        return std::nullopt;
    DeviceReference reference;
    reference.text_ = text;
    reference.value_ = path;
    return reference;
}

std::string DeviceReference::index_key() const {
    switch (kind_) {
    case Kind::path:
        return value_;
    case Kind::fs_uuid:
        return "UUID=" + lower_case(value_);
    case Kind::fs_label:
        return "LABEL=" + value_;
    case Kind::part_uuid:
        return "PARTUUID=" + lower_case(value_);
    case Kind::part_label:
        return "PARTLABEL=" + value_;
    case Kind::part_offset:
        return "PARTUUID=" + lower_case(value_);
    }
    return value_;
}

std::vector<std::string> DeviceReference::index_keys_of(const Facts &facts) {
    std::vector<std::string> keys = split_words(fact(facts, "links"), "\n");
    const auto add = [&keys](std::string_view prefix, const std::string &value) {
        if (!value.empty())
            keys.push_back(std::string(prefix) + value);
    };
    for (std::string &alias : split_words(fact(facts, "aliases"), "\n"))
        keys.push_back(std::move(alias));
    add("", std::string(fact(facts, "devnode")));
    add("UUID=", lower_case(fact(facts, "fs_uuid")));
    add("LABEL=", std::string(fact(facts, "fs_label")));
    add("PARTUUID=", lower_case(fact(facts, "part_uuid")));
    add("PARTLABEL=", std::string(fact(facts, "part_label")));
    return keys;
}

bool DeviceReference::matches_path(const Facts &facts) const {
    return fact(facts, "devnode") == value_ || fact_has_line(facts, "links", value_) ||
           fact_has_line(facts, "aliases", value_);
}

bool DeviceReference::matches_uuid(std::string_view uuid) const {
    if (!is_prefix())
        return equal_ignoring_case(uuid, value_);
    return equal_ignoring_case(uuid.substr(0, value_.size() - 1),
                               std::string_view(value_).substr(0, value_.size() - 1));
}

bool DeviceReference::matches_offset(const Facts &facts) const {
    return std::ranges::any_of(
        split_words(fact(facts, "part_offsets"), "\n"),
        [this](const std::string &line) { return equal_ignoring_case(line, value_); });
}

bool DeviceReference::matches(const Facts &facts) const {
    // A device that was not probed yet, or is suspended or empty, answers to nothing.
    if (fact(facts, "ready") != "1")
        return false;
    switch (kind_) {
    case Kind::path:
        return matches_path(facts);
    case Kind::fs_uuid:
        return matches_uuid(fact(facts, "fs_uuid"));
    case Kind::fs_label:
        return fact(facts, "fs_label") == value_;
    case Kind::part_uuid:
        return equal_ignoring_case(fact(facts, "part_uuid"), value_);
    case Kind::part_label:
        return fact(facts, "part_label") == value_;
    case Kind::part_offset:
        return matches_offset(facts);
    }
    return false;
}

} // namespace slipway
