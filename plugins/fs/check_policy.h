// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::fs {

// fsck.mode=; look: the superblock only, no program, because nobody may write to the device.
enum class CheckMode : std::uint8_t { automatic, force, skip, look };
enum class Repair : std::uint8_t { preen, yes, no }; // fsck.repair=

[[nodiscard]] constexpr std::string_view name_of(CheckMode mode) noexcept {
    switch (mode) {
    case CheckMode::force:
        return "force";
    case CheckMode::skip:
        return "skip";
    case CheckMode::look:
        return "look";
    case CheckMode::automatic:
        break;
    }
    return "auto";
}

[[nodiscard]] constexpr std::string_view name_of(Repair repair) noexcept {
    return repair == Repair::yes ? "yes" : repair == Repair::no ? "no" : "preen";
}

struct CheckPolicy {
    CheckMode mode = CheckMode::automatic;
    Repair repair = Repair::preen;
};

} // namespace slipway::fs
