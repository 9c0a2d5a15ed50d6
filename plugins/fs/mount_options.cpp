// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/mount_options.h"

#include <utility>

namespace slipway::fs {

std::vector<std::string> split_mount_options(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool is_quoted = false;
    const auto finish = [&] {
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
    };
    for (const char character : text) {
        if (character == '"')
            is_quoted = !is_quoted;
        if (character == ',' && !is_quoted)
            finish();
        else
            word += character;
    }
    finish();
    return words;
}

} // namespace slipway::fs
