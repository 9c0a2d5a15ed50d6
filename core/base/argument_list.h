// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace slipway {

// Words as execve(2) and posix_spawn(3) take them, with a null pointer at the end. Borrows from the
// words; nobody writes to them.
[[nodiscard]] inline std::vector<char *> argument_list(const std::vector<std::string> &words) {
    std::vector<char *> list;
    list.reserve(words.size() + 1);
    for (const std::string &word : words)
        list.push_back(const_cast<char *>(word.c_str()));
    list.push_back(nullptr);
    return list;
}

} // namespace slipway
