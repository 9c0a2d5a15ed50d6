// SPDX-License-Identifier: LGPL-2.1-or-later
// The options of the root file system, up to the units that are made of them. The input is one
// option "key=value" per line.
#include <algorithm>

#include "fs/root_options.h"
#include "fs/root_units.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/shipped_units.h"

namespace {

using namespace slipway;
using namespace slipway::fs;
using fuzz::require;

void check_units(const RootOptions &root) {
    const std::vector<Unit> units = fuzz::imported(write_root_units(root), "fs");
    const auto makes = [&units](std::string_view name) {
        return std::ranges::contains(units, name, &Unit::name);
    };
    require(makes("sysroot"), "there is a root", root.device);
    require(makes("sysroot-lower") == root.overlay.has_value(), "an overlay lies over something",
            root.device);
    for (const Unit &unit : units) {
        std::string_view name = unit.name;
        if (name.starts_with("fsck-"))
            name.remove_prefix(5);
        // Mounts of the initrd itself come from rd.systemd.mount-extra=.
        require(name.starts_with("sysroot") || name.starts_with("initrd/"), "known names", name);
        require(!unit.device || unit.writes, "what has a device may write to it", unit.name);
        for (const std::string &needed : unit.required)
            require(makes(needed), "what is needed is made", needed);
    }
}

void check_root(const RootOptions &root) {
    require(root.flags.ends_with("ro") || root.flags.ends_with("rw"), "ro or rw is last",
            root.flags);
    if (root.overlay) {
        require(root.flags.ends_with("ro"), "below an overlay nothing is written", root.flags);
        // They become mount options as they are.
        const std::string &limits = root.overlay->limits;
        require(limits.find_first_not_of("abcdefghijklmnopqrstuvwxyz_=,0123456789%KMGTPE") ==
                    std::string::npos,
                "limits are plain words", limits);
    }
    for (const std::string &type : root.types)
        require(!type.empty() && !type.contains(','), "types are words", type);
    for (const std::string &warning : root.warnings)
        require(printable(warning, warning.size()) == warning, "warnings are printable", warning);
    check_units(root);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto root = parse_root_options(fuzz::pairs_of(fuzz::text_of(data, size)));
    if (root) {
        check_root(*root);
    } else {
        const std::string message = root.error().message();
        require(!message.empty() && printable(message, message.size()) == message,
                "an error is a printable text", message);
    }
    return 0;
}
