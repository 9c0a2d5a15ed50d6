// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/simulator.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "unit/unit_catalog.h"

namespace slipway::sim {

namespace {

std::string read_text(const std::filesystem::path &path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string syspath_of(const std::string &name) {
    return "/sys/devices/" + name;
}

Duration time_of(const std::string &word, const std::string &where) {
    const auto time = parse_duration(word);
    if (!time)
        throw std::runtime_error(where + ": \"" + word + "\" is no time");
    return *time;
}

// "key=value" words into facts; "~" stands for a blank and "|" for a new line in values of the
// scenario files.
Facts facts_of(const std::vector<std::string> &words, std::size_t from) {
    Facts facts;
    for (std::size_t i = from; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        if (equals == std::string::npos)
            continue;
        std::string value = words[i].substr(equals + 1);
        std::ranges::replace(value, '~', ' ');
        std::ranges::replace(value, '|', '\n');
        facts[words[i].substr(0, equals)] = std::move(value);
    }
    return facts;
}

JobOutcome outcome_of(const std::string &word, const std::string &where) {
    const std::map<std::string, JobOutcome> outcomes = {{"done", JobOutcome::done},
                                                        {"incomplete", JobOutcome::incomplete},
                                                        {"failed", JobOutcome::failed},
                                                        {"retry", JobOutcome::retry}};
    const auto found = outcomes.find(word);
    if (found == outcomes.end())
        throw std::runtime_error(where + ": unknown outcome \"" + word + "\"");
    return found->second;
}

// config.txt: "device_timeout 20s" and so on, one per line.
void read_config(const std::string &text, EngineConfig &config) {
    std::istringstream lines(text);
    std::string key;
    std::string value;
    while (lines >> key >> value) {
        std::string second;
        if ((key == "option" || key == "resource") && !(lines >> second))
            throw std::runtime_error("config.txt: " + key + " needs a name and a value");
        if (key == "device_timeout")
            config.device_timeout =
                value == "none" ? std::nullopt : std::optional(time_of(value, "config.txt"));
        else if (key == "degraded_wait")
            config.degraded_wait = time_of(value, "config.txt");
        else if (key == "import")
            config.imports.push_back({value, {}});
        else if (key == "break")
            config.breaks.push_back(value);
        else if (key == "option")
            config.options[value] = second;
        else if (key == "resource")
            config.resources[value] = std::stoull(second);
        else
            throw std::runtime_error("config.txt: unknown key \"" + key + "\"");
    }
}

void read_units(const std::filesystem::path &folder, std::vector<UnitSource> &units) {
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".toml") && !name.starts_with("import-") && !name.starts_with("emit-"))
            paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    for (const auto &path : paths)
        units.push_back({path.filename().string(), read_text(path)});
}

std::vector<ScenarioEvent> read_events(const std::string &text) {
    std::vector<ScenarioEvent> events;
    std::istringstream lines(text);
    std::string line;
    for (unsigned number = 1; std::getline(lines, line); ++number) {
        auto words = split_words(line);
        if (words.empty() || words[0].starts_with('#'))
            continue;
        const std::string where = "events.txt:" + std::to_string(number);
        if (words.size() < 2)
            throw std::runtime_error(where + ": a time and a verb are needed");
        events.push_back({time_of(words[0], where), number, words[1],
                          std::vector<std::string>(words.begin() + 2, words.end())});
    }
    return events;
}

} // namespace

Scenario read_scenario(const std::string &folder, const std::string &shared_units) {
    const std::filesystem::path root(folder);
    Scenario scenario;
    read_units(shared_units, scenario.units);
    read_units(folder, scenario.units);
    scenario.events = read_events(read_text(root / "events.txt"));
    scenario.expected = read_text(root / "expected.txt");
    if (std::filesystem::exists(root / "record.txt"))
        scenario.record = read_text(root / "record.txt");
    read_config(read_text(root / "config.txt"), scenario.config);
    for (const ImportRequest &import : scenario.config.imports) {
        const std::string file = "import-" + import.plugin + ".toml";
        const bool is_own = std::filesystem::exists(root / file);
        scenario.imports[import.plugin] =
            read_text((is_own ? root : std::filesystem::path(shared_units)) / file);
    }
    for (const auto &entry : std::filesystem::directory_iterator(root)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("emit-"))
            scenario.emitted[name] = read_text(entry.path());
    }
    return scenario;
}

