// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/operations.h"

namespace slipway::busport {

class BusPort final : public sdk::Plugin {
public:
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        return inspect_port(context, request);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const std::string_view operation = request.params().get("operation");
        if (operation == "announce")
            return announce_ports(context, request);
        if (operation == "serve")
            return serve(context, request);
        return context.fail("params.operation of this unit must be \"announce\" or \"serve\"");
    }
};

} // namespace slipway::busport

SLIPWAY_PLUGIN("busport", slipway::busport::BusPort)
