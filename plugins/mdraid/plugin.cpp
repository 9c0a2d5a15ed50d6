// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include <memory>

#include "mdraid/array_operations.h"
#include "mdraid/md_options.h"
#include "mdraid/program_mdadm_backend.h"

namespace slipway::mdraid {

class MdraidPlugin final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        const auto devices = request.devices();
        const bool is_member =
            !devices.empty() && devices.front().fact("fs_type").ends_with("_raid_member");
        const auto backend = make_backend(context, request);
        // An array may itself be the member of another one.
        const bool is_array = !devices.empty() && devices.front().devnode().starts_with("/dev/md");
        sdk::Outcome outcome = sdk::Outcome::done;
        if (is_array)
            outcome = inspect_array(context, request, *backend);
        return is_member ? inspect_member(context, request, *backend) : outcome;
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        return start_array(context, request, *make_backend(context, request));
    }

private:
    static std::unique_ptr<MdadmBackend> make_backend(sdk::Context &context,
                                                      const sdk::Request &request) {
        return make_program_mdadm_backend(context, options_of(request).reads_configuration);
    }
};

} // namespace slipway::mdraid

SLIPWAY_PLUGIN("mdraid", slipway::mdraid::MdraidPlugin)