Simulator::Simulator(const Scenario &scenario) : scenario_(scenario) {
    UnitCatalog catalog = make_catalog(scenario.units);
    for (const UnitProblem &problem : catalog.problems)
        record("problem " + problem.text());
    EngineConfig config = scenario.config;
    config.broken_units = std::move(catalog.broken);
    set_ = catalog.set;
    recorder_.emplace(config, scenario.units);
    engine_ = std::make_unique<Engine>(std::move(catalog.set), std::move(config));
}

std::string Simulator::play() {
    const auto started = engine_->start(now_);
    recorder_->started(now_, started);
    take(started);
    for (const ScenarioEvent &event : scenario_.events) {
        run_timers_until(event.when);
        now_ = event.when;
        apply(event);
    }
    return log_ + "---\n" + engine_->dump();
}

void Simulator::run_timers_until(Duration when) {
    // More than this between two events means that the engine arms its timer in the past.
    for (unsigned rounds = 0; timer_ && *timer_ <= when; ++rounds) {
        if (rounds > 10'000)
            throw std::runtime_error("the engine's timer does not move on");
        now_ = std::max(now_, *timer_);
        timer_.reset();
        handle(TimePassed{});
    }
}

void Simulator::apply(const ScenarioEvent &event) {
    const auto verb = std::ranges::find(kVerbs, event.verb, &Verb::name);
    if (verb == kVerbs.end())
        throw std::runtime_error("events.txt:" + std::to_string(event.line) + ": unknown verb \"" +
                                 event.verb + "\"");
    if (event.words.size() < verb->words)
        throw std::runtime_error("events.txt:" + std::to_string(event.line) + ": " + event.verb +
                                 " needs more words; see docs/testing.md");
    verb->apply(*this, event.words, event);
}

// A row per verb of events.txt.
const std::vector<Simulator::Verb> Simulator::kVerbs = {
    {"end", 0, [](Simulator &, const Words &, const ScenarioEvent &) {}},
    {"retry", 0,
     [](Simulator &s, const Words &, const ScenarioEvent &) { s.handle(RetryFailed{}); }},
    {"why", 0,
     [](Simulator &s, const Words &, const ScenarioEvent &) {
         const Waiting waiting = s.engine_->waiting();
         std::string text = "why: " + waiting.headline + "\n";
         if (!waiting.hint.empty())
             text += "hint: " + waiting.hint + "\n";
         if (!waiting.aside.empty())
             text += "aside: " + waiting.aside + "\n";
         text += s.engine_->why();
         for (const std::string &remedy : s.engine_->remedies())
             text += "help: " + remedy + "\n";
         s.record(text);
     }},
    {"device", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(DeviceChanged{syspath_of(words[0]), facts_of(words, 1)});
     }},
    {"gone", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(DeviceGone{syspath_of(words[0])});
     }},
    {"finish", 2,
     [](Simulator &s, const Words &, const ScenarioEvent &event) {
         s.handle(s.parse_finish(event));
     }},
    {"prompt", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(PromptOpened{s.job_of(words[0]), "a passphrase", s.engine_->next_question()});
     }},
    {"answered", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(PromptClosed{s.job_of(words[0])});
     }},
    {"foreign-prompt", 2,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         // The second word is the job that the program works for, or "-".
         s.handle(ForeignPromptOpened{static_cast<std::uint32_t>(std::stoul(words[0])),
                                      words[1] == "-" ? 0 : s.job_of(words[1]), "a password",
                                      s.engine_->next_question(), "ask." + words[0]});
     }},
    {"foreign-answered", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(ForeignPromptClosed{static_cast<std::uint32_t>(std::stoul(words[0]))});
     }},
    {"progress", 2,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(JobProgressed{s.job_of(words[0]), join({words.begin() + 1, words.end()}, " ")});
     }},
    {"continue", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(BreakContinued{words[0]});
     }},
    {"ready", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         ServiceReady ready{s.job_of(words[0]), {}};
         if (words.size() > 1)
             ready.published[syspath_of(words[1])] = facts_of(words, 2);
         s.handle(ready);
     }},
    {"answer", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(QuestionAnswered{s.question_, words[0] == "yes"});
     }},
    {"acquire", 3,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(ResourceRequested{s.job_of(words[0]), words[1], std::stoull(words[2])});
     }},
    {"release", 1,
     [](Simulator &s, const Words &words, const ScenarioEvent &) {
         s.handle(ResourceReleased{s.job_of(words[0])});
     }},
    {"command", 2,
     [](Simulator &s, const Words &words, const ScenarioEvent &event) {
         s.handle(s.parse_command(words, event));
     }},
};

