// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "base/text.h"

namespace slipway::sim {

// SplitMix64. The standard's distributions differ between libraries; a seed must mean the same boot
// on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t value = state_;
        value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
        value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
        return value ^ (value >> 31U);
    }
    // 0 … count-1.
    [[nodiscard]] unsigned below(unsigned count) noexcept {
        return static_cast<unsigned>(next() % count);
    }
    // Both included.
    [[nodiscard]] unsigned between(unsigned low, unsigned high) noexcept {
        return low + below(high - low + 1);
    }
    [[nodiscard]] Duration between(Duration low, Duration high) noexcept {
        return low + Duration(static_cast<std::int64_t>(
                         next() % static_cast<std::uint64_t>((high - low).count() + 1)));
    }
    [[nodiscard]] bool chance(unsigned percent) noexcept { return below(100) < percent; }

private:
    std::uint64_t state_;
};

} // namespace slipway::sim
