// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <string>

#include "iscsi/firmware.h"
#include "iscsi/initiator_backend.h"
#include "iscsi/portal_probe.h"
#include "iscsi/run_files.h"
#include "iscsi/session_table.h"

namespace slipway::iscsi {

// What the operations of this plugin touch the machine with; borrowed.
struct Machine {
    InitiatorBackend &initiator;
    PortalProbe &network;
    const SessionTable &sessions;
    const RunFiles &files;
    std::string sysfs_root; // in front of "/sys"
};

// activate of iscsi@<key>: logs in to the target, or to all targets of the firmware. Its members
// are the network interfaces that can be used; a target that none of them leads to is `incomplete`.
[[nodiscard]] sdk::Outcome attach(sdk::Context &context, const sdk::Request &request,
                                  const Machine &machine);

} // namespace slipway::iscsi
