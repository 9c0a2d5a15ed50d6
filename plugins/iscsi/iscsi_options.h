// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iscsi/target.h"

namespace slipway::iscsi {

// Keys of the units iscsi@<key> whose targets are not on the command line.
inline constexpr std::string_view kLeaseKey = "lease";       // in the root-path of a lease
inline constexpr std::string_view kFirmwareKey = "firmware"; // in the firmware's table (iBFT)

struct ConfiguredTarget {
    std::string key; // "1", "2", …: of the unit iscsi@<key>
    Target target;
};

// What the kernel command line says, in dracut's and in Debian's words.
struct IscsiOptions {
    std::vector<ConfiguredTarget> targets; // without duplicates
    bool uses_lease = false;
    bool uses_firmware = false;
    std::string root_key;  // whose disk answers to /dev/root; empty: root= names a device
    std::string initiator; // checked; empty: not said
    Chap chap;             // of targets that have none of their own
    std::vector<std::pair<std::string, std::string>> params; // settings of open-iscsi's records
    unsigned login_retries = 3;
    std::vector<std::string> problems; // words that are refused, with the reason; no passwords

    [[nodiscard]] const Target *find(std::string_view key) const noexcept;
};

[[nodiscard]] IscsiOptions read_options(const sdk::Pairs &options);

// The target in the root-path of a lease; nothing if that is no iSCSI root-path.
[[nodiscard]] bool is_iscsi_root_path(std::string_view root_path) noexcept;
[[nodiscard]] Result<Target> parse_root_path(std::string_view root_path);

} // namespace slipway::iscsi
