// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "virtfs/linux_backend.h"
#include "virtfs/operations.h"

namespace slipway::virtfs {

class VirtfsPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_device(context, request, *make_linux_backend());
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const std::string_view operation = request.params().get("operation");
        if (operation == "announce")
            return announce_shares(context, request, *make_linux_backend());
        if (operation == "mount")
            return mount_root(context, request, *make_linux_backend(), "/sysroot");
        return context.fail("params.operation of this unit must be \"announce\" or \"mount\"");
    }
};

} // namespace slipway::virtfs

SLIPWAY_PLUGIN("virtfs", slipway::virtfs::VirtfsPlugin)
