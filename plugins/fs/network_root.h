// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::fs {

// Where the root comes from, as far as this plugin has to know: it mounts devices, and leaves file
// systems of others to the plugins that define `sysroot-nfs` and `sysroot-virtfs` (docs/units.md).
enum class RootSource : std::uint8_t {
    device,
    network_disk,        // a disk that the network brings; answers to kNetworkDisk
    network_file_system, // another plugin mounts it
    lease,               // one of these two; what the network says about itself decides
    share,               // a folder of the virtual machine's host; another plugin mounts it
};

// What the disk answers to that root=iscsi:… or a lease means (docs/plugins.md, `aliases`).
inline constexpr const char *kNetworkDisk = "/dev/root";

// What the kernel command line says about it.
struct RootWords {
    std::string root;               // root=
    std::string netroot;            // the first netroot=
    std::string nfsroot;            // nfsroot=
    std::string boot;               // boot=
    std::vector<std::string> types; // rootfstype=
};

// Only the form of the words decides; whoever brings the root checks the rest.
[[nodiscard]] RootSource root_source(const RootWords &words);

} // namespace slipway::fs
