// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fs/check_policy.h"
#include "fs/early_mount.h"
#include "fs/network_root.h"
#include "fs/overlay_option.h"

namespace slipway::fs {

// Options in the order in which slipway hands them over: key and value.
using OptionList = std::vector<std::pair<std::string, std::string>>;

// What the kernel command line says about the root file system.
struct RootOptions {
    RootSource source = RootSource::device;
    std::string name;   // the value of root=, for people
    std::string device; // a device reference (docs/units.md); empty: no device holds the root
    bool is_automatic = false; // found by its type: the flags of its partition table entry count
    std::vector<std::string> fallbacks; // rootfallback=, tried in order if `device` never appears
    std::vector<std::string> types;     // rootfstype=, in order of preference; empty: by probing
    std::string flags;                  // mount options, with exactly one of ro and rw at the end
    std::optional<Overlay> overlay;     // rd.overlay=; `flags` then end in ro
    std::optional<std::string> device_timeout; // of x-systemd.device-timeout=; "0": no limit
    bool is_writable = false;                  // what the words ro and rw say
    CheckPolicy check;
    bool reads_fstab = true;           // rd.fstab=
    std::vector<EarlyMount> mounts;    // mount.usr=, systemd.mount-extra=, in this order
    std::vector<std::string> warnings; // words that are known, but whose value is not
};

// root= as a device reference: UUID=, LABEL=, PARTUUID=, PARTLABEL=, a path below /dev, gpt-auto,
// and the kernel's device numbers ("8:1", "0801"), which become /dev/block/<major>:<minor>. The
// error names the word and the accepted forms.
[[nodiscard]] Result<std::string> parse_root_device(std::string_view value);

// Everything. Fails if the root device cannot be told, or changes of the root cannot be kept where
// the words say. `knows_boot_partition`: a root that
// nobody names can be found by its type.
[[nodiscard]] Result<RootOptions> parse_root_options(const OptionList &options,
                                                     bool knows_boot_partition = false);

} // namespace slipway::fs
