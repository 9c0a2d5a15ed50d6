// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/log.h"

#include "base/text.h"

namespace slipway {

std::string_view level_name(LogLevel level) noexcept {
    switch (level) {
    case LogLevel::error:
        return "error";
    case LogLevel::warning:
        return "warning";
    case LogLevel::notice:
        return "notice";
    case LogLevel::info:
        return "info";
    case LogLevel::debug:
        return "debug";
    }
    return "info";
}

void Log::add_sink(Sink sink) {
    for (const LogRecord &record : records_)
        sink(record);
    sinks_.push_back(std::move(sink));
}

void Log::write(LogLevel level, std::string_view text, std::string_view source) {
    // A message of several lines becomes several records: /dev/kmsg and the journal are line based.
    const Duration now = clock_ ? clock_() : Duration(0);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) {
            records_.push_back({level, printable(text.substr(0, end)), std::string(source), now});
            if (before_each_)
                before_each_();
            for (const Sink &sink : sinks_)
                sink(records_.back());
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    while (records_.size() > capacity_) {
        records_.pop_front();
        ++dropped_;
    }
}

} // namespace slipway
