// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "builder/image_manifest.h"
#include "builder/root_tree.h"

namespace slipway {

// What is known about the machine that a host image is for. A set that is not known leaves every
// condition on it true: too much in the image costs bytes, too little costs the boot.
struct HostStack {
    bool is_live = false; // the device lists below were read from the running kernel
    // Of what the initrd mounts: /, /usr, and entries of fstab(5) with x-initrd.mount.
    std::optional<std::set<std::string>> root_specs; // first field of fstab(5)
    std::optional<std::set<std::string>> fs_types;
    std::set<std::string> cmdline; // words of the command line that is baked into the image
    std::set<std::string> devices; // kernel names of the block devices below, as "dm-0", "md127"
    std::set<std::string> device_paths; // of the same in sysfs, as "/devices/…/block/vda"
    std::set<std::string> dm_uuids;     // of the device-mapper devices among them
    std::set<std::string> dm_names;     // of the same
    // Where the kernel keeps a text over a restart: "memory" (pmsg of pstore), "variables" (of
    // UEFI, if they can be written) or "nothing"; "unknown": not the running machine.
    std::string keeps = "unknown";
    // Modules of all devices that these hang on; of disks that hang on no hardware those of the
    // network interfaces.
    std::set<std::string> drivers;
};

// From the root's /etc/fstab. `cmdline`: words that will be baked into the image; root=, mount.usr=
// and their types in it override fstab.
[[nodiscard]] HostStack read_offline_stack(const RootTree &root, std::string_view cmdline);

// From the running kernel. `mountinfo`: the text of /proc/self/mountinfo; `sysfs`: a tree with the
// content of /sys. If / is on no block device (overlay, network), or something else that the initrd
// must mount is not mounted, the result is not live; what a server has is known all the same, and
// what lies below an overlay of rd.overlay counts as /.
[[nodiscard]] HostStack read_live_stack(const RootTree &root, std::string_view mountinfo,
                                        const RootTree &sysfs, std::string_view cmdline);

// Whether one of the conditions holds, or there are none.
[[nodiscard]] bool holds_any(const std::vector<Condition> &conditions, const HostStack &stack,
                             const RootTree &root);

} // namespace slipway
