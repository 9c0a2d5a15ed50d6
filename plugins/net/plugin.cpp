// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "net/dhcpcd_client.h"
#include "net/libnl_backend.h"
#include "net/operations.h"

namespace slipway::net {

class NetPlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_config(context, request);
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const auto backend = make_libnl_backend();
        if (!backend)
            return context.fail(backend.error().message());
        if (request.unit().starts_with("dhcp@"))
            return run_dhcp(context, request, **backend, *make_dhcpcd_client());
        return configure_link(context, request, **backend);
    }
};

} // namespace slipway::net

SLIPWAY_PLUGIN("net", slipway::net::NetPlugin)
