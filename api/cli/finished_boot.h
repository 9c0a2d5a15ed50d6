// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/boot_timeline.h"
#include "report/causes.h"

namespace slipway::cli {

// Where a boot leaves what the commands about finished boots read.
inline constexpr const char *kBootFolder = "/run/slipway";

// The timeline of a boot. `place`: a folder with timeline.json, or such a file. Errors say which
// file, and what is expected there.
[[nodiscard]] Result<report::BootTimeline> read_timeline(const std::string &place);

// The record beside it.
[[nodiscard]] Result<report::Causes> read_causes(const std::string &place);

// What the record beside a timeline knows of it: into its steps, what they asked; returned, the
// steps that the end of the boot waited for. Nothing if the record does not fit to the timeline.
[[nodiscard]] std::vector<std::size_t> add_record(const std::string &place,
                                                  report::BootTimeline &timeline);

// A file as it is, at most 16 MiB.
[[nodiscard]] Result<std::string> read_boot_file(const std::string &path);
[[nodiscard]] std::string boot_file(const std::string &place, const std::string &name);

} // namespace slipway::cli
