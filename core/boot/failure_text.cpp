// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/failure_text.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <iterator>

namespace slipway {

namespace {

constexpr std::size_t kMaxLineBytes = 300;
constexpr std::string_view kEnd = "end\n";
// A machine without a clock that runs on says something from the last century.
constexpr std::int64_t kPlausibleUsec = 1'577'836'800'000'000; // 2020

std::string line(std::string_view key, std::string_view text) {
    return std::format("{} {}\n", key, printable(text, kMaxLineBytes));
}

std::string time_text(std::int64_t realtime_usec) {
    const std::chrono::sys_seconds time{std::chrono::seconds(realtime_usec / 1'000'000)};
    return std::format("time {:%FT%TZ}\n", time);
}

// What a reader wants first.
std::vector<std::string> first_lines(const FailureParts &parts) {
    std::vector<std::string> lines;
    if (parts.realtime_usec >= kPlausibleUsec)
        lines.push_back(time_text(parts.realtime_usec));
    lines.push_back("after " + format_duration(parts.uptime) + "\n");
    lines.push_back(line("what", parts.headline));
    for (const std::string &reason : parts.why)
        lines.push_back(line("why", reason));
    for (const std::string &remedy : parts.remedies)
        lines.push_back(line("help", remedy));
    return lines;
}

// As many as have room in `room` bytes, in order.
std::string leading(const std::vector<std::string> &lines, std::size_t room) {
    std::string text;
    for (const std::string &one : lines) {
        if (text.size() + one.size() > room)
            break;
        text += one;
    }
    return text;
}

// The same from the end.
std::string trailing(const std::vector<std::string> &newest_first, std::size_t room) {
    std::string text;
    for (const std::string &one : newest_first) {
        if (text.size() + one.size() > room)
            break;
        text.insert(0, one);
    }
    return text;
}

// The record's lines that begin with "> ", the newest first; timers and log lines say nothing here.
std::vector<std::string> last_decisions(std::string_view record, std::size_t room) {
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    while (!record.empty() && bytes < room) {
        const std::string_view body =
            record.substr(0, record.size() - (record.ends_with('\n') ? 1 : 0));
        const std::size_t begin = body.rfind('\n') + 1; // 0 if there is none
        const std::string_view text = body.substr(begin);
        record = record.substr(0, begin);
        const std::string_view decision =
            trimmed(text.substr(std::min<std::size_t>(2, text.size())));
        if (!text.starts_with("> ") || decision.starts_with("timer ") ||
            decision.starts_with("log ") || decision.starts_with("debug ") ||
            decision.starts_with("update "))
            continue;
        lines.push_back(line("decision", decision));
        bytes += lines.back().size();
    }
    return lines;
}

std::vector<std::string> last_log_lines(const std::deque<LogRecord> &log, std::size_t room) {
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    for (auto record = log.rbegin(); record != log.rend() && bytes < room; ++record) {
        if (record->level > LogLevel::info)
            continue;
        lines.push_back(
            line("log", std::format("{}: {}", level_name(record->level), record->text)));
        bytes += lines.back().size();
    }
    return lines;
}

} // namespace

std::string failure_text(const FailureParts &parts, std::size_t max_bytes) {
    const std::size_t room = max_bytes - kFailureMagic.size() - kEnd.size();
    std::string text = leading(first_lines(parts), room / 2);
    text += leading({line("cmdline", parts.command_line)}, room - text.size());
    const std::size_t rest = room - text.size();
    const std::string log = parts.log == nullptr
                                ? std::string()
                                : trailing(last_log_lines(*parts.log, rest), rest * 2 / 3);
    text += trailing(last_decisions(parts.record, rest), rest - log.size());
    return std::string(kFailureMagic).append(text).append(log).append(kEnd);
}

} // namespace slipway
