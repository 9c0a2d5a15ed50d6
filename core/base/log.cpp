// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/log.h"

#include "base/text.h"

namespace slipway {

void Log::add_sink(Sink sink) {
    for (const LogRecord &record : records_)
        sink(record);
    sinks_.push_back(std::move(sink));
}

void Log::write(LogLevel level, std::string_view text) {
    // A message of several lines becomes several records: /dev/kmsg and the journal are line based.
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) {
            records_.push_back({level, printable(text.substr(0, end))});
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
