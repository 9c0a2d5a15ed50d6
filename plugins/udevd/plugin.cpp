// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "operations.h"

namespace slipway::udevd {

class UdevdPlugin final : public sdk::Plugin {
public:
    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const auto step = step_of(request.params().get("do"));
        if (!step)
            return context.fail(
                "the unit's params must have do = \"serve\", \"announce\" or \"clean-up\"");
        switch (*step) {
        case Step::serve:
            return serve(context, request);
        case Step::announce:
            return announce(context);
        case Step::clean_up:
            return clean_up(context);
        }
        return sdk::Outcome::failed;
    }
};

} // namespace slipway::udevd

SLIPWAY_PLUGIN("udevd", slipway::udevd::UdevdPlugin)
