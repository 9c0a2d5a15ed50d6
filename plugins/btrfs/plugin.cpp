// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "btrfs/ioctl_backend.h"
#include "btrfs/operations.h"

namespace slipway::btrfs {

class BtrfsPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_device(context, request, *make_ioctl_backend());
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return activate_file_system(context, request, *make_ioctl_backend());
    }
};

} // namespace slipway::btrfs

SLIPWAY_PLUGIN("btrfs", slipway::btrfs::BtrfsPlugin)
