// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/saved_boot.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/engine_view.h"
#include "engine/record.h"
#include "engine/replay.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxRecordBytes = 64U << 20U; // as its reader has it
constexpr std::size_t kMaxFileBytes = 16U << 20U;
constexpr const char *kElse =
    "; slipway report shows what else is known of this boot, and log.txt is beside the record";

// Another version of slipway may decide otherwise, and then its units are not those that were.
Result<> check_decisions(const std::string &text) {
    const auto record = parse_record(text);
    if (!record)
        return std::unexpected(record.error());
    Replay replay(*record);
    replay.run();
    if (!replay.difference())
        return {};
    return failure("line " + std::to_string(replay.difference()->line) +
                   ": this version of slipway decides otherwise than the one that booted, so it "
                   "cannot say how that boot was" +
                   kElse);
}

Result<> check_end(const BootMirror &mirror) {
    if (mirror.engine() == nullptr)
        return failure(std::string("it ends before the boot begins: it was cut short") + kElse);
    if (mirror.is_truncated() || EngineView(*mirror.engine()).state() == BootState::switching)
        return {};
    return failure("it ends at " + format_duration(mirror.last_step()) +
                   ", before the real root was entered: it was cut short" + kElse);
}

Result<> read_record(System &system, const std::string &path, StatusBoard &board) {
    const auto text = system.read_file(path, kMaxRecordBytes);
    if (!text)
        return std::unexpected(
            Error(text.error())
                .with_context(
                    "nothing is known of the boot; was this system booted with slipway?"));
    auto read = check_decisions(*text);
    if (read)
        read = board.mirror().feed(*text, true);
    if (read)
        read = check_end(board.mirror());
    if (!read)
        return std::unexpected(std::move(read).error().with_context(path));
    return {};
}

// "warning: some text". The times are not kept.
std::optional<LogRecord> to_log_record(std::string_view line) {
    constexpr std::array kLevels = {LogLevel::error, LogLevel::warning, LogLevel::notice,
                                    LogLevel::info, LogLevel::debug};
    for (const LogLevel level : kLevels) {
        const std::string head = std::string(level_name(level)) + ": ";
        if (line.starts_with(head))
            return LogRecord{.level = level, .text = printable(line.substr(head.size()))};
    }
    return std::nullopt;
}

void read_log(System &system, const std::string &path, StatusBoard &board) {
    const auto text = system.read_file(path, kMaxFileBytes);
    if (!text)
        return board.add_log_line(
            {.level = LogLevel::warning,
             .text = "the log of this boot cannot be read: " + text.error().message()});
    for (const std::string &line : split_words(*text, "\n")) {
        if (auto record = to_log_record(line))
            board.add_log_line(std::move(*record));
    }
}

} // namespace

void show_saved_boot(System &system, const std::string &folder, StatusBoard &board) {
    if (const auto read = read_record(system, folder + "/record.txt", board); !read)
        return board.set_problem(read.error().message());
    board.set_over();
    // Without it, the record says the same, up to where it was full.
    if (auto timeline = system.read_file(folder + "/timeline.json", kMaxFileBytes))
        board.set_timeline(std::move(*timeline));
    read_log(system, folder + "/log.txt", board);
    (void)board.refresh();
}

} // namespace slipway
