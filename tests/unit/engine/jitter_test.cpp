// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/jitter.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.h"
#include "unit/unit_loader.h"

namespace slipway {
namespace {

using namespace std::chrono_literals;

// A fleet that was powered on together, and a server that refuses everybody.
constexpr unsigned kMachines = 10'000;

UnitSet units() {
    return load_units({{"x.toml", "[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
                                  "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\n"
                                  "wanted = \"never\"\nrequires = [\"sysroot\"]\n"
                                  "[[unit]]\nname = \"sysroot\"\nkind = \"job\"\n"
                                  "retry_for = \"60s\"\nbackoff = \"1s\"\n"
                                  "backoff_limit = \"8s\"\n"}})
        .set;
}

// When the engine starts tries 2 to `tries`, if each fails at once.
std::vector<Duration> times_of_tries(const UnitSet &set, std::uint64_t seed, unsigned tries) {
    EngineConfig config;
    config.seed = seed;
    Engine engine(set, config);
    std::vector<Duration> times;
    std::vector<Action> actions = engine.start(Duration{0});
    Duration now{0};
    while (times.size() < tries) {
        JobFinished refused;
        for (const Action &action : actions) {
            if (const auto *start = std::get_if<StartJob>(&action)) {
                times.push_back(now);
                refused.job = start->job;
            }
        }
        if (refused.job == 0)
            break;
        refused.outcome = JobOutcome::retry;
        actions = engine.handle(now, refused);
        for (const Action &action : actions) {
            if (const auto *timer = std::get_if<ArmTimer>(&action); timer != nullptr && timer->when)
                now = *timer->when;
        }
        actions = engine.handle(now, TimePassed{});
    }
    return times;
}

// The most tries of the whole fleet within any tenth of a second, in per cent of the machines; by
// number of the try.
std::vector<unsigned> busiest_tenths(bool have_seeds, unsigned tries) {
    const UnitSet set = units();
    std::vector<std::map<long, unsigned>> tenths(tries);
    for (unsigned machine = 0; machine < kMachines; ++machine) {
        const std::uint64_t seed =
            have_seeds ? seed_of("boot " + std::to_string(machine)) : std::uint64_t{0};
        const auto times = times_of_tries(set, seed, tries);
        for (std::size_t i = 0; i < times.size(); ++i)
            ++tenths[i][times[i] / 100ms];
    }
    std::vector<unsigned> busiest;
    for (const auto &counts : tenths)
        busiest.push_back(
            100 *
            std::ranges::max_element(counts, {}, [](const auto &p) { return p.second; })->second /
            kMachines);
    return busiest;
}

TEST(Jitter, TenThousandMachinesDoNotMarchInStep) {
    const auto busiest = busiest_tenths(true, 6);
    EXPECT_EQ(busiest[0], 100U); // the first try is as early as the machine can
    EXPECT_LE(busiest[1], 11U);  // evenly over a second
    EXPECT_LE(busiest[2], 6U);
    EXPECT_LE(busiest[3], 3U);
    EXPECT_LE(busiest[4], 2U);
    EXPECT_LE(busiest[5], 2U);
}

TEST(Jitter, WithoutASeedTheyDo) {
    for (const unsigned busiest : busiest_tenths(false, 6))
        EXPECT_EQ(busiest, 100U);
}

TEST(Jitter, APauseStaysWithinAHalfOfItself) {
    for (std::uint64_t seed = 1; seed < 2000; ++seed) {
        const Duration pause = with_jitter(4s, seed, "sysroot", 1);
        EXPECT_GE(pause, 2s);
        EXPECT_LT(pause, 6s);
    }
}

TEST(Jitter, TheSameArgumentsGiveTheSamePause) {
    EXPECT_EQ(with_jitter(4s, 7, "a", 1), with_jitter(4s, 7, "a", 1));
    EXPECT_NE(with_jitter(4s, 7, "a", 1), with_jitter(4s, 7, "a", 2));
    EXPECT_NE(with_jitter(4s, 7, "a", 1), with_jitter(4s, 7, "b", 1));
    EXPECT_NE(with_jitter(4s, 7, "a", 1), with_jitter(4s, 8, "a", 1));
    EXPECT_EQ(with_jitter(4s, 0, "a", 1), Duration(4s));
    EXPECT_EQ(with_jitter(Duration{0}, 7, "a", 1), Duration{0});
}

TEST(Jitter, ASeedIsNeverTheOneThatMeansNone) {
    EXPECT_NE(seed_of(""), 0U);
    EXPECT_NE(seed_of("a"), seed_of("b"));
}

} // namespace
} // namespace slipway
