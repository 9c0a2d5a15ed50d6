// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The engine's clock: microseconds of CLOCK_MONOTONIC, or of the simulator's virtual time.
using Duration = std::chrono::microseconds;

// Words between any of `separators`; empty words are dropped.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text,
                                                   std::string_view separators = " \t\n");

// Without the blanks, tabs and carriage returns at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// Without one pair of quotes, double or single.
[[nodiscard]] std::string_view without_quotes(std::string_view text);

[[nodiscard]] std::string join(const std::vector<std::string> &words, std::string_view separator);

// "90", "90s", "500ms", "2min", "1min 30s", "1h": systemd.time(7), a bare number means seconds.
// "infinity" and "0" are the caller's business: "0" gives zero, "infinity" gives nothing.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

// The largest fitting unit, for people: "1.5 s", "90 s", "250 ms".
[[nodiscard]] std::string format_duration(Duration duration);

// "1 yes true on" and "0 no false off" (kernel-parameters, systemd); nothing for other words.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);

// Replaces control characters and invalid UTF-8 by '?', so that text from a disk label or a server
// cannot drive the terminal or forge a log line. At most `max_bytes` bytes come back.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 4096);

// The candidate nearest to `word` by edit distance, if it is near enough to be a likely typing
// error (at most a third of the word's letters, and 3).
[[nodiscard]] std::optional<std::string> nearest_word(std::string_view word,
                                                      const std::vector<std::string> &candidates);

// fnmatch-like match with '*' only: "virtio*" matches "virtio_blk", "*" matches everything.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

} // namespace slipway
