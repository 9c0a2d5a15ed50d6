// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Thousands of random boots. A seed makes a machine, the engine boots it in virtual time, and the
// invariants and the oracle judge; docs/testing.md says how to read what this prints.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <optional>
#include <print>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/explorer/generator.h"
#include "sim/explorer/world.h"

namespace slipway::sim {
namespace {

struct Options {
    std::uint64_t seeds = 1000;
    std::uint64_t from = 1;
    bool is_logged = false;
    std::string expected; // the invariant that must be violated
    std::vector<std::string> ignored{kNotKeptYet.begin(), kNotKeptYet.end()};
    std::string changed; // how the weights were set, to repeat it
    Weights weights;
};

struct Boot {
    Ending ending = Ending::silence;
    Verdict verdict = Verdict::either;
    std::optional<Violation> violation;
    std::uint64_t events = 0;
    std::vector<std::string> log;
    std::string expectation; // the oracle's, in words
};

struct Tally {
    std::uint64_t boots = 0;
    std::uint64_t events = 0;
    std::uint64_t devices = 0;
    std::uint64_t real_root = 0;
    std::uint64_t by_necessity = 0;
    std::uint64_t either = 0;
    std::uint64_t either_in_root = 0;
    std::uint64_t violations = 0;
    std::map<std::string, std::vector<std::uint64_t>> seeds_of; // by invariant
};

std::vector<UnitSource> read_units() {
    std::vector<UnitSource> units;
    for (const char *folder : {SLIPWAY_SIM_UNITS, SLIPWAY_EXPLORER_UNITS}) {
        for (const auto &entry : std::filesystem::directory_iterator(folder)) {
            // What importers emit in the scenarios; here the machine says it.
            if (entry.path().filename().string().starts_with("import-"))
                continue;
            std::ifstream file(entry.path());
            std::stringstream text;
            text << file.rdbuf();
            units.push_back({entry.path().filename().string(), text.str()});
        }
    }
    std::ranges::sort(units, {}, &UnitSource::file);
    return units;
}

Boot boot(std::uint64_t seed, const Options &options, const std::vector<UnitSource> &units,
          bool is_logged) {
    const Machine machine = make_machine(seed, options.weights);
    Diary diary(is_logged);
    World world(machine, units, diary);
    world.invariants().ignore(options.ignored);
    Boot boot;
    boot.ending = world.play();
    const Oracle oracle(machine, options.weights.sure_return > 0);
    boot.verdict = oracle.judge();
    if (options.is_logged)
        boot.expectation = oracle.explain();
    if (!world.invariants().violation())
        world.invariants().boot_ended(boot.ending, boot.verdict);
    boot.violation = world.invariants().violation();
    boot.events = world.events();
    boot.log = diary.lines();
    return boot;
}

// Every so often a boot is played twice: the same seed must give the same decisions.
void check_repetition(std::uint64_t seed, const Options &options,
                      const std::vector<UnitSource> &units, Boot &boot) {
    constexpr std::uint64_t kEvery = 50;
    if (seed % kEvery != 0 || boot.violation)
        return;
    const auto log = [&] { return sim::boot(seed, options, units, true).log; };
    if (log() != log())
        boot.violation = Violation{"same-log", "two runs of the same seed decide differently"};
}

void print_violation(std::uint64_t seed, const Options &options, const Boot &boot,
                     const std::vector<std::string> &log) {
    constexpr std::size_t kShown = 25;
    std::println("VIOLATION of {} with seed {}: {}", boot.violation->invariant, seed,
                 boot.violation->text);
    const std::size_t first = log.size() > kShown ? log.size() - kShown : 0;
    for (std::size_t number = first; number < log.size(); ++number)
        std::println("    {}", log[number]);
    std::println("  repeat with: sim_explorer --seed {} --log{}", seed, options.changed);
}

void count(Tally &tally, const Boot &boot) {
    ++tally.boots;
    tally.events += boot.events;
    const bool is_root = boot.ending == Ending::real_root;
    if (boot.verdict == Verdict::either) {
        ++tally.either;
        tally.either_in_root += is_root ? 1 : 0;
    } else if (is_root) {
        ++tally.real_root;
    } else {
        ++tally.by_necessity;
    }
}

void print_summary(const Tally &tally) {
    std::println("{} boots, {} events: {} ended in the real root, {} in the emergency by "
                 "necessity, {} could end either way ({} of them in the real root); {} violations",
                 tally.boots, tally.events, tally.real_root, tally.by_necessity, tally.either,
                 tally.either_in_root, tally.violations);
    for (const auto &[invariant, seeds] : tally.seeds_of) {
        std::string shown;
        for (std::size_t number = 0; number < std::min<std::size_t>(seeds.size(), 8); ++number)
            shown += std::format(" {}", seeds[number]);
        std::println("  {}: {} boots, seeds{}", invariant, seeds.size(), shown);
    }
}

int explore(const Options &options) {
    constexpr std::uint64_t kShownViolations = 3;
    const std::vector<UnitSource> units = read_units();
    Tally tally;
    for (std::uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
        Boot played = boot(seed, options, units, options.is_logged);
        check_repetition(seed, options, units, played);
        count(tally, played);
        for (const std::string &line : played.log)
            std::println("{}", line);
        std::print("{}", played.expectation);
        if (!played.violation)
            continue;
        tally.seeds_of[played.violation->invariant].push_back(seed);
        if (played.violation->invariant == options.expected) {
            std::println("seed {} violates {}, as expected: {}", seed, options.expected,
                         played.violation->text);
            return 0;
        }
        if (++tally.violations <= kShownViolations && options.expected.empty())
            print_violation(seed, options, played, boot(seed, options, units, true).log);
    }
    print_summary(tally);
    if (!options.expected.empty()) {
        std::println("no boot violates {}", options.expected);
        return 1;
    }
    if (tally.either * 3 > tally.boots && tally.boots >= 1000) {
        std::println("more than a third of the boots could end either way: this proves too little");
        return 1;
    }
    return tally.violations == 0 ? 0 : 1;
}

std::uint64_t number_of(const std::string &text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument("\"" + text + "\" is no number");
    return value;
}

// NAME=PERCENT
void set_weight(Options &options, const std::string &text) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const auto row = std::ranges::find(kWeightRows, text.substr(0, equals), &Weights::Row::name);
    if (row == kWeightRows.end() || equals == text.size())
        throw std::invalid_argument("--weight NAME=PERCENT: there is no \"" + text + "\"");
    options.weights.*(row->field) = static_cast<unsigned>(number_of(text.substr(equals + 1)));
    options.changed += " --weight " + text;
}

Options options_of(const std::vector<std::string> &words) {
    Options options;
    for (std::size_t number = 0; number < words.size(); ++number) {
        const std::string &word = words[number];
        if (word == "--log") {
            options.is_logged = true;
            continue;
        }
        if (word == "--strict") {
            options.ignored.clear();
            options.changed += " --strict";
            continue;
        }
        if (++number == words.size())
            throw std::invalid_argument(word + " needs a value");
        const std::string &value = words[number];
        if (word == "--seeds") {
            options.seeds = number_of(value);
        } else if (word == "--from") {
            options.from = number_of(value);
        } else if (word == "--seed") {
            options.from = number_of(value);
            options.seeds = 1;
        } else if (word == "--expect") {
            options.expected = value;
        } else if (word == "--weight") {
            set_weight(options, value);
        } else {
            throw std::invalid_argument("unknown option " + word);
        }
    }
    return options;
}

} // namespace
} // namespace slipway::sim

int main(int argc, char **argv) {
    try {
        return slipway::sim::explore(
            slipway::sim::options_of(std::vector<std::string>(argv + 1, argv + argc)));
    } catch (const std::exception &error) {
        std::println(stderr,
                     "sim_explorer: {}\n"
                     "usage: sim_explorer [--seeds N] [--from SEED] [--seed SEED --log]\n"
                     "                    [--weight NAME=PERCENT]… [--strict]\n"
                     "                    [--expect INVARIANT]",
                     error.what());
        return 2;
    }
}
