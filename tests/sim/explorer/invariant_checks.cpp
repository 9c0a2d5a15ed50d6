// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <charconv>
#include <format>

#include "sim/explorer/invariants.h"

namespace slipway::sim {

namespace {

// How the engine says in its log that the wait for a device is over.
constexpr std::string_view kDeviceExpired = "did not appear in time";

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

// The barrier ends when all that is ordered before it has ended; only `resume` is.
void Invariants::check_barrier(const StartJob &action) {
    const JobModel *job = machine_.job(action.unit);
    if (job == nullptr || !job->writes)
        return;
    for (const std::string_view plugin : {"fs", "crypt"}) {
        if (!imported_.contains(plugin))
            report("write-barrier",
                   std::format("{} writes before the import of {} has ended", action.unit, plugin));
    }
    const JobModel *resume = machine_.job("resume");
    if (resume == nullptr || done_.contains("resume") || failed_.contains("resume"))
        return;
    // It may have failed without a run: its device did not come in time.
    if (runnable(now_) < *resume->device_timeout)
        report("write-barrier", action.unit + " writes before resume has ended");
    for (const auto &[id, run] : running_) {
        if (run.request.unit == "resume")
            report("write-barrier", action.unit + " writes while resume runs");
    }
}

void Invariants::check_wanted(const StartJob &action) {
    if (const AssemblyModel *assembly = machine_.assembly(action.unit)) {
        check_wanted_assembly(*assembly);
        return;
    }
    const JobModel *job = machine_.job(action.unit);
    if (job == nullptr) {
        report("unwanted-job", action.unit + " is no unit of this boot");
        return;
    }
    if (job->is_skipped)
        report("unwanted-job", action.unit + " runs although its condition does not hold");
    const bool is_alternative = std::ranges::any_of(machine_.jobs, [&](const JobModel &other) {
        return std::ranges::contains(other.any_of, job->name);
    });
    if (job->is_never && !is_alternative)
        report("unwanted-job", action.unit + " runs, and nobody wants it");
    if (is_alternative)
        check_alternative(*job);
}

void Invariants::check_wanted_assembly(const AssemblyModel &assembly) {
    const std::string unit = assembly.unit();
    if (assembly.kind == AssemblyModel::Kind::crypt) {
        if (!assembly.is_named || !imported_.contains("crypt"))
            report("unwanted-job", unit + " is opened, and nothing names it");
        return;
    }
    note_eligible();
    const auto id = static_cast<AssemblyId>(&assembly - machine_.assemblies.data());
    if (!eligible_.contains(id))
        report("unwanted-job", unit + " is assembled, and no goal could need it");
}

// The next one is wanted only when the one before has failed.
void Invariants::check_alternative(const JobModel &job) {
    for (const JobModel &group : machine_.jobs) {
        const auto found = std::ranges::find(group.any_of, job.name);
        if (found == group.any_of.end() || group.race)
            continue;
        for (auto before = group.any_of.begin(); before != found; ++before) {
            const bool runs = std::ranges::any_of(
                running_, [&](const auto &entry) { return entry.second.request.unit == *before; });
            if (runs || done_.contains(*before))
                report("unwanted-job", job.name + " runs before " + *before + " has failed");
        }
    }
}

void Invariants::check_clock(const StartJob &action) {
    const AssemblyModel *assembly = machine_.assembly(action.unit);
    const bool is_first = !started_.contains(action.unit);
    if (action.mode != Mode::degraded || assembly == nullptr || !is_first ||
        assembly->kind == AssemblyModel::Kind::asking)
        return;
    if (had_prompt_ && prompts_ > 0)
        report("stopped-clock", action.unit + " is started degraded while a person is being asked");
}

void Invariants::did(const LogMessage &action) {
    if (had_prompt_ && prompts_ > 0 && action.text.contains(kDeviceExpired))
        report("stopped-clock", "while a person is being asked: " + action.text);
}

// What was incomplete is run again when a member has come, or once more when it may be degraded.
void Invariants::check_rerun(const StartJob &action) {
    const auto node = incomplete_.extract(action.unit);
    if (node.empty())
        return;
    const StartJob &before = node.mapped();
    const bool is_same =
        before.mode == action.mode &&
        std::ranges::all_of(action.devices, [&](const DeviceView &view) {
            return std::ranges::contains(before.devices, view.syspath, &DeviceView::syspath);
        });
    if (is_same)
        report("pointless-run",
               action.unit + " was incomplete, and runs again with the same members");
}

void Invariants::check_alone(const StartJob &action) {
    const JobModel *job = machine_.job(action.unit);
    const auto excludes = [&](const std::string &name) {
        const JobModel *other = machine_.job(name);
        return (job != nullptr && std::ranges::contains(job->conflicts, name)) ||
               (other != nullptr && std::ranges::contains(other->conflicts, action.unit));
    };
    for (const auto &[id, run] : running_) {
        const std::string &name = run.request.unit;
        if (name.empty())
            continue;
        if (name == action.unit)
            report("double-run", action.unit + " is started while it runs");
        if (excludes(name))
            report("conflict", action.unit + " is started while " + name + " runs");
    }
    for (const std::string &name : done_) {
        if (excludes(name))
            report("conflict", action.unit + " is started while " + name + " is ready");
    }
}

void Invariants::check_resources() {
    struct Use {
        std::uint64_t total = 0;
        unsigned users = 0;
    };
    std::map<std::string, Use> uses;
    const auto add = [&uses](const std::string &name, std::uint64_t amount) {
        uses[name].total += amount;
        ++uses[name].users;
    };
    for (const auto &[id, run] : running_) {
        for (const auto &[name, amount] : static_amounts(run.request.unit))
            add(name, number_of(amount));
        if (run.is_granted)
            add(run.resource, run.amount);
    }
    for (const auto &[name, use] : uses) {
        const auto capacity = machine_.resources.find(name);
        const std::uint64_t limit = capacity == machine_.resources.end() ? 1 : capacity->second;
        if (use.total > limit && use.users > 1)
            report("resources", std::format("{} of {} {} are in use by {} jobs", use.total, limit,
                                            name, use.users));
    }
}

void Invariants::check_deadlines() {
    for (const auto &[id, run] : running_) {
        const bool waits = !run.resource.empty() && !run.is_granted;
        if (run.deadline && *run.deadline + kMillisecond < now_ && !run.is_cancelled && !waits &&
            !run.is_granted)
            report("job-deadline", std::format("job {} ({} {}) runs beyond its deadline", id,
                                               run.request.plugin, run.request.unit));
    }
}

bool Invariants::has_root() const {
    const auto is_done = [this](const std::string &name) { return done_.contains(name); };
    const JobModel &root = *machine_.job("sysroot");
    return root.any_of.empty() ? is_done(root.name) : std::ranges::any_of(root.any_of, is_done);
}

void Invariants::check_goals() {
    const auto need = [this](const std::string &name) {
        if (!done_.contains(name))
            report("goal-not-ready", "the root is switched and " + name + " is not ready");
    };
    if (!has_root())
        report("goal-not-ready", "the root is switched and no root is mounted");
    for (const JobModel &job : machine_.jobs) {
        if (job.is_goal)
            need(job.name);
    }
}

void Invariants::boot_ended(Ending ending, Verdict verdict) {
    switch (ending) {
    case Ending::real_root:
        if (verdict == Verdict::lost)
            report("root-impossible", "the real root is entered, which is not reachable");
        break;
    case Ending::emergency:
        if (verdict == Verdict::reached)
            report("root-not-reached", "an emergency, but the root is reachable");
        break;
    case Ending::unanswered:
        break;
    case Ending::unlimited_wait:
        if (verdict == Verdict::reached)
            report("root-not-reached", "it waits without end, but the root is reachable");
        break;
    case Ending::silence:
        report("endless-wait", "nothing happens any more, and no timer is armed");
        break;
    case Ending::unbounded:
        report("endless-wait", "the boot does not come to an end");
        break;
    }
}

} // namespace slipway::sim
