// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::resume {

inline constexpr std::string_view kEfiVariable =
    "/sys/firmware/efi/efivars/HibernateLocation-8cf2644b-4b0b-428f-9387-6d876050dc67";
inline constexpr std::string_view kResumeConf = "/etc/initramfs-tools/conf.d/resume";

// A file of the initrd, or of the tree that an image is built from; nothing if it is not there.
using FileReader = std::function<std::optional<std::string>(const std::string &path)>;

// import: runs for the command line, for the EFI variable and for Debian's file; the one that wins
// (in this order) writes the unit `resume`. Each run looks whether an earlier one has something to
// say, because none sees what the others have written.
[[nodiscard]] sdk::Outcome import_location(sdk::Context &context, const sdk::Request &request,
                                           const FileReader &read_file);

} // namespace slipway::resume
