// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision_log.h"
#include "engine/engine.h"
#include "engine/record.h"
#include "unit/unit_loader.h"

namespace slipway::sim {

// One line of events.txt.
struct ScenarioEvent {
    Duration when{0};
    unsigned line = 0;
    std::string verb;               // Simulator::kVerbs
    std::vector<std::string> words; // the rest
};

struct Scenario {
    std::vector<UnitSource> units;              // tests/sim/units/*.toml and the folder's own
    std::map<std::string, std::string> imports; // import-PLUGIN.toml by plugin: what import emits
    std::map<std::string, std::string> emitted; // emit-NAME.toml by file name: units of other jobs
    EngineConfig config;
    std::vector<ScenarioEvent> events;
    std::string expected; // expected.txt
    // record.txt, if there is one: what PID 1 would have recorded.
    std::optional<std::string> record;
};

// Reads a scenario folder and the unit files that all scenarios share; throws std::runtime_error
// with file and line when it is malformed.
[[nodiscard]] Scenario read_scenario(const std::string &folder, const std::string &shared_units);

// Plays a scenario in virtual time and returns the decision log: one line per decision, with its
// time, then the dump of the graph. Also checks what must hold in every boot; a violation is a line
// that starts with "VIOLATION".
class Simulator {
public:
    explicit Simulator(const Scenario &scenario);
    [[nodiscard]] std::string play();
    // Of what was played, as PID 1 writes it.
    [[nodiscard]] const std::string &recorded() const { return recorder_->text(); }

private:
    using Words = std::vector<std::string>;
    struct Verb {
        std::string name;
        std::size_t words = 0; // that it needs
        void (*apply)(Simulator &simulator, const Words &words, const ScenarioEvent &event);
    };
    static const std::vector<Verb> kVerbs;

    void run_timers_until(Duration when);
    void apply(const ScenarioEvent &event);
    void handle(const Event &event);
    void take(const std::vector<Action> &actions);
    void run(const StartJob &action);
    void check_write_barrier(const StartJob &action);
    void record(const std::string &text);
    [[nodiscard]] UserCommand parse_command(const Words &words, const ScenarioEvent &event);
    [[nodiscard]] JobFinished parse_finish(const ScenarioEvent &event);
    [[nodiscard]] JobId job_of(const std::string &title) const;

    const Scenario &scenario_;
    std::unique_ptr<Engine> engine_;
    UnitSet set_;
    Duration now_{0};
    std::optional<Duration> timer_;
    QuestionId question_ = 0;                 // the last one that was asked
    std::map<std::string, StartJob> running_; // by title
    DecisionLog decisions_;
    std::optional<Recorder> recorder_;
    std::string log_;
};

} // namespace slipway::sim
