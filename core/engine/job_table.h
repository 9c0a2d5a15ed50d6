// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
    bool is_held = false;             // needs resources before it may be queued
    bool is_started = false;
    bool is_cancelled = false;
    std::string cancel_reason;
    std::optional<Duration> deadline;  // real time; absent while the job stands still
    Duration left{0};                  // while it stands still: what remains of the timeout
    unsigned pauses = 0;               // prompts and waits for resources that are open
    std::optional<std::string> prompt; // the question that is open
    std::string progress;              // what it said last about what it is doing

    [[nodiscard]] bool is_inspection() const noexcept {
        return request.operation == Operation::inspect;
    }
};

// Running jobs and those that wait for a worker of their plugin. Owned by the engine.
class JobTable {
public:
    explicit JobTable(const std::vector<PluginSpec> &plugins);

    // Queues a job, unless it is held; its id is filled in.
    Job &add(Job job);
    // A held job has what it needs.
    void unhold(JobId id);
    [[nodiscard]] Job *find(JobId id);
    // Forgets an ended job and frees its worker. The job comes back, or nothing if it is unknown.
    [[nodiscard]] std::optional<Job> remove(JobId id);
    // Jobs whose plugin has a worker free; they count as started from now on.
    [[nodiscard]] std::vector<JobId> take_startable();
    // Forgets the jobs that never started; returns their ids.
    std::vector<JobId> drop_queued();

    // Does an inspection of the device wait for a worker of the plugin?
    [[nodiscard]] bool has_queued_inspection(const std::string &plugin,
                                             const std::string &syspath) const;

    [[nodiscard]] const std::map<JobId, Job> &all() const noexcept { return jobs_; }
    [[nodiscard]] bool is_empty() const noexcept { return jobs_.empty(); }

    // The job's time stands still. Calls nest.
    static void pause(Job &job, Duration now);
    static void resume(Job &job, Duration now);

private:
    struct Workers {
        unsigned limit = 0; // 0: as many as there are jobs
        unsigned busy = 0;
        std::deque<JobId> queue; // may name jobs that are gone
    };

    void queue(const Job &job);

    JobId next_id_ = 1;
    std::map<JobId, Job> jobs_;
    std::map<std::string, Workers, std::less<>> workers_;
    std::set<std::string, std::less<>> plugins_with_work_;
    std::set<std::pair<std::string, std::string>> queued_inspections_; // plugin, syspath
};

} // namespace slipway
