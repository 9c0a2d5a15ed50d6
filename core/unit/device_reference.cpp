// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/device_reference.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

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

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

std::string_view without_quotes(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

} // namespace

std::optional<DeviceReference> DeviceReference::parse(std::string_view text) {
    DeviceReference reference;
    reference.text_ = text;
    for (const auto &[prefix, kind] : kPrefixes) {
        if (!text.starts_with(prefix))
            continue;
        reference.kind_ = kind;
        reference.value_ = without_quotes(text.substr(prefix.size()));
        return reference.value_.empty() || reference.value_ == "*" ? std::nullopt
                                                                   : std::optional(reference);
    }
    const std::string_view path = without_quotes(text);
    if (!path.starts_with("/dev/") || path.size() == 5)
        return std::nullopt;
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
    }
    return value_;
}

std::vector<std::string> DeviceReference::index_keys_of(const Facts &facts) {
    std::vector<std::string> keys = split_words(fact(facts, "links"), "\n");
    const auto add = [&keys](std::string_view prefix, const std::string &value) {
        if (!value.empty())
            keys.push_back(std::string(prefix) + value);
    };
    add("", std::string(fact(facts, "devnode")));
    add("UUID=", lower_case(fact(facts, "fs_uuid")));
    add("LABEL=", std::string(fact(facts, "fs_label")));
    add("PARTUUID=", lower_case(fact(facts, "part_uuid")));
    add("PARTLABEL=", std::string(fact(facts, "part_label")));
    return keys;
}

bool DeviceReference::matches_path(const Facts &facts) const {
    return fact(facts, "devnode") == value_ || fact_has_line(facts, "links", value_);
}

bool DeviceReference::matches_uuid(std::string_view uuid) const {
    if (!is_prefix())
        return equal_ignoring_case(uuid, value_);
    return equal_ignoring_case(uuid.substr(0, value_.size() - 1),
                               std::string_view(value_).substr(0, value_.size() - 1));
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
    }
    return false;
}

} // namespace slipway
