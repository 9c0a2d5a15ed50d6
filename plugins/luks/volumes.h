// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "luks/crypttab.h"
#include "luks/luks_command_line.h"

namespace slipway::luks {

// A volume that is to be unlocked: what becomes an instance of luks@.
struct Volume {
    std::string key; // UUID in lower case, or the name if the volume is known by another reference
    std::string
        device;       // a device reference; empty if the key is a UUID: the claim finds the device
    std::string name; // of the mapping
    std::string keyfile;
    std::string options;        // crypttab words, later ones win
    std::string device_timeout; // as written; empty: the default

    [[nodiscard]] bool operator==(const Volume &) const = default;
};

struct Volumes {
    std::vector<Volume> volumes;
    std::vector<std::string> problems; // for the log
};

// Brings together the command line and, if there is one, the crypttab of the image. If the command
// line names volumes, those and no others are taken, with what crypttab knows about them (systemd-
// cryptsetup-generator(8)). `file` stands in the problems.
[[nodiscard]] Volumes collect_volumes(const LuksCommandLine &line, const Crypttab &crypttab,
                                      std::string_view file);

// The units in TOML (docs/units.md).
[[nodiscard]] std::string write_volume_units(const std::vector<Volume> &volumes);

} // namespace slipway::luks
