// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What core/boot/last_failure.h kept of boots that failed, read on the host.
namespace slipway {

struct PreviousFailure {
    std::string source;   // the file that it was found in
    std::string text;     // core/boot/failure_text.h, without the first and the last line
    bool is_whole = true; // false: the end is missing
};

// The last one in `bytes`, which may hold what others wrote before and behind it. Control
// characters are replaced.
[[nodiscard]] std::optional<PreviousFailure> find_failure(std::string_view bytes);

// Of the machine whose files are below `root` ("": this one): pstore, what systemd-pstore(8) has
// moved away from there, the firmware, the EFI system partition if it is mounted on /efi, /boot/efi
// or /boot. Unreadable files are left out; in each place the newest comes first.
[[nodiscard]] std::vector<PreviousFailure> read_previous_failures(const std::string &root = "");

} // namespace slipway
