// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "sim/explorer/diary.h"
#include "sim/explorer/invariants.h"
#include "sim/explorer/machine.h"
#include "sim/explorer/surroundings.h"
#include "sim/explorer/workers.h"
#include "unit/unit_loader.h"

namespace slipway::sim {

// One boot of a machine in virtual time: the kernel, the workers and the person around the engine.
class World : private Surroundings {
public:
    // `units`: the unit files that all machines share.
    World(const Machine &machine, const std::vector<UnitSource> &units, Diary &diary);

    // To the end. Violations are in invariants().
    [[nodiscard]] Ending play();
    [[nodiscard]] Invariants &invariants() noexcept { return invariants_; }
    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

private:
    void after(Duration time, std::function<void()> what) override;
    void send(const Event &event) override;
    [[nodiscard]] bool is_there(DeviceId device) const override { return there_.contains(device); }
    void announce(DeviceId device) override;

    void schedule_kernel();
    void remove(DeviceId device);
    void take(const std::vector<Action> &actions);
    void take(const Action &action);
    [[nodiscard]] bool advance();
    [[nodiscard]] Ending end_of_events() const;
    void ask_why();

    const Machine &machine_;
    Diary &diary_;
    Invariants invariants_;
    Workers workers_;
    std::unique_ptr<Engine> engine_;
    Duration now_{0};
    std::uint64_t events_ = 0;
    std::uint64_t order_ = 0;
    std::map<std::pair<Duration, std::uint64_t>, std::function<void()>> future_;
    std::optional<Duration> timer_;
    std::set<DeviceId> there_;
    std::optional<Ending> ending_;
};

} // namespace slipway::sim
