// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "nfs/linux_backend.h"
#include "nfs/operations.h"

namespace slipway::nfs {

class NfsPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_interface(context, request);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return mount_root(context, request, *make_linux_backend(), "/sysroot");
    }
};

} // namespace slipway::nfs

SLIPWAY_PLUGIN("nfs", slipway::nfs::NfsPlugin)
