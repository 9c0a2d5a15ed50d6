// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "fs/check_backend.h"
#include "fs/mount_backend.h"

// The operations of the plugin, with their back ends handed in.
namespace slipway::fs {

// import: the kernel command line becomes units, see root_units.h. `knows_boot_partition`: the boot
// loader said from where it was started. With params file and text, as
// `slipway build` calls it: only says what in that fstab will not be honoured.
[[nodiscard]] sdk::Outcome import_root(sdk::Context &context, const sdk::Request &request,
                                       bool knows_boot_partition = false);

// activate of fsck-… units. Params: types, mode, repair, marker.
[[nodiscard]] sdk::Outcome check_device(sdk::Context &context, const sdk::Request &request,
                                        CheckBackend &backend);

// activate of mounts. Params: types, flags, target; auto: yes if the root was found by its
// type; root: the tree in which target and bind are
// resolved; bind or source: what is mounted if it is no device.
[[nodiscard]] sdk::Outcome mount_device(sdk::Context &context, const sdk::Request &request,
                                        MountBackend &backend);

// activate of sysroot-fstab: what the root's fstab wants mounted early becomes units. Params: usr,
// taken, mode, repair.
[[nodiscard]] sdk::Outcome mount_from_fstab(sdk::Context &context, const sdk::Request &request,
                                            MountBackend &backend);

} // namespace slipway::fs
