// SPDX-License-Identifier: LGPL-2.1-or-later
// A record of a boot, as `slipway replay` reads it: whatever parses can be played, and the engine
// survives every order of events, of jobs that never were, and of units that do not load.
#include "engine/record.h"
#include "engine/record_stream.h"
#include "engine/replay.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "unit/unit_catalog.h"

namespace {

using namespace slipway;
using fuzz::require;

// What makes one input slow says nothing that a short one does not.
constexpr std::size_t kMaxSteps = 200;
constexpr std::size_t kMaxBytes = 16384;

// What was read can be written, and read again as the same.
void check_rewriting(const Record &record) {
    const auto write = [](const Record &read) {
        Recorder recorder(read.config, read.units);
        recorder.started(read.steps.empty() ? Duration(0) : read.steps.front().when, {});
        for (const RecordedStep &step : read.steps) {
            if (step.event)
                recorder.handled(step.when, *step.event, {});
        }
        return recorder.text();
    };
    const std::string text = write(record);
    const auto again = parse_record(text);
    require(again.has_value(), "what is written can be read", text);
    require(write(*again) == text, "what is read again is the same", text);
}

// Read in two pieces, it says the same, or is wrong in the same way.
void check_pieces(const std::string &text, const Result<Record> &whole) {
    RecordStream stream;
    auto read = stream.feed(text.substr(0, text.size() / 2));
    const std::size_t early = stream.take_steps().size();
    if (read)
        read = stream.feed(text.substr(text.size() / 2));
    if (read)
        read = stream.settle();
    require(read.has_value() == whole.has_value(), "pieces are as right as the whole", text);
    if (read)
        require(early + stream.take_steps().size() == whole->steps.size(),
                "pieces have the steps of the whole", text);
    else
        require(read.error().message() == whole.error().message(),
                "pieces are wrong as the whole is", text);
}

void check_replay(const Record &record) {
    Replay replay(record);
    replay.run();
    require(replay.steps() <= record.steps.size(), "no step is played twice");
    require(replay.difference() || replay.steps() == record.steps.size(),
            "without a difference all is played");
    require(!replay.engine().headline().contains('\n'), "a headline is one line",
            replay.engine().headline());
    (void)replay.engine().why();
    (void)replay.engine().dump();
}

// Replay stops at the first difference, which in most inputs is the first step: all of the events.
void check_engine(const Record &record) {
    Engine engine(make_catalog(record.units).set, record.config);
    for (const RecordedStep &step : record.steps) {
        (void)(step.event ? engine.handle(step.when, *step.event) : engine.start(step.when));
        require(!engine.headline().contains('\n'), "a headline is one line", engine.headline());
    }
    (void)engine.why();
    (void)engine.dump();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size > kMaxBytes)
        return 0;
    const std::string text(fuzz::text_of(data, size));
    const auto record = parse_record(text);
    check_pieces(text, record);
    if (!record) {
        const std::string message = record.error().message();
        require(message.starts_with("line ") && printable(message, message.size()) == message,
                "an error names its line and is printable", message);
        return 0;
    }
    if (record->steps.size() > kMaxSteps)
        return 0;
    check_rewriting(*record);
    check_replay(*record);
    check_engine(*record);
    return 0;
}
