// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "inspect_block.h"
#include "libblkid_backend.h"
#include "libkmod_backend.h"
#include "libudev_backend.h"
#include "load_modules.h"
#include "trigger_devices.h"

namespace slipway::coldplug {

// Lives as long as its worker, which is reused: the module indexes are read once.
class ColdplugPlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_modules(context, request);
    }

    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_block(context, request, *sysfs_, *prober_);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        if (request.unit().starts_with("modules@"))
            return load_modules(context, request, *kmod_);
        return trigger_devices(context, *make_libudev_backend());
    }

private:
    std::unique_ptr<Sysfs> sysfs_ = make_linux_sysfs();
    std::unique_ptr<ProbeBackend> prober_ = make_libblkid_backend();
    std::unique_ptr<KmodBackend> kmod_ = make_libkmod_backend();
};

} // namespace slipway::coldplug

SLIPWAY_PLUGIN("coldplug", slipway::coldplug::ColdplugPlugin)
