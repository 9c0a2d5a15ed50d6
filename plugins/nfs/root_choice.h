// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nfs/source_text.h"

namespace slipway::nfs {

// The words of the kernel command line that decide what the root is.
struct RootWords {
    std::string root = {};               // root=
    std::string netroot = {};            // netroot=, the first one
    std::string nfsroot = {};            // nfsroot=
    std::string boot = {};               // boot=
    std::vector<std::string> types = {}; // rootfstype=
    std::vector<std::string> flags = {}; // rootflags=
    std::optional<bool> writable = {};   // ro and rw, the last of them
};

// An NFS root, as far as the command line says.
struct RootChoice {
    std::string word;               // for people: "root=nfs:…"
    Source source;                  // without a directory: the DHCP root-path says which
    bool may_be_a_disk = false;     // root=dhcp: the root-path may as well name an iSCSI target
    std::vector<std::string> flags; // as in RootWords
    std::optional<bool> writable;   // "
};

// Nothing if the root is no NFS directory. The error names the word and says what is wrong.
[[nodiscard]] Result<std::optional<RootChoice>> choose_root(const RootWords &words);

// What the network says about itself on one interface: its facts (docs/plugins.md).
struct Lease {
    std::string interface;
    std::string root_path;
    std::string root_path_refusal; // why there is none although the server gave one
    std::string next_server;
    std::string dhcp_server;
    std::string host_name;
    std::string addresses; // with prefix lengths, one per line
};

// What is to be mounted.
struct Target {
    std::vector<std::string> servers; // alternatives, at least one
    std::string directory;
    bool is_v4 = false;
    std::vector<std::string> options; // in the order in which they count, ro or rw last

    bool operator==(const Target &) const = default;
};

// Fills the gaps of `choice` from the lease: the directory and its options from the root-path; a
// server that is not named on the command line is that of the root-path, then the next-server, then
// the DHCP server. Errors with the code ENOMSG: this interface says nothing about an NFS root.
// Others: what it says is refused.
[[nodiscard]] Result<Target> complete(const RootChoice &choice, const Lease &lease);

} // namespace slipway::nfs
