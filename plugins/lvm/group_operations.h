// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "lvm/lvm_backend.h"

// The operations of the plugin, with the back end handed in.
namespace slipway::lvm {

// inspect: the physical volume becomes a member of lvm@<uuid of the group>.
[[nodiscard]] sdk::Outcome inspect_volume(sdk::Context &context, const sdk::Request &request,
                                          LvmBackend &backend);

// activate of lvm@: the volumes that goals need, see volume_choice.h.
[[nodiscard]] sdk::Outcome activate_group(sdk::Context &context, const sdk::Request &request,
                                          LvmBackend &backend);

// Is lvm.conf of the image to be read (rd.lvm.conf=)?
[[nodiscard]] bool reads_configuration(const sdk::Request &request);

} // namespace slipway::lvm
