// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "dbus/boot_mirror.h"
#include "engine/engine_view.h"

namespace slipway {

// What clients see, with versions, so that each client can be told what it does not know yet,
// however far it lags. Owned by the bus server, read by all sessions.
class StatusBoard {
public:
    template <class T>
    struct Versioned {
        T value;
        std::uint64_t version = 0;
    };
    template <class Key, class T>
    using Shelf = std::map<Key, Versioned<T>, std::less<>>;

    struct Overall {
        std::string state = "booting";
        std::vector<std::string> goals;
        std::vector<std::string> jobs;
        bool is_truncated = false;
        [[nodiscard]] bool operator==(const Overall &) const = default;
    };

    // Older lines are dropped.
    static constexpr std::size_t kMaxLogLines = 4096;

    explicit StatusBoard(std::function<Duration()> clock) : clock_(std::move(clock)) {}

    [[nodiscard]] BootMirror &mirror() noexcept { return mirror_; }
    [[nodiscard]] const BootMirror &mirror() const noexcept { return mirror_; }
    void add_log_line(LogRecord line);
    // PID 1 enters the real root.
    void set_farewell();
    // The boot is over, and what the mirror knows is all that there will be: nobody asks anything.
    void set_over();
    // It is over, and this is why nothing can be said of it.
    void set_problem(std::string problem);
    // What timeline() says instead of what the mirror has seen, which may be less.
    void set_timeline(std::string json) { saved_timeline_ = std::move(json); }
    // Looks at the mirror again. True: something has changed.
    bool refresh();

    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    // Empty: none.
    [[nodiscard]] const std::string &problem() const noexcept { return problem_; }
    [[nodiscard]] const Versioned<Overall> &overall() const noexcept { return overall_; }
    [[nodiscard]] const Shelf<std::string, UnitSnapshot> &units() const noexcept { return units_; }
    [[nodiscard]] const Shelf<std::string, DeviceSnapshot> &devices() const noexcept {
        return devices_;
    }
    [[nodiscard]] const Shelf<BootMirror::PromptNumber, OpenPrompt> &prompts() const noexcept {
        return prompts_;
    }
    // Lines since the beginning: the number of the first one that is kept, and of the one to come.
    [[nodiscard]] std::uint64_t first_log_line() const noexcept { return dropped_; }
    [[nodiscard]] std::uint64_t next_log_line() const noexcept { return dropped_ + log_.size(); }
    [[nodiscard]] const LogRecord &log_line(std::uint64_t number) const {
        return log_.at(number - dropped_);
    }

    // As of now.
    [[nodiscard]] std::string headline() const;
    // Nothing: there is no such unit. "" asks for all goals.
    [[nodiscard]] std::optional<std::string> why(const std::string &goal) const;
    [[nodiscard]] std::optional<Duration> time_left(const std::string &unit) const;
    [[nodiscard]] std::string dump() const;
    [[nodiscard]] std::string timeline() const;

private:
    [[nodiscard]] std::string_view state() const;

    std::function<Duration()> clock_;
    BootMirror mirror_;
    std::uint64_t seen_steps_ = 0;
    std::uint64_t version_ = 0;
    bool is_farewell_ = false;
    bool is_over_ = false;
    std::string problem_;
    std::string saved_timeline_;
    Versioned<Overall> overall_;
    Shelf<std::string, UnitSnapshot> units_;
    Shelf<std::string, DeviceSnapshot> devices_;
    Shelf<BootMirror::PromptNumber, OpenPrompt> prompts_;
    std::uint64_t dropped_ = 0;
    std::deque<LogRecord> log_;
};

} // namespace slipway
