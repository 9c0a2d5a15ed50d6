// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "inspect_block.h"
#include "libblkid_backend.h"
#include "libudev_backend.h"
#include "trigger_devices.h"

namespace slipway::coldplug {

class ColdplugPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_block(context, request, *sysfs_, *prober_, boot_);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &) override {
        return trigger_devices(context, *make_libudev_backend());
    }

private:
    std::unique_ptr<Sysfs> sysfs_ = make_linux_sysfs();
    BootPartition boot_{*sysfs_};
    std::unique_ptr<ProbeBackend> prober_ = make_libblkid_backend();
};

} // namespace slipway::coldplug

SLIPWAY_PLUGIN("coldplug", slipway::coldplug::ColdplugPlugin)
