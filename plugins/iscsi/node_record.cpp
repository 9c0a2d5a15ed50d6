// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/node_record.h"

#include <format>
#include <string_view>

namespace slipway::iscsi {

namespace {

// A day: what holds the root waits for its server rather than turn into an error. The kernel cannot
// tell a slow server from a dead one while no iscsid answers pings between the switch and the
// host's own, so there are none.
constexpr std::string_view kRootSettings = "node.session.timeo.replacement_timeout = 86400\n"
                                           "node.conn[0].timeo.noop_out_interval = 0\n"
                                           "node.conn[0].timeo.noop_out_timeout = 0\n";

std::string chap_lines(const Chap &chap) {
    if (!chap.is_used())
        return "node.session.auth.authmethod = None\n";
    std::string lines = std::format("node.session.auth.authmethod = CHAP\n"
                                    "node.session.auth.username = {}\n"
                                    "node.session.auth.password = {}\n",
                                    chap.user, chap.password);
    if (chap.is_mutual())
        lines += std::format("node.session.auth.username_in = {}\n"
                             "node.session.auth.password_in = {}\n",
                             chap.user_in, chap.password_in);
    return lines;
}

} // namespace

std::string interface_id_of(const Target &target) {
    if (!target.interface_id.empty())
        return target.interface_id;
    return target.netdev.empty() ? "default" : target.netdev;
}

NodeRecord node_record_of(const LoginRequest &request) {
    const Target &target = *request.target;
    NodeRecord record;
    record.folder =
        std::format("{}/{},{},{}", target.name, request.address, target.port, target.group);
    record.file = interface_id_of(target);
    record.text = std::format("node.name = {}\n"
                              "node.tpgt = {}\n"
                              "node.startup = manual\n"
                              "iface.iscsi_ifacename = {}\n"
                              "iface.transport_name = tcp\n",
                              target.name, target.group, record.file);
    if (!target.netdev.empty())
        record.text += std::format("iface.net_ifacename = {}\n", target.netdev);
    record.text += std::format("node.conn[0].address = {}\n"
                               "node.conn[0].port = {}\n"
                               "node.session.initial_login_retry_max = {}\n",
                               request.address, target.port, request.retries);
    record.text += kRootSettings;
    record.text += chap_lines(target.chap);
    for (const auto &[name, value] : request.params)
        record.text += std::format("{} = {}\n", name, value);
    return record;
}

} // namespace slipway::iscsi
