// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// Where an answer that a client of the status interface sends to a question would be left in the
// memory of this machine by a driver on its way, for the real root to find.
enum class AnswerTrace : std::uint8_t {
    freed_memory, // the driver frees it, and the kernel does not wipe what is freed
    buffers       // the driver keeps it: others use the device as well
};

// Why such answers are not taken, and what to do about that: for people.
[[nodiscard]] std::string_view refusal_of(AnswerTrace trace) noexcept;

// What the socket of such a client is bound to, an abstract address without its leading zero byte
// (unix(7)), so that the bus process knows it by that. A client of this machine has none.
[[nodiscard]] std::string address_of_client(AnswerTrace trace, pid_t process);
// Nothing: the address is of another client. A trace that is not known counts as the worst one.
[[nodiscard]] std::optional<AnswerTrace> trace_of_client(std::string_view address) noexcept;

} // namespace slipway
