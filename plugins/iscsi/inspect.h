// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "iscsi/run_files.h"
#include "iscsi/session_table.h"

namespace slipway::iscsi {

// inspect of a network interface that can be used: it becomes a member of every target that it may
// lead to.
[[nodiscard]] sdk::Outcome inspect_interface(sdk::Context &context, const sdk::Request &request);

// inspect of a disk or partition that hangs on a session: the one that root=iscsi:… means gets the
// alias /dev/root. Of a disk with a partition table that is its only partition.
[[nodiscard]] sdk::Outcome inspect_disk(sdk::Context &context, const sdk::Request &request,
                                        const SessionTable &sessions, const RunFiles &files);

} // namespace slipway::iscsi
