// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

#include "engine/events.h"
#include "sim/explorer/machine.h"

namespace slipway::sim {

// What a worker sees of the world that it runs in.
class Surroundings {
public:
    Surroundings() = default;
    Surroundings(const Surroundings &) = delete;
    Surroundings &operator=(const Surroundings &) = delete;
    virtual ~Surroundings() = default;

    virtual void after(Duration time, std::function<void()> what) = 0;
    // To the engine; only from what `after` runs, because the engine is not to be called from
    // within itself.
    virtual void send(const Event &event) = 0;
    [[nodiscard]] virtual bool is_there(DeviceId device) const = 0;
    // The kernel announces it.
    virtual void announce(DeviceId device) = 0;
};

} // namespace slipway::sim
