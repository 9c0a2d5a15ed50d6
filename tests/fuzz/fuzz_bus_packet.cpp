// SPDX-License-Identifier: LGPL-2.1-or-later
// What the bus process sends to PID 1: what is read as a command is written as the same bytes'
// meaning.
#include "boot/bus_packet.h"
#include "fuzz/input.h"
#include "fuzz/require.h"

using namespace slipway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    if (const auto command = bus::decode_command(text)) {
        const auto again = bus::decode_command(bus::encode(*command));
        fuzz::require(again == command, "a command can be written and read again", text);
        fuzz::require(command->time >= Duration(0), "no time is negative", text);
    }
    if (const auto reply = bus::decode_reply(text))
        fuzz::require(bus::decode_reply(bus::encode(*reply)) == reply,
                      "a reply can be written and read again", text);
    if (const auto line = bus::decode_log_line(text))
        fuzz::require(bus::encode(*line) == bus::encode(*bus::decode_log_line(bus::encode(*line))),
                      "a line of the log can be written and read again", text);
    return 0;
}
