// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "mdraid/mdadm_backend.h"

// The operations of the plugin, with the back end handed in.
namespace slipway::mdraid {

// inspect of a member: it belongs to mdraid@<uuid of the array>, or to mdcontainer@<uuid>.
[[nodiscard]] sdk::Outcome inspect_member(sdk::Context &context, const sdk::Request &request,
                                          MdadmBackend &backend);

// inspect of a running array, or of a partition on one: the names and the properties that udev's
// rules would give it (63-md-raid-arrays.rules, 69-lvm.rules).
[[nodiscard]] sdk::Outcome inspect_array(sdk::Context &context, const sdk::Request &request,
                                         MdadmBackend &backend);

// activate of mdraid@ and mdcontainer@.
[[nodiscard]] sdk::Outcome start_array(sdk::Context &context, const sdk::Request &request,
                                       MdadmBackend &backend);

} // namespace slipway::mdraid
