// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "sim/explorer/machine.h"
#include "sim/explorer/random.h"
#include "sim/explorer/weights.h"

namespace slipway::sim {

// Builds the storage of a machine from the top down: what a device shall hold, then what it is made
// of. Also rolls the dice for what goes wrong.
class StackBuilder {
public:
    StackBuilder(Machine &machine, Random &random, const Weights &weights)
        : machine_(machine), random_(random), weights_(weights) {}

    // A device with this content, on at most `layers` layers.
    DeviceId device(Facts content, unsigned layers, bool is_needed);
    // A disk of its own, or a partition of one.
    DeviceId disk(Facts content);
    // The top of a shared file system, which no device of its own stands for.
    void shared_file_system(Facts content, unsigned layers);
    AssemblyId volume(DeviceId member, std::string key, bool is_named);
    // `max_retries`: how often the job may answer "retry" and still be tried again; `percent`: how
    // often it does.
    Plan plan(unsigned max_retries, unsigned percent);
    void limit_devices(std::size_t limit) { limit_ = limit; }

private:
    DeviceId add_device(Facts content, std::string name);
    AssemblyId add_assembly(AssemblyModel::Kind kind);
    DeviceId on_group(Facts content, unsigned layers, bool is_needed);
    DeviceId on_volume(Facts content, unsigned layers, bool is_needed);
    void add_members(AssemblyId id, unsigned count, unsigned layers, bool is_needed);
    void roll_fate(DeviceModel &device);
    void roll_changes(DeviceModel &device);
    void roll_ending(Attempt &attempt);
    void roll_prompts(Attempt &attempt);
    Duration roll_work();
    AssemblyModel::Kind roll_kind();

    Machine &machine_;
    Random &random_;
    const Weights &weights_;
    std::size_t limit_ = 24;
    unsigned volumes_ = 0;
};

} // namespace slipway::sim
