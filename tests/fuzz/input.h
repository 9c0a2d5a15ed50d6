// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What libFuzzer and the replay driver call. Each target defines it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

// How the targets read their input, so that people can write it by hand as well.
namespace slipway::fuzz {

inline std::string_view text_of(const std::uint8_t *data, std::size_t size) {
    return size == 0 ? std::string_view()
                     : std::string_view(reinterpret_cast<const char *>(data), size);
}

// Several texts in one input are separated by a line with nothing but "%%".
inline std::vector<std::string> parts_of(std::string_view text) {
    constexpr std::string_view kSeparator = "%%\n";
    std::vector<std::string> parts(1);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
        if (line == kSeparator)
            parts.emplace_back();
        else
            parts.back().append(line);
        text.remove_prefix(line.size());
    }
    return parts;
}

// One "key=value" per line; without '=' the value is empty.
inline std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const std::size_t equals = line.find('=');
        if (!line.empty())
            pairs.emplace_back(line.substr(0, equals), equals == std::string_view::npos
                                                           ? std::string_view()
                                                           : line.substr(equals + 1));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return pairs;
}

} // namespace slipway::fuzz
