// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::coldplug {

// What the name and the UUID of a device-mapper device tell.
struct DmIdentity {
    // A hidden layer of a volume (LVM-<ids>-real, CRYPT-TEMP-…): it gets no links but its own name.
    bool is_private = false;
    // Of a visible logical volume, decoded: "vg-0" and "home-data" of "vg--0-home--data".
    std::string group;
    std::string volume;
};

[[nodiscard]] DmIdentity identify_dm(std::string_view name, std::string_view uuid);

// The flags that libdevmapper put into the upper half of DM_COOKIE (decimal text; "" if the event
// carried none). The bits that DM_DISABLE_UDEV forces are left out.
struct DmFlags {
    bool is_disk_disabled = false; // no links by content
    bool is_low_priority = false;  // snapshots lose against their origin
};
[[nodiscard]] DmFlags decode_dm_cookie(std::string_view cookie);

} // namespace slipway::coldplug
