// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/events.h"
#include "engine/graph.h"
#include "unit/unit.h"

namespace slipway {

// One run of an operation, from the decision to its end.
struct Job {
    StartJob request;
    std::optional<Graph::Index> node; // of activate
    std::string syspath;              // of inspect
    std::optional<Duration> timeout;  // nothing: no limit
    bool is_started = false;
    bool is_cancelled = false;
    std::string cancel_reason;
    std::optional<Duration> deadline; // real time; absent while a prompt is open
    Duration left{0};                 // while a prompt is open: what remains of the timeout
    unsigned prompts = 0;
};

// Running jobs and those that wait for a worker of their plugin. Owned by the engine.
class JobTable {
public:
    explicit JobTable(const std::vector<PluginSpec> &plugins);

    // Queues a job; its id is filled in.
    Job &add(Job job);
    [[nodiscard]] Job *find(JobId id);
    // Forgets an ended job and frees its worker. The job comes back, or nothing if it is unknown.
    [[nodiscard]] std::optional<Job> remove(JobId id);
    // Jobs whose plugin has a worker free; they count as started from now on.
    [[nodiscard]] std::vector<JobId> take_startable();
    // Queued jobs that never started.
    [[nodiscard]] std::vector<JobId> drop_queued();

    // Does an inspection of the device wait for a worker of the plugin?
    [[nodiscard]] bool has_queued_inspection(std::string_view plugin,
                                             std::string_view syspath) const;

    [[nodiscard]] const std::map<JobId, Job> &all() const noexcept { return jobs_; }
    [[nodiscard]] bool is_empty() const noexcept { return jobs_.empty(); }

    void pause(Job &job, Duration now);
    void resume(Job &job, Duration now);

private:
    struct Workers {
        unsigned limit = 0; // 0: as many as there are jobs
        unsigned busy = 0;
        std::deque<JobId> queue;
    };

    JobId next_id_ = 1;
    std::map<JobId, Job> jobs_;
    std::map<std::string, Workers, std::less<>> workers_;
};

} // namespace slipway
