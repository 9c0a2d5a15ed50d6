// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::resume {

// Where a hibernated system may lie.
struct Location {
    std::string device;       // a device reference (docs/units.md)
    std::uint64_t offset = 0; // of the swap header, in pages; not 0: in a swap file
};

// What the kernel command line says about it.
struct CommandLine {
    std::string switched_off_by; // the word that forbids to resume, or empty
    std::string device;          // of resume=, as a device reference, or empty
    bool names_device = false;   // resume= is there, understood or not: nothing else is looked at
    std::optional<std::uint64_t> offset; // resume_offset=
    std::string device_timeout;          // how long the device is waited for, as units say it
    std::vector<std::string> problems;   // words that are known, but whose value is not; for people
};

[[nodiscard]] CommandLine read_command_line(const sdk::Pairs &options);

// Decimal digits and nothing else.
[[nodiscard]] std::optional<std::uint64_t> parse_offset(std::string_view text);

// What systemd has left in the EFI variable HibernateLocation when it hibernated.
struct EfiLocation {
    Location location;
    std::string os_id; // ID= and IMAGE_ID= of the os-release of the system that lies there
    std::string image_id;
};

// `file`: as efivarfs shows it, four bytes of attributes in front.
[[nodiscard]] Result<EfiLocation> parse_efi_location(std::string_view file);

// Two systems on one machine share the variable; `os_release` is the text of this system's. If that
// does not say which it is, nothing can be compared.
[[nodiscard]] bool is_of_this_system(const EfiLocation &efi, std::string_view os_release);

// The last RESUME= of /etc/initramfs-tools/conf.d/resume: its value without quotes, or empty.
[[nodiscard]] std::string parse_resume_conf(std::string_view text);

} // namespace slipway::resume
