// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm_identity.h"

#include <charconv>
#include <vector>

namespace slipway::coldplug {

namespace {

constexpr std::size_t kLvmIdBytes = 64; // UUID of the group and of the volume, 32 bytes each
constexpr std::uint32_t kDisableDiskRules = 0x0004;
constexpr std::uint32_t kLowPriority = 0x0010;

// "vg--0-lv-real" → "vg-0", "lv", "real": a single dash separates, a doubled one is a dash.
std::vector<std::string> split_name(std::string_view name) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool is_dash = name[i] == '-';
        if (is_dash && i + 1 < name.size() && name[i + 1] == '-')
            ++i;
        else if (is_dash) {
            parts.emplace_back();
            continue;
        }
        parts.back() += name[i];
    }
    return parts;
}

DmIdentity identify_lvm(std::string_view name, std::string_view ids) {
    if (ids.size() > kLvmIdBytes && ids[kLvmIdBytes] == '-')
        return {.is_private = true, .group = {}, .volume = {}};
    auto parts = split_name(name);
    // Names that lvm's own rules hide (56-lvm.rules).
    const bool is_two = parts.size() == 2 && !parts[0].empty() && !parts[1].empty();
    const bool is_hidden = is_two && ((parts[1].starts_with("pvmove") && parts[1].size() > 6) ||
                                      (parts[1].ends_with("_vorigin") && parts[1].size() > 8));
    if (!is_two || is_hidden)
        return {.is_private = true, .group = {}, .volume = {}};
    return {.is_private = false, .group = std::move(parts[0]), .volume = std::move(parts[1])};
}

} // namespace

DmIdentity identify_dm(std::string_view name, std::string_view uuid) {
    if (uuid.starts_with("LVM-"))
        return identify_lvm(name, uuid.substr(4));
    const bool is_private = uuid.starts_with("CRYPT-TEMP-") || uuid.starts_with("CRYPT-SUBDEV-") ||
                            name.starts_with("temporary-cryptsetup-");
    return {.is_private = is_private, .group = {}, .volume = {}};
}

DmFlags decode_dm_cookie(std::string_view cookie) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(cookie.data(), cookie.data() + cookie.size(), value);
    if (cookie.empty() || error != std::errc() || end != cookie.data() + cookie.size())
        return {};
    const std::uint32_t flags = value >> 16U;
    return {.is_disk_disabled = (flags & kDisableDiskRules) != 0,
            .is_low_priority = (flags & kLowPriority) != 0};
}

} // namespace slipway::coldplug
