// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/small_file.h"

#include <fstream>

namespace slipway::sdk {

std::optional<std::string> read_small_file(const std::string &path, std::size_t max_bytes) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return std::nullopt;
    std::string text(max_bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

} // namespace slipway::sdk
