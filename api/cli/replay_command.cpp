// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/text.h"
#include "cli/command.h"
#include "engine/replay.h"

namespace slipway::cli {

namespace {

struct ReplayOptions {
    std::string file = "/run/slipway/record.txt";
    std::string until;
    bool decisions = false;
    bool dump = false;
    bool why = false;
    bool json = false;
};

double seconds(Duration time) {
    return static_cast<double>(time.count()) / 1e6;
}

// Line by line, because a record may come from anywhere and must not drive the terminal.
void print(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const std::string shown = printable(line, line.size()) + "\n";
        (void)std::fwrite(shown.data(), 1, shown.size(), stdout);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
}

Result<Record> read_record(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return failure("cannot read " + path + "; is this the record of a boot with slipway?");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad())
        return failure("cannot read " + path);
    auto record = parse_record(text);
    if (!record)
        return std::unexpected(std::move(record).error().with_context(path));
    return record;
}

using Json = nlohmann::ordered_json;

Json to_json(const std::optional<std::string> &decision) {
    return decision ? Json(*decision) : Json(nullptr);
}

int print_json(const ReplayOptions &options, const Record &record, const Replay &replay) {
    Json all = {{"file", options.file},
                {"steps", replay.steps()},
                {"recorded_steps", record.steps.size()},
                {"compared", replay.compared()},
                {"truncated", record.is_truncated},
                {"difference", nullptr}};
    if (const auto &difference = replay.difference())
        all["difference"] = {{"time_us", difference->when.count()},
                             {"line", difference->line},
                             {"recorded", to_json(difference->recorded)},
                             {"replayed", to_json(difference->replayed)}};
    if (options.decisions) {
        all["decisions"] = Json::array();
        for (const Replay::Decision &decision : replay.decisions())
            all["decisions"].push_back(
                {{"time_us", decision.when.count()}, {"text", decision.text}});
    }
    if (options.dump)
        all["dump"] = replay.engine().dump();
    if (options.why)
        all["why"] = replay.engine().why();
    const int written =
        write_out(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return replay.difference() ? kExitFailure : written;
}

std::string shown(const std::optional<std::string> &decision) {
    return decision.value_or("nothing");
}

int report(const ReplayOptions &options, const Record &record, const Replay &replay) {
    if (const auto &difference = replay.difference()) {
        print(std::format("{:.3f} s, line {}: another decision\nrecorded: {}\nreplayed: {}\n",
                          seconds(difference->when), difference->line, shown(difference->recorded),
                          shown(difference->replayed)));
        return kExitFailure;
    }
    const std::string part =
        replay.steps() == record.steps.size()
            ? std::format("{} steps", replay.steps())
            : std::format("{} of {} steps", replay.steps(), record.steps.size());
    print(std::format("{}: {}, {} decisions, the same again{}\n", options.file, part,
                      replay.compared(),
                      record.is_truncated ? " (the record ended there because of its size; the "
                                            "boot went on)"
                                          : ""));
    return kExitOk;
}

int run_replay(const ReplayOptions &options) {
    const auto until =
        options.until.empty() ? std::optional<Duration>() : parse_duration(options.until);
    if (!options.until.empty() && !until) {
        (void)report_failure("--until: \"" + printable(options.until, 40) +
                             "\" is no time; write seconds, or \"500ms\", \"1min 30s\"");
        return kExitUsage;
    }
    const auto record = read_record(options.file);
    if (!record)
        return report_failure(record.error().message());
    Replay replay(*record);
    replay.run(until);
    if (options.json)
        return print_json(options, *record, replay);
    if (options.decisions) {
        for (const Replay::Decision &decision : replay.decisions())
            print(std::format("{:>8.3f} {}\n", seconds(decision.when), decision.text));
    }
    if (options.dump)
        print(replay.engine().dump());
    if (options.why)
        print(replay.engine().why());
    return report(options, *record, replay);
}

} // namespace

Run declare_replay(CLI::App &app) {
    auto options = std::make_shared<ReplayOptions>();
    app.add_option("FILE", options->file, "the record")->capture_default_str();
    app.add_flag("--decisions", options->decisions, "print what was decided, and when");
    app.add_flag("--dump", options->dump, "print the graph at the end");
    app.add_flag("--why", options->why, "print what the boot waited for at the end");
    app.add_option("--until", options->until,
                   "stop at this time, in seconds since the machine started");
    app.add_flag("--json", options->json, "print JSON (docs/schema/replay.json)");
    app.footer("Runs a recorded boot again, offline. Exit status 1: it decided something else.\n"
               "Example, what was the boot waiting for at second 12?\n"
               "  slipway replay --until 12 --why /run/slipway/record.txt");
    return [options] { return run_replay(*options); };
}

} // namespace slipway::cli
