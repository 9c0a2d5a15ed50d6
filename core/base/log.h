// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace slipway {

// The numbers are those of syslog(3) and /dev/kmsg.
enum class LogLevel { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

// "error", "warning", …
[[nodiscard]] std::string_view level_name(LogLevel level) noexcept;

struct LogRecord {
    LogLevel level;
    std::string text;        // one line, control characters replaced
    std::string source = {}; // the plugin whose job it is from; empty: slipway itself
    Duration time{0};        // of the log's clock
};

// Keeps the last records and hands each to the sinks. Owned by main and passed by reference: there
// is no global log. Library code returns errors; only a job boundary writes here.
class Log {
public:
    using Sink = std::function<void(const LogRecord &)>;

    // `capacity`: how many records are kept for the report; older ones are counted, then dropped.
    explicit Log(std::size_t capacity = 4096) : capacity_(capacity) {}

    // Where the times of records come from; without it they are 0.
    void set_clock(std::function<Duration()> clock) { clock_ = std::move(clock); }
    // A sink must not block. It first receives what was logged before it was added.
    void add_sink(Sink sink);
    // Runs before the sinks get a record; nullptr: nothing does. Must not write to the log.
    void before_each(std::function<void()> hook) { before_each_ = std::move(hook); }
    void write(LogLevel level, std::string_view text, std::string_view source = {});

    void error(std::string_view text) { write(LogLevel::error, text); }
    void warning(std::string_view text) { write(LogLevel::warning, text); }
    void notice(std::string_view text) { write(LogLevel::notice, text); }
    void info(std::string_view text) { write(LogLevel::info, text); }
    void debug(std::string_view text) { write(LogLevel::debug, text); }

    [[nodiscard]] const std::deque<LogRecord> &records() const noexcept { return records_; }
    [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }

private:
    std::size_t capacity_;
    std::size_t dropped_ = 0;
    std::deque<LogRecord> records_;
    std::deque<Sink> sinks_;
    std::function<void()> before_each_;
    std::function<Duration()> clock_;
};

} // namespace slipway
