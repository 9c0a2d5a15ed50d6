// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include "iscsi/daemon.h"
#include "iscsi/import_targets.h"
#include "iscsi/inspect.h"
#include "iscsi/login.h"
#include "iscsi/open_iscsi_backend.h"
#include "iscsi/socket_probe.h"
#include "system/end_signal.h"

namespace slipway::iscsi {

class IscsiPlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_targets(context, request);
    }

    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        const auto devices = request.devices();
        if (!devices.empty() && devices.front().fact("subsystem") == "net")
            return inspect_interface(context, request);
        return inspect_disk(context, request, SessionTable(), RunFiles());
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const auto initiator = make_open_iscsi_backend(context);
        const auto network = make_socket_probe();
        const SessionTable sessions;
        const RunFiles files;
        const Machine machine{*initiator, *network, sessions, files, ""};
        if (request.unit() == "iscsid") {
            const auto stop = sdk::catch_end_signal();
            return stop ? keep_daemon(context, request, machine, stop->get())
                        : context.fail(stop.error().message());
        }
        return attach(context, request, machine);
    }
};

} // namespace slipway::iscsi

SLIPWAY_PLUGIN("iscsi", slipway::iscsi::IscsiPlugin)
