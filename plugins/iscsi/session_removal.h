// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"

namespace slipway::iscsi {

// A socket to the kernel's iSCSI transports (NETLINK_ISCSI). Whoever answers there has a second.
[[nodiscard]] Result<UniqueFd> open_transport_socket();

// Ends a session and its connection in the kernel, which iscsid only does for sessions whose login
// has succeeded or has been given up. `transport`: /sys/class/iscsi_transport/tcp/handle.
// `socket`: borrowed. Source of messages and order: include/scsi/iscsi_if.h and
// drivers/scsi/scsi_transport_iscsi.c of Linux.
[[nodiscard]] Result<> remove_kernel_session(int socket, std::uint64_t transport,
                                             std::uint32_t session);

} // namespace slipway::iscsi
