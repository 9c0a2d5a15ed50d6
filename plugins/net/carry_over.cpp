// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/carry_over.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <vector>

#include "base/text.h"
#include "net/written_file.h"

namespace slipway::net {

namespace {

constexpr std::size_t kMaxServers = 3;        // MAXNS
constexpr std::size_t kMaxSearchBytes = 1024; // older resolvers take 256 and ignore the rest

// An address of the link needs to say which one.
std::string server_text(const std::string &address, const InterfaceState &state) {
    return address.starts_with("fe80:") ? address + "%" + state.name : address;
}

struct File {
    std::string path;
    std::string text; // "": it is not written
    FileReaders readers;
};

// What ifupdown must leave alone; without a hardware address it cannot be told what that is.
std::vector<File> ifupdown_files(const InterfaceState &state, const std::string &run) {
    if (!state.carries_root || state.addresses.empty() || state.mac.empty())
        return {};
    const std::string units = run + "/systemd/system/";
    // Each interface writes its own: they are configured at the same time.
    const std::string name = "/50-slipway-" + simple_name(state.name, '_') + ".conf";
    return {{run + "/slipway/carried/" + simple_name(state.mac, ':'), state.name + "\n",
             FileReaders::all},
            {units + "networking.service.d" + name, networking_text(), FileReaders::all},
            {units + "ifup@.service.d" + name, ifup_text(), FileReaders::all}};
}

} // namespace

std::string resolv_conf_text(std::span<const InterfaceState> states) {
    std::vector<std::string> servers;
    std::string search;
    for (const InterfaceState &state : states) {
        for (const std::string &address : dns_of(state)) {
            const std::string server = server_text(address, state);
            if (servers.size() < kMaxServers && !std::ranges::contains(servers, server))
                servers.push_back(server);
        }
        for (const std::string &domain : search_of(state)) {
            const auto known = split_words(search);
            if (search.size() + domain.size() < kMaxSearchBytes &&
                !std::ranges::contains(known, domain))
                search += " " + domain;
        }
    }
    std::string text = "# Written by slipway.\n";
    if (!search.empty())
        text += "search" + search + "\n";
    for (const std::string &server : servers)
        text += "nameserver " + server + "\n";
    return text;
}

Result<> write_carry_over(const InterfaceState &state, const std::string &run) {
    const std::string name = simple_name(state.name, '_');
    std::vector<File> files = {
        File{run + "/net-" + name + ".conf", ipconfig_text(state), FileReaders::all},
        File{run + "/net6-" + name + ".conf", ipconfig6_text(state), FileReaders::all},
        File{run + "/systemd/network/" + networkd_file_name(state), networkd_text(state),
             FileReaders::all},
        // NetworkManager refuses the file if others may read it.
        File{run + "/NetworkManager/system-connections/slipway-" + name + ".nmconnection",
             networkmanager_text(state), FileReaders::owner},
    };
    std::ranges::move(ifupdown_files(state, run), std::back_inserter(files));
    if (const std::string rule = rename_rule(state); !rule.empty()) {
        files.push_back({run + "/slipway/interface-renamed", rename_script(), FileReaders::all});
        files.push_back(
            {run + "/udev/rules.d/81-slipway-" + name + ".rules", rule, FileReaders::all});
    }
    Result<> result;
    for (const File &file : files) {
        if (file.text.empty())
            continue;
        if (auto written = write_file(file.path, file.text, file.readers); !written && result)
            result = std::move(written);
    }
    return result;
}

Result<> write_resolv_conf(std::span<const InterfaceState> states, const std::string &run) {
    return write_file(run + "/slipway/resolv.conf", resolv_conf_text(states), FileReaders::all);
}

} // namespace slipway::net
