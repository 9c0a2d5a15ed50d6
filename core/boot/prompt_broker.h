// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/secret.h"
#include "boot/console.h"
#include "boot/line_editor.h"
#include "engine/events.h"
#include "event/event_loop.h"

namespace slipway {

using PromptId = std::uint64_t;

struct Prompt {
    std::string message;   // "Passphrase for cryptroot (/dev/vda2)", without the colon
    QuestionId number = 0; // in the record of this boot; 0: it is not there
    bool echo = false;
    // Counts only while the question can be seen. Nothing: no limit.
    std::optional<Duration> timeout;
    std::string id;             // of what is asked for, the same for every try: "volume:<uuid>"
    bool accepts_typed = false; // see AnswerStore
    bool is_from_agent = false; // it came out of an ask file: the outlet does not get it
};

// Where else a question can be answered while it can be seen on the consoles.
class PromptOutlet {
public:
    PromptOutlet() = default;
    PromptOutlet(const PromptOutlet &) = delete;
    PromptOutlet &operator=(const PromptOutlet &) = delete;
    PromptOutlet(PromptOutlet &&) = delete;
    PromptOutlet &operator=(PromptOutlet &&) = delete;
    virtual ~PromptOutlet() = default;

    // One question at a time. `until`: when its time will be over, CLOCK_MONOTONIC.
    virtual void shown(PromptId id, const Prompt &prompt, std::optional<Duration> until) = 0;
    virtual void hidden() = 0;
};

enum class AnswerStatus { answered, cancelled, timed_out };

struct PromptAnswer {
    AnswerStatus status = AnswerStatus::cancelled;
    Secret secret; // of `answered`
};

// Asks people. The oldest prompt is shown on all consoles at once, and whoever answers first,
// answers; the others wait in the queue. Each console has its own line, so two people do not type
// into one another's words. Lives in PID 1; secrets go straight into locked memory and to the
// caller, never into a log.
//
// Type-ahead: the first prompt throws away what was typed before it, since that was meant for
// something else. From then on input stays silent and is kept, so that a person may begin the next
// try before the question is back (and a script may send several lines), until suspend() or the
// end of the broker, which throw the rest away.
//
// A question with a limit of time shows how many seconds are left: on virtual terminals every
// second, on serial lines, whose output often ends up in a file, every ten. The line is drawn over
// itself; one that is too long for that shows the time only when it is drawn for another reason.
class PromptBroker {
public:
    static constexpr std::size_t kLineWidth = 79; // every console has that much
    static constexpr std::int64_t kSerialRhythm = 10;

    using Callback = std::function<void(PromptAnswer)>;

    // All three outlive the broker.
    PromptBroker(EventLoop &loop, Consoles &consoles, Log &log);
    PromptBroker(const PromptBroker &) = delete;
    PromptBroker &operator=(const PromptBroker &) = delete;
    PromptBroker(PromptBroker &&) = delete;
    PromptBroker &operator=(PromptBroker &&) = delete;
    ~PromptBroker(); // restores the consoles; callbacks of open prompts are not called

    // `callback` runs once, from the event loop, unless the prompt is withdrawn. It may open and
    // withdraw prompts.
    [[nodiscard]] PromptId open(Prompt prompt, Callback callback);
    // Its callback is not called any more. An id that is answered already is ignored.
    void withdraw(PromptId id);
    // The answer came from somewhere else; ends the prompt as if it had been typed. An id that is
    // answered already is ignored.
    void answer(PromptId id, PromptAnswer answer);

    // The outlet outlives the broker, or is taken away with nullptr.
    void set_outlet(PromptOutlet *outlet) noexcept { outlet_ = outlet; }
    // While `is_splash_shown` says so, questions are not written (a splash in front of the console
    // shows them; what the outlet publishes), but can be answered.
    void set_splash(std::function<bool()> is_splash_shown) {
        is_splash_shown_ = std::move(is_splash_shown);
    }

    // A prompt is waiting, seen or unseen.
    [[nodiscard]] bool is_open() const noexcept { return !queue_.empty(); }

    // Gives the consoles to somebody else (a shell) and takes them back. What was typed so far
    // is forgotten; the question is asked again by resume().
    void suspend();
    void resume();

    // Repeats the question after something else was written over it.
    void redraw();
    // A line on all consoles, and the question below it again.
    void write_above(std::string_view line);

private:
    struct Entry {
        PromptId id = 0;
        Prompt prompt;
        Callback callback;
    };

    void show();
    void hide();
    void start_input();
    void stop_input();
    void watch_input();
    void arm_timeout();
    void arm_countdown();
    void count_down();
    void draw(std::size_t console);
    [[nodiscard]] bool counts_every_second(std::size_t console) const;
    [[nodiscard]] std::int64_t seconds_left() const;
    void read_input(std::size_t console);
    void finish(AnswerStatus status, Secret secret);
    void write_question();
    void end_line();
    [[nodiscard]] std::string question() const;

    EventLoop &loop_;
    Consoles &consoles_;
    Log &log_;
    PromptId last_id_ = 0;
    std::deque<Entry> queue_; // the first one is shown
    bool is_shown_ = false;
    bool is_suspended_ = false;
    bool is_written_ = false; // the question stands on the consoles
    bool has_input_ = false;  // the consoles are switched to silent input
    Duration shown_since_{0};
    std::vector<LineEditor> lines_;       // one per console, while shown
    std::vector<EventSourcePtr> readers_; // one per console, while shown
    EventSourcePtr timeout_;
    EventSourcePtr countdown_;
    PromptOutlet *outlet_ = nullptr;
    std::function<bool()> is_splash_shown_;
};

} // namespace slipway
