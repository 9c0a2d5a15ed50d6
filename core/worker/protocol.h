// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/events.h"
#include "unit/facts.h"

// What PID 1 and its workers say to each other: one message per packet of a SOCK_SEQPACKET pair.
// A packet is a version byte, a type byte, and the fields of the message in the order of its
// describe() function: numbers little-endian, texts and lists with a 32-bit count in front. The
// worker's side is not trusted: PID 1 decodes with bounds, and a worker that breaks the format is
// ended.
namespace slipway {

inline constexpr std::uint8_t kProtocolVersion = 1;
inline constexpr std::size_t kMaxPacketBytes = std::size_t{160} << 10U;

using TextPairs = std::vector<std::pair<std::string, std::string>>;

// PID 1 → worker: run an operation.
struct RequestMessage {
    JobId job = 0;
    std::uint8_t operation = 0; // Operation
    std::uint8_t mode = 0;      // Mode
    std::string plugin;
    std::string library; // absolute path
    std::string unit;
    TextPairs params;
    TextPairs options;
    std::vector<std::pair<std::string, TextPairs>> devices; // syspath, facts
    std::vector<std::string> wanted;
};

// PID 1 → worker: the answer to an ask. With status 0 a memfd travels along that holds the secret.
struct AnswerMessage {
    JobId job = 0;
    std::uint8_t status = 0; // slipway_answer_status
    std::uint32_t size = 0;  // bytes of the secret
    std::uint8_t source = 0; // slipway_answer_source
};

// Worker → PID 1, while the operation runs.
struct WorkerLogMessage {
    JobId job = 0;
    std::uint8_t level = 0;
    std::string text;
};
struct ProgressMessage {
    JobId job = 0;
    std::string text;
};
struct AskMessage {
    JobId job = 0;
    std::string message;
    std::string id;
    std::uint8_t echo = 0;
    std::uint64_t timeout_usec = 0;
    std::uint8_t accept_cached = 0;
};
struct FactsMessage {
    JobId job = 0;
    std::string syspath;
    TextPairs facts;
};
struct MemberMessage {
    JobId job = 0;
    std::string unit;
    std::string name;
    std::uint32_t expected = 0;
    std::vector<std::string> provides;
};
struct UnitsMessage {
    JobId job = 0;
    std::string toml;
};

// Worker → PID 1: the operation has ended; the last message about the job.
struct ResultMessage {
    JobId job = 0;
    std::uint8_t outcome = 0; // slipway_outcome
    std::string reason;
    std::vector<std::string> missing;
};

// Worker → PID 1: take a resource; the worker then waits for the GrantMessage. Release it.
struct AcquireMessage {
    JobId job = 0;
    std::string resource;
    std::uint64_t amount = 0;
};
struct ReleaseMessage {
    JobId job = 0;
};
// Worker → PID 1: what a service stands for can be used.
struct ReadyMessage {
    JobId job = 0;
};
// PID 1 → worker: the answer to AcquireMessage.
struct GrantMessage {
    JobId job = 0;
};

// Worker → PID 1: the answer to another job's question, in a memfd that travels along. The worker
// then waits for the AnswerTakenMessage.
struct GiveAnswerMessage {
    JobId job = 0;
    std::string id;         // of the question
    std::uint32_t size = 0; // bytes of the secret
};
// PID 1 → worker: 0 or an errno value.
struct AnswerTakenMessage {
    JobId job = 0;
    std::uint32_t code = 0;
};

// The order gives the type byte: only append.
using Message =
    std::variant<RequestMessage, AnswerMessage, WorkerLogMessage, ProgressMessage, AskMessage,
                 FactsMessage, MemberMessage, UnitsMessage, ResultMessage, AcquireMessage,
                 ReleaseMessage, ReadyMessage, GrantMessage, GiveAnswerMessage, AnswerTakenMessage>;

[[nodiscard]] std::vector<std::byte> encode(const Message &message);
// Nothing if the packet is not exactly one well-formed message.
[[nodiscard]] std::optional<Message> decode(std::span<const std::byte> packet);

} // namespace slipway
