// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "luks/crypttab.h"
#include "luks/luks_command_line.h"
#include "luks/place.h"

namespace slipway::luks {

// A volume that is to be unlocked: what becomes an instance of luks@.
struct Volume {
    // UUID in lower case, its beginning, or the name if the volume is known by another reference.
    std::string key;
    std::string
        device;       // a device reference; empty if the key is a UUID: the claim finds the device
    std::string name; // of the mapping; empty: by the UUID that the volume turns out to have
    std::string keyfile;        // in the image
    std::string options;        // crypttab words, later ones win
    std::string device_timeout; // as written; empty: the default
    bool may_fail = false;      // nofail: comes after all others
    // A key that lies on a device; `keyfile` is empty then.
    struct KeyDevice {
        Place place;
        std::string timeout;      // of the device, as written; empty: the default
        std::uint64_t offset = 0; // bytes
        std::uint64_t size = 0;   // bytes; 0: all of the file

        [[nodiscard]] bool operator==(const KeyDevice &) const = default;
    };
    std::optional<KeyDevice> key_device{};
    std::optional<Place> header{};            // nothing: it is on the volume's own device
    std::optional<std::string> tpm_timeout{}; // how long the TPM is waited for; nothing: not at all

    [[nodiscard]] bool operator==(const Volume &) const = default;
};

struct Volumes {
    std::vector<Volume> volumes;
    std::vector<std::string> problems; // for the log: what is not honoured
    std::vector<std::string> notes;    // … what is left to the host
};

// The words that hold for a volume, later ones win: those of the command line after those of
// `crypttab`. `key` as in Volume.
[[nodiscard]] std::string options_of(const LuksCommandLine &line, std::string_view key,
                                     std::string_view crypttab);

// Brings together the command line and, if there is one, the crypttab of the image. If the command
// line names volumes, those and no others are taken, with what crypttab knows about them (systemd-
// cryptsetup-generator(8)). Otherwise those of crypttab: if entries are marked with
// x-initrd.attach, those and the ones named "root" and "usr"; if none is, all but noauto, because
// nothing says which the root needs. `file` stands in the problems.
[[nodiscard]] Volumes collect_volumes(const LuksCommandLine &line, const Crypttab &crypttab,
                                      std::string_view file);

} // namespace slipway::luks
