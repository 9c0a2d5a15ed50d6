// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/events.h"
#include "sim/explorer/machine.h"
#include "sim/explorer/surroundings.h"

namespace slipway::sim {

// The worker processes of the simulated boot: what each job would find and do on this machine,
// with the faults that the generator put in, and the person in front of it.
class Workers {
public:
    Workers(const Machine &machine, Surroundings &surroundings);

    void start(const StartJob &job);
    void cancel(JobId job);
    void show_prompt(JobId job);
    void grant(JobId job);

private:
    struct Run {
        StartJob request;
        Attempt attempt;
        std::size_t answered = 0; // prompts
        bool is_granted = false;
        bool is_cancelled = false;
        bool lacks_members = false;
    };

    [[nodiscard]] Attempt attempt_of(const StartJob &job, bool lacks_members);
    [[nodiscard]] Attempt inspection_of(const StartJob &job);
    [[nodiscard]] std::size_t members_there(const StartJob &job) const;
    [[nodiscard]] std::vector<DeviceId> devices_of(const StartJob &job) const;
    [[nodiscard]] bool lacks_members(const StartJob &job) const;
    [[nodiscard]] Run *find(JobId job);

    void go_on(JobId job);
    void work(JobId job);
    void prompt_ended(JobId job);
    void end(JobId job);
    [[nodiscard]] JobFinished result_of(const Run &run);
    void succeed(const Run &run, JobFinished &result);
    void inspect(const Run &run, JobFinished &result);
    void activate(const Run &run, JobFinished &result);
    void activate_assembly(const AssemblyModel &assembly, const Run &run, JobFinished &result);

    const Machine &machine_;
    Surroundings &surroundings_;
    std::map<std::string, DeviceId, std::less<>> by_syspath_;
    std::map<JobId, Run> runs_;
    std::map<std::string, std::size_t, std::less<>> tries_; // of units
    std::map<DeviceId, unsigned> probes_;
    std::map<DeviceId, Facts> shown_; // of shared file systems
};

} // namespace slipway::sim
