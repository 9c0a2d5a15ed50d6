// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "libkmod_backend.h"
#include "load_modules.h"

namespace slipway::modules {

class ModulesPlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_modules(context, request);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return load_modules(context, request, *kmod_);
    }

private:
    std::unique_ptr<KmodBackend> kmod_ = make_libkmod_backend();
};

} // namespace slipway::modules

SLIPWAY_PLUGIN("modules", slipway::modules::ModulesPlugin)
