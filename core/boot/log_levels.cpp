// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/log_levels.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::string_view kKey = "rd.slipway.log";

std::optional<LogLevel> level_of(std::string_view name) {
    using enum LogLevel;
    for (const LogLevel level : std::array{error, warning, notice, info, debug}) {
        if (name == level_name(level))
            return level;
    }
    return std::nullopt;
}

} // namespace

void LogLevels::read(const KernelCommandLine &line, std::vector<std::string> &problems) {
    for (const CommandLineWord *word : line.all(kKey)) {
        for (const std::string &item : split_words(word->value.value_or(""), ","))
            read_item(item, problems);
    }
}

void LogLevels::read_item(std::string_view item, std::vector<std::string> &problems) {
    const std::size_t colon = item.rfind(':');
    const bool is_for_all = colon == std::string_view::npos;
    const auto level = level_of(is_for_all ? item : item.substr(colon + 1));
    if (!level || colon == 0)
        problems.push_back(std::string(kKey) + "=" + printable(item, 80) +
                           ": ignored. Write <plugin>:<level> or <level>; the levels are error, "
                           "warning, notice, info, debug");
    else if (is_for_all)
        usual_ = *level;
    else
        plugins_.insert_or_assign(std::string(item.substr(0, colon)), *level);
}

bool LogLevels::admit(const LogRecord &record) const {
    const auto own = plugins_.find(record.source);
    return record.level <= (own == plugins_.end() ? usual_ : own->second);
}

std::vector<std::string> LogLevels::plugins() const {
    std::vector<std::string> names;
    for (const auto &[name, level] : plugins_)
        names.push_back(name);
    return names;
}

} // namespace slipway
