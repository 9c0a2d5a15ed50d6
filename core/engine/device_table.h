// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "unit/unit.h"

namespace slipway {

// The devices that exist, with the facts of the kernel and of each plugin, and which claims were
// already answered for the present state of each device. Owned by the engine.
class DeviceTable {
public:
    struct Device {
        std::string syspath;
        Facts kernel;
        std::map<std::string, Facts, std::less<>> published; // by plugin
        Facts facts;                                         // all of the above, merged
        std::set<std::size_t> answered;                      // claims, by index
        std::set<std::string, std::less<>> repeated;         // plugins that inspected it once more
        std::map<std::string, unsigned, std::less<>>
            open;                                   // inspections by plugin, queued or running
        std::set<std::string, std::less<>> resting; // plugins whose lazy claims match

        // Is a plugin still to say for the first time what it knows of the device? It may be a part
        // of something.
        [[nodiscard]] bool is_in_doubt() const;
    };

    explicit DeviceTable(const std::vector<Claim> &claims) : claims_(claims) {}

    // A uevent: replaces the kernel's facts and opens all claims again.
    void announce(const std::string &syspath, Facts kernel);
    void remove(std::string_view syspath);
    // Replaces what `plugin` said about the device. False if the device is not there (any more).
    bool publish(std::string_view plugin, const std::string &syspath, Facts facts);

    // The same for news that come without a uevent: claims of other plugins are open again. False
    // also if nothing has changed.
    bool renew(std::string_view plugin, const std::string &syspath, const Facts &facts);

    // An inspection was decided on, or has ended.
    void inspection_opened(std::string_view plugin, std::string_view syspath);
    void inspection_closed(std::string_view plugin, std::string_view syspath);

    // An inspection went wrong: may the plugin look once more at the device as it is now? A second
    // call says no.
    [[nodiscard]] bool may_repeat(std::string_view plugin, std::string_view syspath);

    [[nodiscard]] const Device *find(std::string_view syspath) const;
    [[nodiscard]] const std::map<std::string, Device, std::less<>> &all() const noexcept {
        return devices_;
    }

    // The claims that match now and were not answered since the last uevent; they count as
    // answered. Lazy ones only on demand: until then their plugins are in `resting`.
    [[nodiscard]] std::vector<std::size_t> take_claims(std::string_view syspath, bool takes_lazy);

private:
    static void merge(Device &device);

    const std::vector<Claim> &claims_;
    std::map<std::string, Device, std::less<>> devices_;
};

} // namespace slipway
