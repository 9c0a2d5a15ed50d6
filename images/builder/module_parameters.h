// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace slipway {

// The words <module>.<parameter>[=<value>] of a command line as modprobe.d(5) says it, one per
// line;
// "" if there are none. modprobe finds these words in /proc/cmdline by itself, but not those that
// are baked into an image.
[[nodiscard]] std::string module_parameters(std::string_view cmdline);

} // namespace slipway
