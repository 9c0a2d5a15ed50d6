// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include "fs/check_backend.h"
#include "fs/mount_backend.h"

// The operations of the plugin, with their back ends handed in.
namespace slipway::fs {

// import: the kernel command line becomes the units fsck-sysroot and sysroot.
[[nodiscard]] sdk::Outcome import_root(sdk::Context &context, const sdk::Request &request);

// activate of fsck-sysroot. Params: types, mode, repair.
[[nodiscard]] sdk::Outcome check_device(sdk::Context &context, const sdk::Request &request,
                                        CheckBackend &backend);

// activate of sysroot. Params: types, flags, target.
[[nodiscard]] sdk::Outcome mount_device(sdk::Context &context, const sdk::Request &request,
                                        MountBackend &backend);

} // namespace slipway::fs
