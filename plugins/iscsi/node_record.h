// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "iscsi/initiator_backend.h"

namespace slipway::iscsi {

// A record of open-iscsi's node database: iscsiadm(8), "node".
struct NodeRecord {
    std::string folder; // of the portal, below the database: "<target>/<address>,<port>,<group>"
    std::string file;   // name in that folder
    std::string text;   // holds the passwords
};

// The interface record that a session of this target uses; one for each interface that is named.
[[nodiscard]] std::string interface_id_of(const Target &target);

// The checks of target.h have kept line breaks and slashes out of everything that goes in here.
[[nodiscard]] NodeRecord node_record_of(const LoginRequest &request);

} // namespace slipway::iscsi
