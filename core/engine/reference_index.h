// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "unit/device_reference.h"
#include "unit/facts.h"

namespace slipway {

// Which nodes wait for which device reference, and which devices answer. A device finds its nodes
// by look-up, so that thousands of devices cost nothing when few are waited for. Owned by the
// engine.
class ReferenceIndex {
public:
    using Node = std::size_t;
    struct Change {
        Node node;
        bool is_candidate; // it answers now, or does not any more
    };

    // Devices that are there already answer at their next update().
    void add(Node node, const DeviceReference &reference);
    // `facts`: nullptr when the device is gone. What changed by it, in the order of nodes.
    [[nodiscard]] std::vector<Change> update(const std::string &syspath, const Facts *facts);

    // Those that the device answers to, or what lies below it in sysfs: its partitions.
    [[nodiscard]] std::set<Node> nodes_of(std::string_view syspath) const;

private:
    [[nodiscard]] std::set<Node> nodes_for(const Facts &facts) const;

    std::map<std::string, std::vector<std::pair<Node, DeviceReference>>, std::less<>> by_key_;
    // There are few, and each device is compared with all.
    std::vector<std::pair<Node, DeviceReference>> without_key_;
    std::map<std::string, std::set<Node>, std::less<>> nodes_of_device_;
};

} // namespace slipway
