// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/secret.h"
#include "event/event_loop.h"

namespace slipway {

// Answers that are there before anybody is asked. Two kinds, both in locked memory:
//
// - given: a plugin answered a question that nobody had asked yet (a key file on another device).
//   It waits for the next question with that id, and answers it once.
// - typed: what a person typed stays for kTypedFor and is offered to other questions that accept
//   that, once per question and secret, the last one first. A question that is asked again by the
//   same id shows that what was typed for it was wrong: then it is forgotten.
//
// wipe() before the switch and when an emergency begins: a shell must not find any of them. Owned
// by the boot sequence, in PID 1.
class AnswerStore {
public:
    static constexpr std::size_t kMaxGiven = 16;
    static constexpr std::size_t kMaxTyped = 4; // the oldest goes
    static constexpr std::size_t kMaxIdBytes = 256;
    static constexpr Duration kTypedFor = std::chrono::seconds(150); // as long as systemd keeps it

    enum class Kind { given, typed };
    struct Found {
        Kind kind = Kind::given;
        Secret secret;
    };

    // Both outlive the store.
    AnswerStore(EventLoop &loop, Log &log) : loop_(loop), log_(log) {}

    // 0, or an errno value: ENOSPC (kMaxGiven are kept), EINVAL (an id that is empty or too long).
    // A second answer to the same question replaces the first.
    [[nodiscard]] int give(std::string_view id, Secret secret);
    // A person answered the question `id`.
    void typed(std::string_view id, const Secret &secret);
    // `id` is asked, not for the first time perhaps: what was typed for it did not help.
    void asked(std::string_view id);
    // The answer for this question, if there is one. `accepts_typed`: also one of another question.
    [[nodiscard]] std::optional<Found> find(std::string_view id, bool accepts_typed);
    void wipe();

private:
    struct Given {
        std::string id;
        Secret secret;
    };
    struct Typed {
        std::string id; // of the question it was typed for
        std::set<std::string, std::less<>> offered;
        Duration until{0};
        Secret secret;
    };

    void arm();
    void expire();

    EventLoop &loop_;
    Log &log_;
    std::deque<Given> given_;
    std::deque<Typed> typed_; // the newest first
    EventSourcePtr timer_;
};

} // namespace slipway
