// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "lvm/group_operations.h"
#include "lvm/program_lvm_backend.h"

namespace slipway::lvm {

class LvmPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_volume(context, request, *make_program_lvm_backend(context));
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return activate_group(context, request, *make_program_lvm_backend(context));
    }
};

} // namespace slipway::lvm

SLIPWAY_PLUGIN("lvm", slipway::lvm::LvmPlugin)
