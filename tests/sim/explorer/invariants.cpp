// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/invariants.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <utility>

#include "unit/device_reference.h"

// What is known from the events and actions; what is checked is in invariant_checks.cpp.
namespace slipway::sim {

namespace {

constexpr Duration kImportTimeout = 30 * kSecond;
constexpr Duration kInspectTimeout = 30 * kSecond;
constexpr Duration kAssemblyTimeout = 90 * kSecond;

} // namespace

Invariants::Invariants(const Machine &machine) : machine_(machine) {
    for (DeviceId id = 0; id < machine.devices.size(); ++id)
        by_syspath_.emplace(machine.devices[id].syspath(), id);
}

void Invariants::report(std::string_view invariant, std::string text) {
    if (!violation_ && !std::ranges::contains(ignored_, invariant))
        violation_ = Violation{std::string(invariant), std::move(text)};
}

void Invariants::event(Duration now, const Event &event) {
    now_ = now;
    had_prompt_ = prompts_ > 0;
    std::visit([this](const auto &value) { on(value); }, event);
}

void Invariants::action(Duration now, const Action &action) {
    now_ = now;
    std::visit([this](const auto &value) { did(value); }, action);
}

void Invariants::step_ended(Duration now, std::optional<Duration> timer) {
    now_ = now;
    note_eligible();
    if (has_ended_)
        return;
    check_resources();
    check_deadlines();
    if (timer && *timer <= now)
        report("busy-timer", "the timer is armed for a time that has passed");
    if (is_idle() && !timer && questions_.empty() && !may_wait_for_ever())
        report("endless-wait", "nothing runs, nobody is asked, and no timer is armed");
}

// ---- events -------------------------------------------------------------------------------------

void Invariants::on(const DeviceGone &event) {
    const auto found = by_syspath_.find(event.syspath);
    if (found == by_syspath_.end())
        return;
    known_.erase(found->second);
    showing_.erase(found->second);
    // When it comes back it is a member that arrives, also for a run that had begun with it.
    for (auto &[id, run] : running_) {
        if (run.request.operation == Operation::activate)
            std::erase_if(run.request.devices,
                          [&](const DeviceView &view) { return view.syspath == event.syspath; });
    }
    std::erase_if(incomplete_, [&](const auto &entry) {
        return std::ranges::contains(entry.second.devices, event.syspath, &DeviceView::syspath);
    });
}

void Invariants::on(const JobFinished &event) {
    const auto node = running_.extract(event.job);
    if (node.empty())
        return;
    Running &run = node.mapped();
    // Its prompts end with it.
    while (run.stops > 0) {
        go_on(run);
        if (prompts_ == 0)
            continue;
        --prompts_;
        if (prompts_ == 0)
            lost_ += now_ - stopped_at_;
    }
    if (run.is_cancelled)
        note_ended(run, JobOutcome::failed);
    else if (run.request.operation == Operation::inspect)
        note_inspected(run, event);
    else
        note_ended(run, event.outcome);
    for (const auto &[syspath, facts] : event.published) {
        if (facts.contains("fs_uuid") && run.request.plugin == "stack" && !run.is_cancelled)
            showing_.insert(by_syspath_.at(syspath));
    }
}

void Invariants::note_ended(const Running &run, JobOutcome outcome) {
    const std::string &unit = run.request.unit;
    if (run.request.operation == Operation::import)
        imported_.insert(run.request.plugin);
    const JobModel *job = machine_.job(unit);
    const bool is_tried_again = outcome == JobOutcome::retry && job != nullptr &&
                                ++tries_[unit] <= job->other_retries.value_or(job->retries);
    if (outcome == JobOutcome::incomplete)
        incomplete_[unit] = run.request;
    if (outcome == JobOutcome::done)
        done_.insert(unit);
    else if (!is_tried_again && outcome != JobOutcome::incomplete)
        failed_.insert(unit);
}

void Invariants::note_inspected(const Running &run, const JobFinished &event) {
    if (run.request.devices.empty())
        return;
    const DeviceId device = by_syspath_.at(run.request.devices.front().syspath);
    if (run.request.plugin == "probe" && event.outcome != JobOutcome::done)
        known_.erase(device);
    if (run.request.plugin == "probe" && event.published.contains(run.request.devices[0].syspath))
        known_.insert(device);
    const auto member_of = machine_.devices[device].member_of;
    // A member that arrives justifies another run, even if it goes again before that.
    if (member_of) {
        const auto before = incomplete_.find(machine_.assemblies[*member_of].unit());
        if (before != incomplete_.end() &&
            !std::ranges::contains(before->second.devices, run.request.devices[0].syspath,
                                   &DeviceView::syspath))
            incomplete_.erase(before);
    }
    if (member_of && !event.memberships.empty() && with_members_.insert(*member_of).second)
        without_goal_.insert(*member_of);
}

void Invariants::on(const PromptOpened &event) {
    const auto run = running_.find(event.job);
    if (run == running_.end())
        return;
    if (prompts_++ == 0)
        stopped_at_ = now_;
    stop_clock(run->second);
}

void Invariants::on(const PromptClosed &event) {
    const auto run = running_.find(event.job);
    if (run == running_.end() || run->second.stops == 0)
        return;
    if (--prompts_ == 0)
        lost_ += now_ - stopped_at_;
    go_on(run->second);
}

void Invariants::on(const ServiceReady &event) {
    const auto run = running_.find(event.job);
    if (run == running_.end())
        return;
    done_.insert(run->second.request.unit);
    run->second.deadline.reset();
    run->second.is_serving = true;
}

void Invariants::on(const ResourceRequested &event) {
    const auto run = running_.find(event.job);
    if (run == running_.end())
        return;
    run->second.resource = event.resource;
    run->second.amount = event.amount;
}

void Invariants::on(const QuestionAnswered &event) {
    questions_.erase(event.question);
}

// ---- actions ------------------------------------------------------------------------------------

void Invariants::did(const StartJob &action) {
    if (action.operation == Operation::activate) {
        check_alone(action);
        check_barrier(action);
        check_wanted(action);
        check_clock(action);
        check_rerun(action);
        started_.insert(action.unit);
    }
    Running run;
    run.request = action;
    const JobModel *job = machine_.job(action.unit);
    const Duration timeout = action.operation == Operation::import    ? kImportTimeout
                             : action.operation == Operation::inspect ? kInspectTimeout
                             : job != nullptr                         ? job->timeout
                                                                      : kAssemblyTimeout;
    run.deadline = now_ + timeout;
    running_.insert_or_assign(action.job, std::move(run));
}

void Invariants::did(const CancelJob &action) {
    const auto run = running_.find(action.job);
    if (run != running_.end())
        run->second.is_cancelled = true;
}

void Invariants::did(const ResourceGranted &action) {
    const auto run = running_.find(action.job);
    if (run != running_.end())
        run->second.is_granted = true;
}

void Invariants::did(const AskQuestion &action) {
    questions_.insert(action.question);
}

void Invariants::did(const WithdrawQuestion &action) {
    questions_.erase(action.question);
}

void Invariants::did(const ShowPrompt &action) {
    if (!running_.contains(action.job))
        report("prompts",
               std::format("a prompt of job {} is shown, which does not run", action.job));
}

void Invariants::did(const EnterRealRoot &) {
    has_ended_ = true;
    check_goals();
    if (!running_.empty())
        report("goal-not-ready",
               "the root is switched while a job runs: " + running_.begin()->second.request.unit);
}

void Invariants::did(const EnterEmergency &action) {
    has_ended_ = true;
    if (action.why.empty())
        report("endless-wait", "an emergency without a reason");
}

// ---- what follows from them ---------------------------------------------------------------------

void Invariants::stop_clock(Running &run) {
    if (run.stops++ > 0 || !run.deadline)
        return;
    run.left = *run.deadline - now_;
    run.deadline.reset();
}

void Invariants::go_on(Running &run) {
    if (--run.stops == 0)
        run.deadline = now_ + run.left;
}

Duration Invariants::runnable(Duration now) const {
    return (prompts_ > 0 ? stopped_at_ : now) - lost_;
}

bool Invariants::is_idle() const {
    return std::ranges::all_of(running_, [](const auto &entry) { return entry.second.is_serving; });
}

bool Invariants::may_wait_for_ever() const {
    return !machine_.device_timeout;
}

bool Invariants::is_known(std::string_view reference) const {
    const auto devices = machine_.answering(reference);
    const auto shared = machine_.showing(reference);
    return std::ranges::any_of(devices, [this](DeviceId id) { return known_.contains(id); }) ||
           std::ranges::any_of(shared, [this](AssemblyId id) {
               return std::ranges::any_of(machine_.assemblies[id].members, [this](DeviceId member) {
                   return showing_.contains(member);
               });
           });
}

Params Invariants::static_amounts(std::string_view unit) const {
    const JobModel *job = machine_.job(unit);
    return job == nullptr ? Params{} : job->resources;
}

// Something that is needed is not there, and this assembly may hold it. Errs on the side of "may":
// what no goal needs any more does not count, all else does.
bool Invariants::may_lead_to_goal(const AssemblyModel &assembly) const {
    const auto is_open = [&](const JobModel &job) {
        const bool is_defined =
            job.source == JobModel::Source::file ||
            (job.source == JobModel::Source::import ? imported_.contains("fs")
                                                    : done_.contains("read-fstab"));
        if (!is_defined || job.reference.empty() || done_.contains(job.name) ||
            is_known(job.reference))
            return false;
        const bool is_own_name = job.reference.starts_with("/dev/");
        return !is_own_name || !assembly.tells_provides ||
               std::ranges::any_of(assembly.makes, [&](DeviceId id) {
                   return machine_.devices[id].devnode() == job.reference;
               });
    };
    const auto is_missing = [this](const AssemblyModel &volume) {
        return volume.is_named && imported_.contains("crypt") &&
               !known_.contains(volume.members.front());
    };
    // A member of another one that is wanted and not complete may lie inside.
    const auto is_gathering = [&](AssemblyId id) {
        const AssemblyModel &other = machine_.assemblies[id];
        return &other != &assembly && !done_.contains(other.unit()) &&
               !std::ranges::all_of(other.members,
                                    [this](DeviceId member) { return known_.contains(member); });
    };
    if (!assembly.tells_provides && std::ranges::any_of(eligible_, is_gathering))
        return true;
    return assembly.is_eager || std::ranges::any_of(machine_.jobs, is_open) ||
           std::ranges::any_of(machine_.assemblies, is_missing);
}

void Invariants::note_eligible() {
    // One that is wanted may want another one that lies below it.
    const auto wants = [this](AssemblyId id) { return may_lead_to_goal(machine_.assemblies[id]); };
    for (auto next = std::ranges::find_if(without_goal_, wants); next != without_goal_.end();
         next = std::ranges::find_if(without_goal_, wants)) {
        eligible_.insert(*next);
        without_goal_.erase(next);
    }
}

} // namespace slipway::sim