UserCommand Simulator::parse_command(const Words &words, const ScenarioEvent &event) {
    const std::string where = "events.txt:" + std::to_string(event.line);
    UserCommand command;
    command.unit = words[1];
    if (words[0] == "skip")
        command.verb = UserCommand::Verb::skip;
    else if (words[0] == "deadline")
        command.verb = UserCommand::Verb::set_deadline;
    else if (words[0] != "retry")
        throw std::runtime_error(where + ": unknown command \"" + words[0] + "\"");
    if (words.size() > 2)
        command.time = time_of(words[2], where);
    return command;
}

JobId Simulator::job_of(const std::string &title) const {
    const auto found = running_.find(title);
    if (found == running_.end())
        throw std::runtime_error("no job \"" + title + "\" is running; the log so far:\n" + log_);
    return found->second.job;
}

// finish TITLE OUTCOME [FACT=VALUE …] [member=UNIT,NAME,EXPECTED[,LINK…]] [emit=FILE]
//        [because WORDS…]
JobFinished Simulator::parse_finish(const ScenarioEvent &event) {
    const std::string where = "events.txt:" + std::to_string(event.line);
    JobFinished finished;
    finished.job = job_of(event.words[0]);
    finished.outcome = outcome_of(event.words.at(1), where);
    const StartJob job = running_.at(event.words[0]);
    running_.erase(event.words[0]);
    const auto because = std::ranges::find(event.words, "because");
    for (auto word = because; word != event.words.end(); ++word)
        if (word != because)
            finished.reason += (finished.reason.empty() ? "" : " ") + *word;
    std::vector<std::string> words(event.words.begin(), because);
    for (const std::string &word : words) {
        if (!word.starts_with("member="))
            continue;
        const auto parts = split_words(word.substr(7), ",");
        finished.memberships.push_back({parts.at(0), parts.at(1),
                                        static_cast<unsigned>(std::stoul(parts.at(2))),
                                        std::vector<std::string>(parts.begin() + 3, parts.end())});
    }
    std::erase_if(words, [](const std::string &word) { return word.starts_with("member="); });
    if (!job.devices.empty() && job.operation == Operation::inspect)
        finished.published[job.devices.front().syspath] = facts_of(words, 2);
    if (job.operation == Operation::import && finished.outcome == JobOutcome::done)
        finished.units = {scenario_.imports.at(job.plugin)};
    for (const std::string &word : words) {
        if (word.starts_with("emit="))
            finished.units.push_back(scenario_.emitted.at(word.substr(5)));
    }
    return finished;
}

void Simulator::handle(const Event &event) {
    const auto decided = engine_->handle(now_, event);
    recorder_->handled(now_, event, decided);
    take(decided);
}

void Simulator::record(const std::string &text) {
    log_ += std::format("{:>8.3f} {}\n", static_cast<double>(now_.count()) / 1e6, text);
}

void Simulator::take(const std::vector<Action> &actions) {
    for (const Action &action : actions) {
        if (!is_bookkeeping(action))
            record(decisions_.describe(action));
        if (const auto *start = std::get_if<StartJob>(&action))
            run(*start);
        else if (const auto *timer = std::get_if<ArmTimer>(&action))
            timer_ = timer->when;
        else if (const auto *question = std::get_if<AskQuestion>(&action))
            question_ = question->question;
    }
}

void Simulator::run(const StartJob &action) {
    check_write_barrier(action);
    running_.insert_or_assign(title_of(action), action);
}

// Law 5, checked from outside: the dump must not show an open barrier when a writer starts.
void Simulator::check_write_barrier(const StartJob &action) {
    const auto unit = std::ranges::find(set_.units, action.unit, &Unit::name);
    if (unit == set_.units.end() || !unit->writes)
        return;
    for (const Unit &barrier : set_.units) {
        const bool is_open =
            barrier.barrier && !engine_->dump().contains("unit " + barrier.name + ": ready");
        if (is_open && !engine_->dump().contains("unit " + barrier.name + ": failed"))
            record("VIOLATION " + action.unit + " writes before " + barrier.name);
    }
}

} // namespace slipway::sim
