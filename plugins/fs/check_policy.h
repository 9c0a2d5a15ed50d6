// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::fs {

enum class CheckMode : std::uint8_t { automatic, force, skip }; // fsck.mode=
enum class Repair : std::uint8_t { preen, yes, no };            // fsck.repair=

[[nodiscard]] constexpr std::string_view name_of(CheckMode mode) noexcept {
    return mode == CheckMode::force ? "force" : mode == CheckMode::skip ? "skip" : "auto";
}

[[nodiscard]] constexpr std::string_view name_of(Repair repair) noexcept {
    return repair == Repair::yes ? "yes" : repair == Repair::no ? "no" : "preen";
}

struct CheckPolicy {
    CheckMode mode = CheckMode::automatic;
    Repair repair = Repair::preen;
};

} // namespace slipway::fs
