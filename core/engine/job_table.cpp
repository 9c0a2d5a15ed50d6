// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/job_table.h"

#include <algorithm>
#include <utility>

namespace slipway {

JobTable::JobTable(const std::vector<PluginSpec> &plugins) {
    for (const PluginSpec &plugin : plugins)
        workers_[plugin.name].limit = plugin.workers;
}

Job &JobTable::add(Job job) {
    const JobId id = next_id_++;
    job.request.job = id;
    workers_[job.request.plugin].queue.push_back(id);
    return jobs_.emplace(id, std::move(job)).first->second;
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
    Workers &workers = workers_[job.request.plugin];
    if (job.is_started)
        --workers.busy;
    else
        std::erase(workers.queue, id);
    return job;
}

std::vector<JobId> JobTable::take_startable() {
    std::vector<JobId> startable;
    for (auto &[plugin, workers] : workers_) {
        while (!workers.queue.empty() && (workers.limit == 0 || workers.busy < workers.limit)) {
            const JobId id = workers.queue.front();
            workers.queue.pop_front();
            ++workers.busy;
            jobs_.at(id).is_started = true;
            startable.push_back(id);
        }
    }
    return startable;
}

std::vector<JobId> JobTable::drop_queued() {
    std::vector<JobId> dropped;
    for (auto &[plugin, workers] : workers_) {
        dropped.insert(dropped.end(), workers.queue.begin(), workers.queue.end());
        workers.queue.clear();
    }
    for (const JobId id : dropped)
        jobs_.erase(id);
    return dropped;
}

bool JobTable::has_queued_inspection(std::string_view plugin, std::string_view syspath) const {
    const auto workers = workers_.find(plugin);
    return workers != workers_.end() && std::ranges::any_of(workers->second.queue, [&](JobId id) {
               const Job &job = jobs_.at(id);
               return job.request.operation == Operation::inspect && job.syspath == syspath;
           });
}

void JobTable::pause(Job &job, Duration now) {
    if (job.prompts++ > 0 || !job.deadline)
        return;
    job.left = *job.deadline - now;
    job.deadline.reset();
}

void JobTable::resume(Job &job, Duration now) {
    if (job.prompts == 0)
        return;
    --job.prompts;
    if (job.prompts == 0 && job.timeout)
        job.deadline = now + job.left;
}

} // namespace slipway
