// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/jitter.h"

namespace slipway {

namespace {

constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325U;
constexpr std::uint64_t kFnvPrime = 0x100000001b3U;

std::uint64_t fnv(std::uint64_t hash, std::string_view text) noexcept {
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
    return hash;
}

// The finaliser of splitmix64: every bit of the input changes every bit of the output.
std::uint64_t mix(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

} // namespace

Duration with_jitter(Duration pause, std::uint64_t seed, std::string_view unit,
                     unsigned attempt) noexcept {
    if (seed == 0 || pause <= Duration{0})
        return pause;
    const std::uint64_t number = mix(fnv(seed, unit) + attempt);
    return pause / 2 +
           Duration(static_cast<Duration::rep>(number % static_cast<std::uint64_t>(pause.count())));
}

std::uint64_t seed_of(std::string_view text) noexcept {
    const std::uint64_t hash = fnv(kFnvOffset, text);
    return hash == 0 ? 1 : hash;
}

} // namespace slipway
