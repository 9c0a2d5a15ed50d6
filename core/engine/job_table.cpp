// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/job_table.h"

#include <utility>

namespace slipway {

JobTable::JobTable(const std::vector<PluginSpec> &plugins) {
    for (const PluginSpec &plugin : plugins)
        workers_[plugin.name].limit = plugin.workers;
}

Job &JobTable::add(Job job) {
    const JobId id = next_id_++;
    job.request.job = id;
    Job &added = jobs_.emplace(id, std::move(job)).first->second;
    if (!added.is_held)
        queue(added);
    return added;
}

void JobTable::queue(const Job &job) {
    workers_[job.request.plugin].queue.push_back(job.request.job);
    plugins_with_work_.insert(job.request.plugin);
    if (job.is_inspection())
        queued_inspections_.emplace(job.request.plugin, job.syspath);
}

void JobTable::unhold(JobId id) {
    Job *job = find(id);
    if (job == nullptr || !std::exchange(job->is_held, false))
        return;
    queue(*job);
}

Job *JobTable::find(JobId id) {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : &found->second;
}

std::optional<Job> JobTable::remove(JobId id) {
    auto node = jobs_.extract(id);
    if (node.empty())
        return std::nullopt;
    Job job = std::move(node.mapped());
    if (job.is_started) {
        --workers_[job.request.plugin].busy;
        plugins_with_work_.insert(job.request.plugin);
    } else if (job.is_inspection()) {
        queued_inspections_.erase({job.request.plugin, job.syspath});
    }
    return job;
}

std::vector<JobId> JobTable::take_startable() {
    std::vector<JobId> startable;
    for (const std::string &plugin : std::exchange(plugins_with_work_, {})) {
        Workers &workers = workers_[plugin];
        while (!workers.queue.empty() && (workers.limit == 0 || workers.busy < workers.limit)) {
            const JobId id = workers.queue.front();
            workers.queue.pop_front();
            Job *job = find(id);
            if (job == nullptr)
                continue;
            ++workers.busy;
            job->is_started = true;
            if (job->is_inspection())
                queued_inspections_.erase({plugin, job->syspath});
            startable.push_back(id);
        }
    }
    return startable;
}

std::vector<JobId> JobTable::drop_queued() {
    std::vector<JobId> dropped;
    for (const auto &[id, job] : jobs_) {
        if (!job.is_started)
            dropped.push_back(id);
    }
    for (const JobId id : dropped)
        (void)remove(id);
    return dropped;
}

bool JobTable::has_queued_inspection(const std::string &plugin, const std::string &syspath) const {
    return queued_inspections_.contains({plugin, syspath});
}

void JobTable::pause(Job &job, Duration now) {
    if (job.pauses++ > 0 || !job.deadline)
        return;
    job.left = *job.deadline - now;
    job.deadline.reset();
}

void JobTable::resume(Job &job, Duration now) {
    if (job.pauses == 0)
        return;
    --job.pauses;
    if (job.pauses == 0 && job.timeout)
        job.deadline = now + job.left;
}

} // namespace slipway
