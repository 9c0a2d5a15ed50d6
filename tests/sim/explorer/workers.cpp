// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/workers.h"

#include <algorithm>
#include <format>
#include <utility>

namespace slipway::sim {

Workers::Workers(const Machine &machine, Surroundings &surroundings)
    : machine_(machine), surroundings_(surroundings) {
    for (DeviceId id = 0; id < machine.devices.size(); ++id)
        by_syspath_.emplace(machine.devices[id].syspath(), id);
}

Workers::Run *Workers::find(JobId job) {
    const auto found = runs_.find(job);
    return found == runs_.end() ? nullptr : &found->second;
}

std::vector<DeviceId> Workers::devices_of(const StartJob &job) const {
    std::vector<DeviceId> devices;
    for (const DeviceView &view : job.devices) {
        const auto found = by_syspath_.find(view.syspath);
        if (found != by_syspath_.end() && surroundings_.is_there(found->second))
            devices.push_back(found->second);
    }
    return devices;
}

std::size_t Workers::members_there(const StartJob &job) const {
    const AssemblyModel *assembly = machine_.assembly(job.unit);
    const auto devices = devices_of(job);
    return static_cast<std::size_t>(std::ranges::count_if(
        devices, [&](DeviceId id) { return std::ranges::contains(assembly->members, id); }));
}

bool Workers::lacks_members(const StartJob &job) const {
    const AssemblyModel *assembly = machine_.assembly(job.unit);
    return assembly != nullptr && members_there(job) < assembly->needed();
}

Attempt Workers::inspection_of(const StartJob &job) {
    Attempt attempt{.takes = 5 * kMillisecond, .cancel_takes = kMillisecond};
    if (job.plugin != "probe" || job.devices.empty())
        return attempt;
    const DeviceId device = by_syspath_.at(job.devices.front().syspath);
    attempt.takes = machine_.devices[device].probing;
    if (probes_[device]++ < machine_.devices[device].bad_probes)
        attempt.end = machine_.devices[device].bad_end;
    return attempt;
}

Attempt Workers::attempt_of(const StartJob &job, bool lacks_members) {
    if (job.operation == Operation::inspect)
        return inspection_of(job);
    if (job.operation == Operation::import)
        return (job.plugin == "fs" ? machine_.fs_import : machine_.crypt_import).at(0);
    // It does not come to what may fail.
    if (lacks_members)
        return {.takes = 5 * kMillisecond, .cancel_takes = kMillisecond};
    const std::size_t number = tries_[job.unit]++;
    if (const AssemblyModel *assembly = machine_.assembly(job.unit))
        return assembly->plan.at(number);
    if (const JobModel *model = machine_.job(job.unit))
        return model->plan.at(number);
    return {.end = Attempt::End::crash};
}

void Workers::start(const StartJob &job) {
    Run run;
    run.request = job;
    run.lacks_members = job.operation == Operation::activate && lacks_members(job);
    run.attempt = attempt_of(job, run.lacks_members);
    runs_.insert_or_assign(job.job, std::move(run));
    surroundings_.after(Duration{0}, [this, id = job.job] { go_on(id); });
}

// A person first, then what the answer costs, then the work.
void Workers::go_on(JobId job) {
    const Run *run = find(job);
    if (run == nullptr || run->is_cancelled)
        return;
    if (run->answered < run->attempt.prompts.size())
        surroundings_.send(PromptOpened{job, "Passphrase for " + run->request.unit});
    else if (!run->attempt.resource.empty() && !run->is_granted)
        surroundings_.send(ResourceRequested{job, run->attempt.resource, run->attempt.amount});
    else
        work(job);
}

void Workers::work(JobId job) {
    const Run &run = *find(job);
    if (run.attempt.end == Attempt::End::hang)
        return;
    surroundings_.after(run.attempt.takes, [this, job] {
        const Run *ending = find(job);
        if (ending == nullptr || ending->is_cancelled)
            return;
        const JobModel *model = machine_.job(ending->request.unit);
        if (model != nullptr && model->kind == UnitKind::service &&
            ending->attempt.end == Attempt::End::done)
            surroundings_.send(ServiceReady{job, {}});
        else
            end(job);
    });
}

void Workers::show_prompt(JobId job) {
    const Run *run = find(job);
    if (run == nullptr || run->answered >= run->attempt.prompts.size())
        return;
    surroundings_.after(run->attempt.prompts[run->answered], [this, job] { prompt_ended(job); });
}

void Workers::prompt_ended(JobId job) {
    Run *run = find(job);
    if (run == nullptr || run->is_cancelled)
        return;
    ++run->answered;
    if (run->answered == run->attempt.prompts.size() && run->attempt.is_left_alone) {
        run->attempt.end = Attempt::End::crash;
        run->attempt.resource.clear();
    }
    surroundings_.send(PromptClosed{job});
    surroundings_.after(50 * kMillisecond, [this, job] { go_on(job); });
}

void Workers::grant(JobId job) {
    Run *run = find(job);
    if (run == nullptr || run->is_granted)
        return;
    run->is_granted = true;
    surroundings_.after(Duration{0}, [this, job] { go_on(job); });
}

void Workers::cancel(JobId job) {
    Run *run = find(job);
    if (run == nullptr)
        return;
    run->is_cancelled = true;
    surroundings_.after(run->attempt.cancel_takes, [this, job] { end(job); });
}

// ---- results ------------------------------------------------------------------------------------

void Workers::end(JobId job) {
    const auto node = runs_.extract(job);
    if (node.empty())
        return;
    const JobFinished result = result_of(node.mapped());
    surroundings_.send(result);
    if (node.mapped().attempt.answers_twice)
        surroundings_.after(kMillisecond, [this, result] { surroundings_.send(result); });
}

JobFinished Workers::result_of(const Run &run) {
    JobFinished result;
    result.job = run.request.job;
    if (run.is_cancelled) {
        result.outcome =
            run.attempt.says_done_when_cancelled ? JobOutcome::done : JobOutcome::failed;
        result.reason = "cancelled";
        return result;
    }
    switch (run.attempt.end) {
    case Attempt::End::retry:
        result.outcome = JobOutcome::retry;
        result.reason = "it is busy";
        break;
    case Attempt::End::crash:
    case Attempt::End::hang:
        result.outcome = JobOutcome::failed;
        result.reason = "the worker died";
        break;
    case Attempt::End::done:
        result.outcome = JobOutcome::done;
        succeed(run, result);
        break;
    }
    return result;
}

void Workers::succeed(const Run &run, JobFinished &result) {
    switch (run.request.operation) {
    case Operation::inspect:
        inspect(run, result);
        break;
    case Operation::import:
        result.units = {run.request.plugin == "fs" ? machine_.units_of(JobModel::Source::import)
                                                   : machine_.named_volumes()};
        break;
    case Operation::activate:
    case Operation::deactivate:
        activate(run, result);
        break;
    }
}

void Workers::inspect(const Run &run, JobFinished &result) {
    const auto devices = devices_of(run.request);
    if (devices.empty()) {
        result.outcome = JobOutcome::failed;
        result.reason = "the device went away";
        return;
    }
    const DeviceModel &device = machine_.devices[devices[0]];
    if (run.request.plugin == "probe") {
        result.published[device.syspath()] = device.probed;
        return;
    }
    const auto shown = shown_.find(devices[0]);
    result.published[device.syspath()] = shown == shown_.end() ? Facts{} : shown->second;
    if (!device.member_of)
        return;
    const AssemblyModel &assembly = machine_.assemblies[*device.member_of];
    Membership membership;
    membership.unit = assembly.unit();
    membership.name = "name-" + assembly.key;
    membership.expected =
        assembly.tells_expected ? static_cast<unsigned>(assembly.members.size()) : 0;
    if (assembly.tells_provides) {
        for (const DeviceId made : assembly.makes)
            membership.provides.push_back(machine_.devices[made].devnode());
    }
    result.memberships = {membership};
}

void Workers::activate(const Run &run, JobFinished &result) {
    if (const AssemblyModel *assembly = machine_.assembly(run.request.unit)) {
        activate_assembly(*assembly, run, result);
        return;
    }
    const JobModel *job = machine_.job(run.request.unit);
    if (job != nullptr && !job->reference.empty() && devices_of(run.request).empty()) {
        result.outcome = JobOutcome::failed;
        result.reason = "the device went away";
    } else if (job != nullptr && job->reads_root) {
        result.units = {machine_.units_of(JobModel::Source::root)};
    }
}

void Workers::activate_assembly(const AssemblyModel &assembly, const Run &run,
                                JobFinished &result) {
    if (run.lacks_members || members_there(run.request) < assembly.needed()) {
        result.outcome = run.lacks_members ? JobOutcome::incomplete : JobOutcome::failed;
        result.reason = std::format("{} of at least {} members are there",
                                    members_there(run.request), assembly.needed());
        result.missing = {"another member"};
        return;
    }
    if (!assembly.shows.empty()) {
        const DeviceId first = devices_of(run.request)[0];
        shown_[first] = assembly.shows;
        result.published[machine_.devices[first].syspath()] = assembly.shows;
    }
    // The kernel may be faster or slower than the worker.
    const bool comes_first = run.attempt.takes / kMillisecond % 2 == 0;
    for (const DeviceId made : assembly.makes) {
        if (comes_first)
            surroundings_.announce(made);
        else
            surroundings_.after(20 * kMillisecond, [this, made] { surroundings_.announce(made); });
    }
}

} // namespace slipway::sim
