// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/oracle.h"

#include <algorithm>
#include <format>
#include <numeric>

namespace slipway::sim {

namespace {

using End = Attempt::End;

constexpr Duration kInspectTimeout = 30 * kSecond;
constexpr Duration kImportTimeout = 30 * kSecond;
constexpr Duration kJobTimeout = 90 * kSecond;
constexpr Duration kCancelTakes = 3 * kSecond;
constexpr Duration kForEver = std::chrono::hours(24);
// Steps between workers, the kernel and the engine.
constexpr Duration kStep = 100 * kMillisecond;

} // namespace

Oracle::Oracle(const Machine &machine, bool trusts_return)
    : machine_(machine), trusts_return_(trusts_return) {
    for (const DeviceModel &device : machine.devices) {
        const auto times = static_cast<int>(2 + device.bad_probes + device.changes.size());
        backlog_ += times * (device.probing + 10 * kMillisecond);
        if (device.bad_end == End::hang)
            backlog_ += device.bad_probes * (kInspectTimeout + kMillisecond);
    }
    for (const Plan *plan : {&machine.fs_import, &machine.crypt_import}) {
        const Attempt &import = plan->at(0);
        imports_ = std::max(imports_, import.end == End::hang ? kImportTimeout + kCancelTakes
                                                              : import.takes + kStep);
    }
    for (const AssemblyModel &assembly : machine.assemblies) {
        if (assembly.kind == AssemblyModel::Kind::asking)
            person_ += machine.answer == Answer::none ? kForEver : machine.answer_takes;
        for (const Attempt &attempt : assembly.plan.attempts) {
            person_ = std::accumulate(attempt.prompts.begin(), attempt.prompts.end(), person_);
            if (!attempt.resource.empty())
                shared_ += attempt.end == End::hang ? kJobTimeout + kCancelTakes : attempt.takes;
        }
    }
    for (const JobModel &job : machine.jobs) {
        if (job.has_job() && (job.plugin == "fs" || !job.resources.empty()))
            shared_ += course(job.plan, job.other_retries.value_or(job.retries), job.timeout).takes;
    }
}

Verdict Oracle::judge() const {
    Outlook root = unit("sysroot");
    for (const JobModel &job : machine_.jobs) {
        if (job.is_goal)
            require(root, unit(job.name));
    }
    if (root.must)
        return Verdict::reached;
    return root.may ? Verdict::either : Verdict::lost;
}

std::string Oracle::explain() const {
    std::string text;
    const auto add = [&text](const std::string &name, const Outlook &outlook) {
        const std::string_view word =
            outlook.must ? "comes" : (outlook.may ? "may come" : "does not come");
        text +=
            std::format("{} {}: {} to {}, settled {}\n", name, word, format_duration(outlook.low),
                        format_duration(outlook.high), format_duration(outlook.settled));
    };
    for (DeviceId id = 0; id < machine_.devices.size(); ++id)
        add("device " + machine_.devices[id].name, device(id));
    for (AssemblyId id = 0; id < machine_.assemblies.size(); ++id)
        add(std::format("assembly {} ({} of {})", machine_.assemblies[id].unit(),
                        machine_.assemblies[id].needed(), machine_.assemblies[id].members.size()),
            assembly(id));
    for (const JobModel &job : machine_.jobs)
        add("unit " + job.name, unit(job.name));
    text +=
        std::format("limit {}, degraded wait {}, prompts {}, imports {}\n",
                    machine_.device_timeout ? format_duration(*machine_.device_timeout) : "none",
                    format_duration(machine_.degraded_wait), format_duration(person_),
                    format_duration(imports_));
    return text;
}

void Oracle::require(Outlook &outlook, const Outlook &other) {
    outlook.may = outlook.may && other.may;
    outlook.must = outlook.must && other.must;
    outlook.low = std::max(outlook.low, other.low);
    outlook.high = std::max(outlook.high, other.high);
    outlook.settled = std::max(outlook.settled, other.settled);
}

void Oracle::wait_for(Outlook &outlook, const Outlook &other, std::optional<Duration> limit,
                      Duration armed_by) {
    Outlook arriving = other;
    if (limit) {
        arriving.must = other.must && other.high + kStep < *limit;
        arriving.may = other.may && other.low < armed_by + *limit + kStep;
        arriving.settled = std::max(other.settled, armed_by + *limit);
    }
    require(outlook, arriving);
}

void Oracle::run(Outlook &outlook, const Course &course) {
    outlook.may = outlook.may && course.is_good;
    outlook.must = outlook.must && course.is_good;
    outlook.high += course.takes + kStep;
    outlook.settled = std::max(outlook.settled, outlook.high) + course.takes + kStep;
}

Oracle::Course Oracle::course(const Plan &plan, unsigned retries, Duration timeout) {
    Course course;
    for (unsigned number = 0;; ++number) {
        const Attempt &attempt = plan.at(number);
        course.takes += attempt.takes + static_cast<int>(attempt.prompts.size() + 1) * kStep;
        if (attempt.end == End::hang)
            course.takes += timeout + kCancelTakes;
        const bool is_left_alone = attempt.is_left_alone && !attempt.prompts.empty();
        if (attempt.end != End::retry || number >= retries || is_left_alone) {
            course.is_good = attempt.end == End::done && !is_left_alone;
            return course;
        }
        course.takes += kSecond * (1U << number);
    }
}

// ---- devices ------------------------------------------------------------------------------------

Oracle::Outlook Oracle::arrival(const DeviceModel &device) const {
    Outlook outlook;
    if (!device.arrives)
        return outlook;
    outlook.may = true;
    outlook.must = !device.vanishes || (device.returns && trusts_return_);
    outlook.low = std::max(Duration{0}, *device.arrives - person_);
    outlook.high = device.returns.value_or(*device.arrives);
    outlook.settled = outlook.high;
    return outlook;
}

Oracle::Outlook Oracle::probed(const DeviceModel &device, Outlook outlook) const {
    outlook.high += backlog_ + kStep;
    outlook.settled += backlog_ + kStep;
    if (!device.is_given_up() || !outlook.may)
        return outlook;
    // Only another uevent brings another inspection.
    const bool is_simple = !device.vanishes && outlook.must;
    const auto again = std::ranges::find_if(
        device.changes, [&](Duration when) { return when > outlook.high + person_; });
    outlook.must = is_simple && again != device.changes.end();
    outlook.may = outlook.must || !device.changes.empty() || device.vanishes;
    if (outlook.must)
        outlook.high = *again + backlog_ + kStep;
    return outlook;
}

Oracle::Outlook Oracle::device(DeviceId id) const {
    const DeviceModel &device = machine_.devices[id];
    return probed(device, device.made_by ? assembly(*device.made_by) : arrival(device));
}

// ---- assemblies ---------------------------------------------------------------------------------

Oracle::Outlook Oracle::assembly(AssemblyId id) const {
    const AssemblyModel &assembly = machine_.assemblies[id];
    Outlook outlook = members(assembly);
    if (assembly.kind == AssemblyModel::Kind::crypt) {
        Outlook named;
        named.may = named.must = assembly.is_named && machine_.crypt_import.at(0).end == End::done;
        named.high = named.settled = imports_;
        const Outlook member = outlook;
        outlook = named;
        wait_for(outlook, member, machine_.names_device ? machine_.device_timeout : std::nullopt,
                 imports_);
    }
    // A shared file system shows through a member, and goes away with it.
    const bool may_go = std::ranges::any_of(assembly.members, [this](DeviceId member) {
        return machine_.devices[member].vanishes.has_value();
    });
    if (assembly.kind == AssemblyModel::Kind::shared && may_go)
        outlook.must = false;
    Course course = Oracle::course(assembly.plan, assembly.retries, kJobTimeout);
    if (!assembly.plan.attempts.back().resource.empty())
        course.takes += shared_;
    run(outlook, course);
    return outlook;
}

Oracle::Outlook Oracle::members(const AssemblyModel &assembly) const {
    std::vector<Outlook> members;
    for (const DeviceId member : assembly.members) {
        members.push_back(device(member));
        members.back().high += kStep; // the plugin's own inspection
    }
    const Outlook all = complete(members);
    switch (assembly.kind) {
    case AssemblyModel::Kind::array:
    case AssemblyModel::Kind::shared:
        return tolerant(assembly, members);
    case AssemblyModel::Kind::strict: {
        Outlook outlook = all;
        outlook.must = all.must && all.high + kStep < machine_.degraded_wait;
        return outlook;
    }
    case AssemblyModel::Kind::asking: {
        Outlook outlook = tolerant(assembly, members);
        outlook.must = all.must && all.high + kStep < machine_.degraded_wait;
        outlook.low = all.low < outlook.low ? all.low : outlook.low;
        outlook.high = all.high;
        return outlook;
    }
    case AssemblyModel::Kind::pieces:
        return piecemeal(assembly, members);
    case AssemblyModel::Kind::group:
    case AssemblyModel::Kind::crypt:
        return all;
    }
    return all;
}

Oracle::Outlook Oracle::complete(const std::vector<Outlook> &members) const {
    Outlook all{.may = true, .must = true};
    for (const Outlook &member : members)
        require(all, member);
    return all;
}

// The wait begins anew with each member that arrives.
Duration Oracle::start_of_degraded(const std::vector<Outlook> &members) const {
    Duration start{0};
    for (const Outlook &member : members)
        start = std::max(start, member.must ? member.high : Duration{0});
    for (const Outlook &member : members) {
        if (!member.must)
            start = std::max(start, std::min(member.settled, start + machine_.degraded_wait * 2));
    }
    for (const Outlook &member : members) {
        if (member.may && !member.must)
            start += machine_.degraded_wait;
    }
    return start + machine_.degraded_wait + kStep;
}

Oracle::Outlook Oracle::tolerant(const AssemblyModel &assembly,
                                 const std::vector<Outlook> &members) const {
    const auto count = [&](bool Outlook::*field) {
        return static_cast<std::size_t>(std::ranges::count(members, true, field));
    };
    const Outlook all = complete(members);
    Outlook outlook = all;
    outlook.may = count(&Outlook::may) >= assembly.needed();
    outlook.must = count(&Outlook::must) >= assembly.needed();
    std::vector<Duration> lows;
    for (const Outlook &member : members) {
        if (member.may)
            lows.push_back(member.low);
    }
    std::ranges::sort(lows);
    outlook.low = outlook.may ? lows[assembly.needed() - 1] : Duration{0};
    // Without one that never comes it cannot start before the wait is over.
    if (!all.may)
        outlook.low = std::max(outlook.low, machine_.degraded_wait);
    if (!all.must || all.high > start_of_degraded(members))
        outlook.high = start_of_degraded(members);
    outlook.settled = std::max(all.settled, outlook.high);
    return outlook;
}

// As soon as enough are there, whatever becomes of the others; a try with too few costs a step.
Oracle::Outlook Oracle::piecemeal(const AssemblyModel &assembly,
                                  const std::vector<Outlook> &members) const {
    Outlook outlook;
    std::vector<Duration> lows;
    std::vector<Duration> highs;
    for (const Outlook &member : members) {
        if (member.may)
            lows.push_back(member.low);
        if (member.must)
            highs.push_back(member.high);
        outlook.settled = std::max(outlook.settled, member.settled);
    }
    std::ranges::sort(lows);
    std::ranges::sort(highs);
    outlook.may = lows.size() >= assembly.needed();
    outlook.must = highs.size() >= assembly.needed();
    if (outlook.may)
        outlook.low = lows[assembly.needed() - 1];
    if (outlook.must)
        outlook.high = highs[assembly.needed() - 1] + static_cast<int>(members.size()) * kStep;
    outlook.settled = std::max(outlook.settled, outlook.high);
    return outlook;
}

// ---- units --------------------------------------------------------------------------------------

Oracle::Outlook Oracle::reference(std::string_view text) const {
    Outlook best;
    std::size_t rivals = 0;
    const auto add = [&](const Outlook &other, bool is_rival) {
        rivals += is_rival && other.may ? 1U : 0U;
        if (!other.may) {
            best.settled = std::max(best.settled, other.settled);
            return;
        }
        best.low = best.may ? std::min(best.low, other.low) : other.low;
        best.may = true;
        if (other.must && is_rival)
            best.high = best.must ? std::min(best.high, other.high) : other.high;
        best.must = best.must || (other.must && is_rival);
        best.settled = std::max(best.settled, other.settled);
    };
    for (const DeviceId id : machine_.answering(text))
        add(device(id), !machine_.devices[id].kernel.contains("private"));
    for (const AssemblyId id : machine_.showing(text))
        add(assembly(id), true);
    // Which of two is there when the unit looks is a matter of time.
    if (rivals > 1)
        best.must = false;
    return best;
}

Oracle::Outlook Oracle::unit(std::string_view name) const {
    if (const JobModel *model = machine_.job(name))
        return job(*model, Duration{0});
    for (AssemblyId id = 0; id < machine_.assemblies.size(); ++id) {
        if (machine_.assemblies[id].unit() == name)
            return assembly(id);
    }
    return {};
}

Oracle::Outlook Oracle::one_of(const JobModel &job) const {
    Outlook any;
    bool is_blocked = false; // by one before, which waits without limit
    for (const std::string &name : job.any_of) {
        const JobModel &alternative = *machine_.job(name);
        Outlook other = this->job(alternative, job.race ? Duration{0} : any.settled);
        other.must = other.must && !is_blocked;
        is_blocked |=
            !job.race && !other.must && !machine_.device_timeout && !alternative.device_timeout;
        // One after the other: what comes later begins when the one before has failed.
        const Duration begin = job.race ? Duration{0} : any.settled;
        if (other.may)
            any.low = any.may ? std::min(any.low, other.low) : other.low;
        any.high = std::max(any.high, begin + other.high);
        any.settled = std::max(any.settled, begin + other.settled);
        // With a limit of its own it depends on when it was wanted, which a bound cannot tell.
        any.may = any.may || other.may || alternative.device_timeout.has_value();
        any.must = any.must || other.must;
    }
    return any;
}

Oracle::Outlook Oracle::job(const JobModel &job, Duration wanted_by) const {
    Outlook outlook{.may = true, .must = true};
    if (job.source != JobModel::Source::file) {
        outlook.may = outlook.must = machine_.fs_import.at(0).end == End::done;
        outlook.high = outlook.settled = imports_;
    }
    if (job.source == JobModel::Source::root) {
        require(outlook, unit("read-fstab"));
        // A volume below may have waited since the start of the boot, and given up by now.
        outlook.must = outlook.must && !machine_.names_device;
    }
    for (const auto *names : {&job.required, &job.milestones})
        for (const std::string &name : *names)
            require(outlook, unit(name));
    if (!job.any_of.empty())
        require(outlook, one_of(job));
    if (job.is_skipped || !job.has_job())
        return outlook;
    if (!job.reference.empty())
        wait_for(outlook, reference(job.reference),
                 job.device_timeout ? job.device_timeout : machine_.device_timeout,
                 wanted_by + std::max(outlook.high, outlook.settled));
    if (job.writes && machine_.job("resume") != nullptr)
        outlook.high = std::max(outlook.high, unit("resume").settled);
    Course course = Oracle::course(job.plan, job.other_retries.value_or(job.retries), job.timeout);
    course.takes += shared_;
    run(outlook, course);
    return outlook;
}

} // namespace slipway::sim
