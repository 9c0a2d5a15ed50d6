// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What one event costs the engine, for machines of 100 to 10,000 devices: claims, inspections,
// memberships of N/5 assemblies of which one leads to the root, the root last. The cost must not
// grow with the machine. The last line states the ratio and the peak memory of the engine, counted
// by the allocator below; tests/run bench reads it.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <format>
#include <limits>
#include <map>
#include <new>
#include <optional>
#include <print>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "engine/engine.h"
#include "unit/unit_loader.h"

namespace {

// What is allocated now, and the most that ever was since the last reset.
std::size_t allocated = 0;
std::size_t peak = 0;

void *counted(std::size_t size) {
    void *memory = std::malloc(size);
    if (memory == nullptr)
        throw std::bad_alloc();
    allocated += malloc_usable_size(memory);
    peak = std::max(peak, allocated);
    return memory;
}

void uncounted(void *memory) noexcept {
    allocated -= memory == nullptr ? 0 : malloc_usable_size(memory);
    std::free(memory);
}

} // namespace

void *operator new(std::size_t size) {
    return counted(size);
}
void operator delete(void *memory) noexcept {
    uncounted(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
    uncounted(memory);
}

namespace slipway {
namespace {

constexpr std::string_view kUnits = R"(
[plugin]
name = "probe"
library = "probe.so"
abi = 1
workers = 2
[[claim]]
match = { subsystem = "block" }
)";

constexpr std::string_view kGroups = R"(
[plugin]
name = "group"
library = "group.so"
abi = 1
[[claim]]
match = { fs_type = "member" }
[[unit]]
name = "group@"
kind = "assembly"
degraded = { wait = "30s", then = "start" }
)";

constexpr std::string_view kGoal = R"(
[plugin]
name = "fs"
library = "fs.so"
abi = 1
[[unit]]
name = "switch-root"
kind = "target"
wanted = "never"
requires = ["sysroot"]
[[unit]]
name = "sysroot"
kind = "mount"
device = "UUID=root"
)";

constexpr unsigned kMembers = 4; // of five devices one belongs to no group

// Boots a machine with `devices` disks and a fifth as many groups. Every answer is immediate.
class Boot {
public:
    explicit Boot(unsigned devices) : devices_(devices) {
        LoadedUnits loaded = load_units({{"probe.toml", std::string(kUnits)},
                                         {"group.toml", std::string(kGroups)},
                                         {"goal.toml", std::string(kGoal)}});
        if (!loaded.problems.empty())
            throw std::runtime_error(loaded.problems.front().text());
        engine_.emplace(std::move(loaded.set), EngineConfig{});
    }

    // Returns the number of events.
    std::uint64_t play() {
        take(engine_->start(Duration{0}));
        for (unsigned disk = 0; disk < devices_; ++disk)
            send(DeviceChanged{syspath(disk), kernel_facts(disk)});
        send(
            DeviceChanged{"/sys/devices/root", {{"subsystem", "block"}, {"devnode", "/dev/root"}}});
        if (!is_done_)
            throw std::runtime_error("the root was not reached");
        return events_;
    }

private:
    [[nodiscard]] static std::string syspath(unsigned disk) {
        return std::format("/sys/devices/disk{}", disk);
    }
    [[nodiscard]] static Facts kernel_facts(unsigned disk) {
        return {{"subsystem", "block"}, {"devnode", std::format("/dev/disk{}", disk)}};
    }
    [[nodiscard]] static unsigned number_of(const StartJob &job) {
        const std::string &path = job.devices.front().syspath;
        const auto digits = path.find_first_of("0123456789");
        return digits == std::string::npos ? kNone
                                           : static_cast<unsigned>(std::stoul(path.substr(digits)));
    }

    void send(const Event &event) {
        post(event);
        while (!answers_.empty()) {
            const JobFinished answer = std::move(answers_.front());
            answers_.pop_front();
            post(answer);
        }
    }
    void post(const Event &event) {
        ++events_;
        now_ += Duration{1};
        take(engine_->handle(now_, event));
    }
    void take(const std::vector<Action> &actions) {
        for (const Action &action : actions) {
            if (const auto *start = std::get_if<StartJob>(&action))
                answers_.push_back(answer_to(*start));
            is_done_ |= std::holds_alternative<EnterRealRoot>(action);
        }
    }

    [[nodiscard]] JobFinished answer_to(const StartJob &job) const {
        JobFinished answer;
        answer.job = job.job;
        answer.outcome = JobOutcome::done;
        if (job.operation == Operation::inspect)
            inspect(job, answer);
        return answer;
    }
    void inspect(const StartJob &job, JobFinished &answer) const {
        const unsigned disk = number_of(job);
        Facts &facts = answer.published[job.devices.front().syspath];
        if (job.plugin == "group") {
            // Every other group lacks a member for ever and waits; the others are started.
            const unsigned group = disk / (kMembers + 1);
            answer.memberships = {
                {std::format("group@{}", group), "group", kMembers + group % 2, {}}};
            return;
        }
        facts["ready"] = "1";
        facts["fs_uuid"] = disk == kNone ? "root" : std::format("disk{}", disk);
        const bool is_member = disk != kNone && disk % (kMembers + 1) < kMembers;
        facts["fs_type"] = is_member ? "member" : "ext4";
    }

    static constexpr unsigned kNone = std::numeric_limits<unsigned>::max();

    unsigned devices_;
    std::optional<Engine> engine_;
    Duration now_{0};
    std::uint64_t events_ = 0;
    std::deque<JobFinished> answers_;
    bool is_done_ = false;
};

struct Measured {
    double seconds_per_event = std::numeric_limits<double>::max();
    std::size_t peak_bytes = 0;
};

std::map<unsigned, Measured> measured;

// Of this process: other programs on the machine do not count.
double processor_time() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void boot_with_devices(benchmark::State &state) {
    const auto devices = static_cast<unsigned>(state.range(0));
    Measured &result = measured[devices];
    std::uint64_t events = 0;
    for ([[maybe_unused]] auto turn : state) {
        const std::size_t before = allocated;
        peak = allocated;
        Boot boot(devices);
        const double begin = processor_time();
        const std::uint64_t played = boot.play();
        const double took = processor_time() - begin;
        state.SetIterationTime(took);
        events += played;
        // The best run is the one that was disturbed least.
        result.seconds_per_event =
            std::min(result.seconds_per_event, took / static_cast<double>(played));
        result.peak_bytes = peak - before;
    }
    state.counters["per_event"] = benchmark::Counter(
        static_cast<double>(events), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["peak_bytes"] = static_cast<double>(result.peak_bytes);
}

BENCHMARK(boot_with_devices)->Arg(100)->Arg(1'000)->Arg(10'000)->UseManualTime()->MinTime(1.0);

} // namespace
} // namespace slipway

int main(int argc, char **argv) {
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    using slipway::measured;
    if (!measured.contains(100) || !measured.contains(10'000))
        return 0;
    const auto &small = measured[100];
    const auto &large = measured[10'000];
    std::println(
        "engine: {:.2f} us per event with 100 devices, {:.2f} us with 10000: ratio {:.2f}; "
        "peak memory with 10000: {:.1f} MiB (counted in operator new)",
        small.seconds_per_event * 1e6, large.seconds_per_event * 1e6,
        large.seconds_per_event / small.seconds_per_event,
        static_cast<double>(large.peak_bytes) / (1024 * 1024));
    return 0;
}
