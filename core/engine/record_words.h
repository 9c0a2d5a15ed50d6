// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/events.h"

// The words of the record's format (record.h), for its writer and its reader.
namespace slipway::record {

constexpr std::string_view kFirstLine = "slipway-record 1";
constexpr std::string_view kNoTime = "none";
constexpr std::string_view kTruncated = "truncated";
constexpr std::string_view kStart = "start";

// In the order of the alternatives of Event.
constexpr std::array<std::string_view, 16> kEventNames = {
    "device",   "gone",    "finished", "asks",     "answered", "time",         "retry-all",
    "ready",    "replied", "acquires", "releases", "command",  "foreign-asks", "foreign-answered",
    "progress", "continue"};
static_assert(kEventNames.size() == std::variant_size_v<Event>,
              "the new event needs a name here, a writer and a reader, and a test");

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> kOutcomes = {"done", "incomplete", "failed", "retry"};
constexpr std::array<std::string_view, 3> kVerbs = {"retry", "skip", "set_deadline"};

// ---- writing ------------------------------------------------------------------------------------

// " word", escaped.
void add_word(std::string &out, std::string_view word);
void add_number(std::string &out, std::uint64_t number);
void add_time(std::string &out, std::optional<Duration> time);
// " key=value"
void add_pair(std::string &out, std::string_view key, std::string_view value);
// Free text to the end of a line; further lines of it become lines that begin with '|'.
void add_lines(std::string &out, std::string_view text);

// ---- reading ------------------------------------------------------------------------------------

// Takes the words of one line, in order. The first problem sticks and everything after it gives
// empty values, so that who reads a line asks only once.
class Words {
public:
    // Nobody boots for longer than a year; greater times would overflow when added up.
    static constexpr std::uint64_t kMaxTime = 366ULL * 24 * 3600 * 1'000'000;

    explicit Words(std::string_view line) : rest_(line) {}

    // `what` is for the problem: "no SYSPATH".
    [[nodiscard]] std::string text(std::string_view what);
    [[nodiscard]] std::uint64_t number(std::string_view what, std::uint64_t max = UINT64_MAX);
    [[nodiscard]] Duration time(std::string_view what);
    [[nodiscard]] std::optional<Duration> optional_time(std::string_view what);
    [[nodiscard]] std::pair<std::string, std::string> pair(std::string_view what);
    // The index of the word in `choices`.
    template <std::size_t Size>
    [[nodiscard]] std::size_t choice(std::string_view what,
                                     const std::array<std::string_view, Size> &choices) {
        const std::string word = text(what);
        for (std::size_t i = 0; i < Size; ++i) {
            if (choices[i] == word)
                return i;
        }
        complain("unknown " + std::string(what) + " \"" + printable(word, 40) + "\"");
        return 0;
    }
    [[nodiscard]] bool has_more() const noexcept { return !rest_.empty() && problem_.empty(); }
    // Words that nobody took are a problem, too.
    void finish();

    void complain(std::string problem);
    [[nodiscard]] const std::string &problem() const noexcept { return problem_; }

private:
    [[nodiscard]] std::string_view take(std::string_view what);
    [[nodiscard]] std::string unescaped(std::string_view raw);

    std::string_view rest_;
    std::string problem_;
};

// Nothing: a '%' without two hexadecimal digits.
[[nodiscard]] std::optional<std::string> unescape(std::string_view raw);

} // namespace slipway::record
