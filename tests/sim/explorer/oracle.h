// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/explorer/machine.h"

namespace slipway::sim {

enum class Verdict : std::uint8_t {
    reached, // the root is reachable: a boot that does not reach it is wrong
    lost,    // it is not: a boot that reaches it is wrong
    either,  // it depends on which of two things comes first
};

// Judges a machine without the engine: what can be reached, and by when.
//
// Times are bounds in runnable time. Where a prompt may stop the clock, what arrives in real time
// may count as earlier by as much as all prompts together; the lower bounds allow for that.
class Oracle {
public:
    // `trusts_return`: a device that went away and came back counts as there.
    Oracle(const Machine &machine, bool trusts_return);
    [[nodiscard]] Verdict judge() const;
    // What it thinks of every device, assembly and unit.
    [[nodiscard]] std::string explain() const;

private:
    struct Outlook {
        bool may = false;
        bool must = false;
        Duration low{0};     // not before
        Duration high{0};    // if it must: not after
        Duration settled{0}; // after this nothing below it runs any more
    };
    struct Course { // of a plan
        bool is_good = false;
        Duration takes{0};
    };

    [[nodiscard]] Outlook device(DeviceId id) const;
    [[nodiscard]] Outlook arrival(const DeviceModel &device) const;
    [[nodiscard]] Outlook probed(const DeviceModel &device, Outlook outlook) const;
    [[nodiscard]] Outlook assembly(AssemblyId id) const;
    [[nodiscard]] Outlook members(const AssemblyModel &assembly) const;
    [[nodiscard]] Outlook complete(const std::vector<Outlook> &members) const;
    [[nodiscard]] Outlook piecemeal(const AssemblyModel &assembly,
                                    const std::vector<Outlook> &members) const;
    [[nodiscard]] Outlook tolerant(const AssemblyModel &assembly,
                                   const std::vector<Outlook> &members) const;
    [[nodiscard]] Duration start_of_degraded(const std::vector<Outlook> &members) const;
    [[nodiscard]] Outlook reference(std::string_view text) const;
    [[nodiscard]] Outlook unit(std::string_view name) const;
    [[nodiscard]] Outlook job(const JobModel &job, Duration wanted_by) const;
    [[nodiscard]] Outlook one_of(const JobModel &job) const;
    [[nodiscard]] static Course course(const Plan &plan, unsigned retries, Duration timeout);

    static void require(Outlook &outlook, const Outlook &other);
    // It waits for something with a deadline that is set between now and `armed_by`.
    static void wait_for(Outlook &outlook, const Outlook &other, std::optional<Duration> limit,
                         Duration armed_by);
    static void run(Outlook &outlook, const Course &course);

    const Machine &machine_;
    bool trusts_return_;
    Duration backlog_{0}; // all inspections one after the other
    Duration person_{0};  // all prompts one after the other
    Duration imports_{0}; // the last one has ended
    Duration shared_{0};  // all jobs that may stand in each other's way
};

} // namespace slipway::sim
