// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/decision_log.h"
#include "engine/engine.h"
#include "unit/unit_loader.h"

// The record of a boot: all that went into the engine and all that it decided, as text. Because the
// engine is pure, this is enough to run the boot again (replay.h).
//
//     slipway-record 1
//     goal switch-root                       the configuration, one value per line
//     option root UUID=1234
//     units /usr/share/slipway/units/fs.toml -
//     |[plugin]                              a line that begins with '|' continues the text of
//     |name = "fs"                           the line before
//     @2121000 start                         a step: its time and what came in, …
//     > start import:fs                      … what the engine decided, …
//     @2130000 finished 1 done -             … and the next one
//     unit                                   parts of an event that have no room in its line
//     |[[unit]]
//     |name = "sysroot"
//
// Words are separated by one blank; in them blanks, '%' and all that is not printable ASCII are
// written as %XX; "-" is the empty word. In text, everything but '%' and what is not printable
// ASCII stands for itself. Times are microseconds. A version is for one shape of this: once it was
// released, whoever changes it counts up.
namespace slipway {

// One thing that came in, and what the engine decided.
struct RecordedStep {
    Duration when{0};
    // Nothing: the start of the engine.
    std::optional<Event> event;
    std::vector<std::string> decisions; // DecisionLog's words
    unsigned line = 0;                  // of the file, for messages
};

struct Record {
    EngineConfig config;
    std::vector<UnitSource> units;
    std::vector<RecordedStep> steps;
    // The record reached its size limit: more happened than it tells.
    bool is_truncated = false;
};

// Reads untrusted text: errors name the line and what is wrong with it.
[[nodiscard]] Result<Record> parse_record(std::string_view text);

// Writes a record while the boot runs; part of PID 1, so it neither fails nor grows without bound.
class Recorder {
public:
    static constexpr std::size_t kMaxBytes = 4U << 20U;

    Recorder(const EngineConfig &config, const std::vector<UnitSource> &units,
             std::size_t max_bytes = kMaxBytes);

    // What Engine::start() and Engine::handle() were given, and what they returned.
    void started(Duration when, const std::vector<Action> &decisions);
    void handled(Duration when, const Event &event, const std::vector<Action> &decisions);

    [[nodiscard]] const std::string &text() const noexcept { return text_; }

private:
    void add_decisions(const std::vector<Action> &decisions);
    void end_step(std::size_t begin);

    std::size_t max_bytes_;
    bool is_full_ = false;
    DecisionLog decisions_;
    std::string text_;
};

} // namespace slipway
