// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include <cstdlib>
#include <memory>

#include "lvm/group_operations.h"
#include "lvm/program_lvm_backend.h"

namespace slipway::lvm {

class LvmPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_volume(context, request, *make_backend(context, request));
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return activate_group(context, request, *make_backend(context, request));
    }

private:
    static std::unique_ptr<LvmBackend> make_backend(sdk::Context &context,
                                                    const sdk::Request &request) {
        // lvm(8): an empty directory name means no lvm.conf. Every operation has a process of its
        // own (units/lvm.toml), so nothing else sees this.
        if (!reads_configuration(request))
            (void)::setenv("LVM_SYSTEM_DIR", "", 1);
        return make_program_lvm_backend(context);
    }
};

} // namespace slipway::lvm

SLIPWAY_PLUGIN("lvm", slipway::lvm::LvmPlugin)
