// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/facts.h"

namespace slipway {

// How people name a device: "UUID=…", "LABEL=…", "PARTUUID=…[/PARTNROFF=n]", "PARTLABEL=…", or a
// path below /dev. Values are opaque strings; UUIDs are compared without regard to case.
class DeviceReference {
public:
    enum class Kind {
        path,
        fs_uuid,
        fs_label,
        part_uuid,
        part_label,
        part_offset, // the partition n places behind one, by its number
    };

    // Nothing if `text` has none of the forms. One pair of double quotes around the value is
    // accepted.
    [[nodiscard]] static std::optional<DeviceReference> parse(std::string_view text);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] const std::string &value() const noexcept { return value_; }
    // "UUID=5a1e*": devices answer whose UUID begins so.
    [[nodiscard]] bool is_prefix() const noexcept {
        return kind_ == Kind::fs_uuid && value_.ends_with('*');
    }
    // False: no look-up finds the devices that answer, each has to be compared.
    [[nodiscard]] bool has_index_key() const noexcept {
        return !is_prefix() && kind_ != Kind::part_offset;
    }
    // The text as it was written, for messages.
    [[nodiscard]] const std::string &text() const noexcept { return text_; }

    // Does a device with these facts answer to the reference? A path is compared with the node and
    // all links; the other kinds with what probing found.
    [[nodiscard]] bool matches(const Facts &facts) const;

    // A look-up key: a device can answer only if one of its keys is the same. Of references that
    // have one.
    [[nodiscard]] std::string index_key() const;
    [[nodiscard]] static std::vector<std::string> index_keys_of(const Facts &facts);

    [[nodiscard]] bool operator==(const DeviceReference &other) const noexcept {
        return text_ == other.text_;
    }

private:
    [[nodiscard]] static std::optional<DeviceReference> parse_tag(std::string_view text, Kind kind,
                                                                  std::string_view value);
    [[nodiscard]] bool matches_path(const Facts &facts) const;
    [[nodiscard]] bool matches_uuid(std::string_view uuid) const;
    [[nodiscard]] bool matches_offset(const Facts &facts) const;

    Kind kind_ = Kind::path;
    std::string value_;
    std::string text_;
};

} // namespace slipway
