// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/settings.h"

#include <utility>

#include "base/text.h"

namespace slipway {

std::vector<Setting> parse_settings(std::string_view text) {
    std::vector<Setting> settings;
    for (const std::string &line : split_words(text, "\n")) {
        const std::string_view entry = trimmed(line);
        const std::size_t equals = entry.find('=');
        if (entry.starts_with('#') || equals == std::string_view::npos)
            continue;
        settings.push_back({std::string(trimmed(entry.substr(0, equals))),
                            std::string(without_quotes(trimmed(entry.substr(equals + 1))))});
    }
    return settings;
}

std::string setting_of(std::string_view text, std::string_view name) {
    std::string found;
    for (Setting &setting : parse_settings(text)) {
        if (setting.name == name)
            found = std::move(setting.value);
    }
    return found;
}

} // namespace slipway
