// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet from a worker, which PID 1 does not trust.
#include <algorithm>

#include "fuzz/input.h"
#include "fuzz/require.h"
#include "worker/protocol.h"

using namespace slipway;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto packet = std::as_bytes(std::span(data, size));
    const auto message = decode(packet);
    if (!message)
        return 0;
    require(std::ranges::equal(encode(*message), packet), "a message has one form only");
    // The end of a message shows from itself: neither less nor more is one.
    std::vector<std::byte> longer(packet.begin(), packet.end());
    longer.push_back(std::byte{0});
    require(!decode(longer), "a message with a byte more is none");
    require(!decode(packet.first(size - 1)), "a message with a byte less is none");
    return 0;
}
