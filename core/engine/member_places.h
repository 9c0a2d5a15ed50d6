// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/places.h"
#include "engine/device_table.h"
#include "engine/graph.h"

namespace slipway {

// What the members of an assembly that are there say of its places.
[[nodiscard]] inline Places places_of(const Node &assembly, const DeviceTable &devices) {
    Places places;
    for (const std::string &member : assembly.members) {
        if (const auto *device = devices.find(member))
            places.add(fact(device->facts, "place"), fact(device->facts, "places"));
    }
    return places;
}

} // namespace slipway
