// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/engine.h"
#include "engine/jitter.h"

// Jobs: how they begin, and what their ends mean.
namespace slipway {

namespace {

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

} // namespace

// ---- beginning ----------------------------------------------------------------------------------

void Engine::run(Graph::Index index) {
    Node &node = graph_.at(index);
    node.is_degraded = node.gathers() && !node.has_enough_members();
    node.is_degraded_start_spent = node.is_degraded;
    node.may_start_degraded = false;
    node.state = NodeState::running;
    on_demand_.erase(index);
    end_wait(index);
    end_degraded_wait(index);
    node.members_of_last_run = node.members;
    node.has_lost_device = false;
    node.needs_new_member = false;
    ++node.attempts;
    if (!node.first_try)
        node.first_try = now_;
    note_need(index);
    Job job;
    job.node = index;
    job.timeout = node.unit.timeout;
    job.request.operation = Operation::activate;
    job.request.mode = node.is_degraded ? Mode::degraded : Mode::normal;
    job.request.plugin = node.unit.plugin;
    job.request.unit = node.unit.name;
    job.request.params = node.unit.params;
    job.request.devices = devices_of(node);
    auto resources = resources_of(index);
    job.is_held = resources.has_value();
    node.job = jobs_.add(std::move(job)).request.job;
    // What an assembly brings may be what others wait for.
    if (node.is_assembly())
        hold_clock();
    if (resources)
        request_resources({ResourceTicket::Kind::job, node.job}, std::move(*resources));
}

std::optional<ResourceTable::Amounts> Engine::resources_of(Graph::Index index) {
    const Node &node = graph_.at(index);
    const auto devices = devices_of(node);
    ResourceTable::Amounts amounts;
    for (const auto &[resource, text] : node.unit.resources) {
        std::uint64_t amount = number_of(text);
        if (text.starts_with('{')) {
            for (const DeviceView &device : devices)
                amount = std::max(amount, number_of(expand_facts(text, device.facts)));
        }
        if (amount > 0)
            amounts.emplace(resource, amount);
    }
    return amounts.empty() ? std::nullopt : std::optional(std::move(amounts));
}

void Engine::pause(Job &job) {
    JobTable::pause(job, now_);
    job_deadlines_.clear(job.request.job);
}

void Engine::resume(Job &job) {
    JobTable::resume(job, now_);
    if (job.deadline)
        job_deadlines_.set(job.request.job, *job.deadline);
}

void Engine::cancel(Job &job, std::string reason) {
    if (job.is_cancelled)
        return;
    const JobId id = job.request.job;
    if (!job.is_started) {
        // No worker knows of it, so none will answer.
        JobFinished event;
        event.job = id;
        event.reason = std::move(reason);
        on(event);
        return;
    }
    job.is_cancelled = true;
    job.cancel_reason = reason;
    job.deadline.reset();
    job.timeout.reset();
    job_deadlines_.clear(id);
    forget_prompt(job);
    actions_.emplace_back(CancelJob{id, std::move(reason)});
}

// ---- ending -------------------------------------------------------------------------------------

void Engine::publish(const Job &job, const JobFinished &event) {
    // An inspection answers for its device even when it found nothing or died: old facts would lie.
    if (!job.syspath.empty() && !event.published.contains(job.syspath) &&
        devices_.publish(job.request.plugin, job.syspath, {}))
        dirty_devices_.push_back(job.syspath);
    for (const auto &[syspath, facts] : event.published) {
        if (!devices_.publish(job.request.plugin, syspath, facts))
            continue;
        actions_.emplace_back(DeviceUpdated{syspath});
        dirty_devices_.push_back(syspath);
    }
}

void Engine::inspection_ended(const Job &job, const JobFinished &event) {
    const std::string &plugin = job.request.plugin;
    devices_.inspection_closed(plugin, job.syspath);
    count_inspection_ended(plugin);
    for (const Graph::Index waiting : references_.nodes_of(job.syspath))
        touch(waiting);
    if (event.outcome == JobOutcome::failed || event.outcome == JobOutcome::retry) {
        // Looking is harmless, so a worker that died of another device's data, or a read error that
        // passes, costs one more try. One that hung has cost enough.
        const bool repeats = !job.is_cancelled && phase_ != Phase::leaving &&
                             devices_.may_repeat(plugin, job.syspath);
        if (repeats)
            inspect(plugin, job.syspath);
        if (devices_.find(job.syspath) != nullptr)
            say(repeats ? LogLevel::info : LogLevel::warning,
                "plugin " + plugin + " could not inspect " + job.syspath + ": " + event.reason +
                    (repeats ? "; it looks once more"
                             : "; the device stays unknown to this plugin"));
        return;
    }
    // A member that went away while it was looked at is none.
    if (devices_.find(job.syspath) == nullptr)
        return;
    for (const Membership &membership : event.memberships)
        add_member(job.syspath, membership, false);
}

void Engine::import_ended(const Job &job, const JobFinished &event) {
    --imports_open_;
    if (event.outcome != JobOutcome::done) {
        if (!import_failure_.empty())
            import_failure_ += "; ";
        import_failure_ +=
            event.reason.empty() ? "plugin " + job.request.plugin + " failed" : event.reason;
        say(LogLevel::error, "plugin " + job.request.plugin + ": " + event.reason);
    }
    for (const std::string &text : event.units)
        add_unit_text("import of plugin " + job.request.plugin, job.request.plugin, text);
    if (imports_open_ > 0)
        return;
    // From now on a required unit that nothing defines is an error.
    for (Graph::Index index = 0; index < graph_.size(); ++index)
        touch(index);
}

void Engine::job_ended(const Job &job, const JobFinished &event) {
    const Graph::Index index = *job.node;
    Node &node = graph_.at(index);
    // Skipped or withdrawn meanwhile: nobody cares any more.
    if (node.job != job.request.job)
        return;
    node.job = 0;
    node.reason = event.reason;
    node.missing = event.missing;
    for (const std::string &text : event.units)
        add_unit_text("unit " + node.unit.name, job.request.plugin, text);
    const bool waits_for_members = event.outcome == JobOutcome::incomplete && node.unit.piecemeal;
    if (!waits_for_members && std::exchange(node.was_ready, false) &&
        event.outcome != JobOutcome::done) {
        // What it brought before is still there.
        say(LogLevel::warning, "unit " + node.unit.name + " brings nothing more: " + event.reason);
        finish(index);
    } else if (node.is_serving) {
        service_ended(index, event);
    } else if (event.outcome == JobOutcome::done && node.unit.kind != UnitKind::service) {
        finish(index);
    } else if (event.outcome == JobOutcome::incomplete) {
        // Not a try that went wrong: there was not enough to try with.
        --node.attempts;
        node.first_try.reset();
        node.state = NodeState::waiting;
        node.needs_new_member = true;
        if (node.unit.piecemeal && node.unit.on_demand)
            may_bring_more(index);
        say(LogLevel::info, "unit " + node.unit.name + " is incomplete: " + event.reason);
        touch(index);
    } else if (!waits_for_return(index) && !try_again(index, event)) {
        fail(index,
             event.outcome == JobOutcome::done ? "it ended before it could be used" : event.reason);
    }
}

void Engine::note_lost_device(Node &node, const std::string &syspath) {
    const Job *job = node.job == 0 ? nullptr : jobs_.find(node.job);
    if (job != nullptr &&
        std::ranges::contains(job->request.devices, syspath, &DeviceView::syspath))
        node.has_lost_device = true;
}

// A device that was pulled out under a job may be put back, or another may answer in its place:
// that is a wait, with the time that is left, and not a failure.
bool Engine::waits_for_return(Graph::Index index) {
    Node &node = graph_.at(index);
    if (!std::exchange(node.has_lost_device, false))
        return false;
    node.state = NodeState::waiting;
    --node.attempts;
    say(LogLevel::warning,
        "unit " + node.unit.name + " waits for its device, which went away: " + node.reason);
    touch(index);
    return true;
}

Duration Engine::pause_before_next_try(const Node &node) const {
    constexpr unsigned kMostDoublings = 10;
    const Duration doubled =
        node.unit.backoff * (1U << std::min(node.attempts - 1, kMostDoublings));
    return with_jitter(std::min(doubled, node.unit.backoff_limit.value_or(doubled)), config_.seed,
                       node.unit.name, node.attempts);
}

bool Engine::has_a_try_left(const Node &node) const {
    if (!node.unit.retry_for)
        return node.attempts <= node.unit.retries;
    const auto limit =
        node.unit.retry_for == Duration{0} ? config_.device_timeout : node.unit.retry_for;
    return !limit || now_ + pause_before_next_try(node) <= *node.first_try + *limit;
}

bool Engine::try_again(Graph::Index index, const JobFinished &event) {
    Node &node = graph_.at(index);
    const bool may_end_any_time = node.unit.kind == UnitKind::service;
    if ((event.outcome != JobOutcome::retry && !may_end_any_time) || !has_a_try_left(node) ||
        phase_ == Phase::leaving)
        return false;
    node.state = NodeState::waiting;
    // What was good enough for this try is good enough for the next.
    node.may_start_degraded = node.is_degraded;
    node.is_degraded_start_spent = false;
    node.retry_at = now_ + pause_before_next_try(node);
    retries_.set(index, *node.retry_at);
    // The same reason again is no news for people.
    say(node.told_reason == event.reason ? LogLevel::debug : LogLevel::warning,
        "unit " + node.unit.name + " will be tried again: " + event.reason);
    node.told_reason = event.reason;
    touch(index);
    return true;
}

// What a service says about a device is news for all other plugins, and to run once more with that
// member is not pointless.
void Engine::renew_facts(const std::string &plugin, const std::string &syspath,
                         const Facts &facts) {
    if (!devices_.renew(plugin, syspath, facts))
        return;
    if (const auto found = assemblies_of_device_.find(syspath);
        found != assemblies_of_device_.end()) {
        for (const Graph::Index index : found->second) {
            graph_.at(index).members_of_last_run.erase(syspath);
            touch(index);
        }
    }
    actions_.emplace_back(DeviceUpdated{syspath});
    dirty_devices_.push_back(syspath);
}

void Engine::on(const ServiceReady &event) {
    Job *job = jobs_.find(event.job);
    if (job == nullptr || !job->node || job->is_cancelled)
        return;
    Node &node = graph_.at(*job->node);
    if (node.unit.kind != UnitKind::service || node.job != event.job)
        return;
    for (const auto &[syspath, facts] : event.published)
        renew_facts(job->request.plugin, syspath, facts);
    if (node.is_serving)
        return;
    // It stays as long as it likes.
    job->deadline.reset();
    job->timeout.reset();
    job_deadlines_.clear(event.job);
    node.is_serving = true;
    finish(*job->node);
}

void Engine::service_ended(Graph::Index index, const JobFinished &event) {
    Node &node = graph_.at(index);
    node.is_serving = false;
    if (phase_ == Phase::leaving)
        return;
    if (!try_again(index, event))
        fail(index, "it ended: " + (event.reason.empty() ? "no reason was given" : event.reason));
    else
        touch_listeners(node);
}

void Engine::finish(Graph::Index index) {
    Node &node = graph_.at(index);
    node.state = NodeState::ready;
    node.missing.clear();
    if (node.unit.on_demand)
        may_bring_more(index);
    end_wait(index);
    end_degraded_wait(index);
    note_need(index);
    touch_listeners(node);
    touch_users_of_members(node);
}

void Engine::fail(Graph::Index index, std::string reason) {
    Node &node = graph_.at(index);
    node.state = NodeState::failed;
    node.is_late = false;
    node.reason = std::move(reason);
    end_wait(index);
    end_degraded_wait(index);
    withdraw_question(node);
    end_backoff(index);
    note_need(index);
    // What was cut off because the root is ready is no trouble for anybody.
    const bool is_expected = phase_ == Phase::leaving && node.unit.at_switch != AtSwitch::run;
    say(is_expected ? LogLevel::debug : LogLevel::error,
        "unit " + node.unit.name + " failed: " + node.reason);
    touch_listeners(node);
    touch_users_of_members(node);
}

} // namespace slipway
