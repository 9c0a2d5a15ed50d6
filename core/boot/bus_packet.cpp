// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/bus_packet.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/record_words.h"

namespace slipway::bus {

namespace {

using record::add_number;
using record::add_time;
using record::add_word;
using record::Words;

// In the order of the enumerators.
constexpr std::array<std::string_view, 5> kVerbs = {"retry", "skip", "set_deadline", "continue",
                                                    "note"};

constexpr std::uint64_t kMaxSerial = std::numeric_limits<std::uint32_t>::max();

std::uint32_t read_serial(Words &words) {
    return static_cast<std::uint32_t>(words.number("serial", kMaxSerial));
}

template <class Value>
std::optional<Value> whole(Words &words, Value value) {
    words.finish();
    if (!words.problem().empty())
        return std::nullopt;
    return value;
}

// Writers of words put a blank before each one.
std::string without_first_blank(std::string text) {
    text.erase(0, 1);
    return text;
}

} // namespace

std::string encode(const LogRecord &line) {
    std::string text;
    add_number(text, static_cast<std::uint64_t>(std::to_underlying(line.level)));
    add_time(text, line.time);
    add_word(text, line.text);
    return without_first_blank(std::move(text));
}

std::optional<LogRecord> decode_log_line(std::string_view text) {
    Words words(text);
    LogRecord line;
    constexpr auto kMost = static_cast<std::uint64_t>(LogLevel::debug);
    line.level = static_cast<LogLevel>(words.number("level", kMost));
    line.time = words.time("time");
    line.text = words.text("text");
    if (line.level < LogLevel::error)
        return std::nullopt;
    return whole(words, std::move(line));
}

std::string encode(const Reply &reply) {
    std::string text;
    add_number(text, reply.serial);
    add_word(text, reply.problem);
    return without_first_blank(std::move(text));
}

std::optional<Reply> decode_reply(std::string_view text) {
    Words words(text);
    Reply reply;
    reply.serial = read_serial(words);
    reply.problem = words.text("problem");
    return whole(words, std::move(reply));
}

std::string encode(const Command &command) {
    std::string text;
    add_number(text, command.serial);
    add_word(text, kVerbs.at(std::to_underlying(command.verb)));
    if (command.verb != Command::Verb::go_on)
        add_word(text, command.text);
    if (command.verb == Command::Verb::set_deadline)
        add_time(text, command.time);
    return without_first_blank(std::move(text));
}

std::optional<Command> decode_command(std::string_view packet) {
    const auto is_printable = [](char byte) { return byte >= ' ' && byte <= '~'; };
    if (packet.size() > kMaxCommandBytes || !std::ranges::all_of(packet, is_printable))
        return std::nullopt;
    Words words(packet);
    Command command;
    command.serial = read_serial(words);
    command.verb = static_cast<Command::Verb>(words.choice("verb", kVerbs));
    if (command.verb != Command::Verb::go_on)
        command.text = words.text("text");
    if (command.verb == Command::Verb::set_deadline)
        command.time = words.time("time");
    return whole(words, std::move(command));
}

} // namespace slipway::bus
