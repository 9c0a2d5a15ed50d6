// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::iscsi {

// Under which name this machine logs in.
struct InitiatorName {
    enum class Source { command_line, firmware, file, generated };

    std::string name;
    Source source = Source::generated;
    std::string problem; // why a name that was there does not count; empty: nothing was refused
};

inline constexpr const char *kHostInitiatorFile = "/etc/iscsi/initiatorname.iscsi";

// A file of this machine; nothing if it cannot be read.
using FileReader = std::function<std::optional<std::string>(const std::string &path)>;

// The first that is there: the command line, the firmware, the host's file in the image. Otherwise
// one is made of the machine's UUID, so that it is the same at the next boot, or of a random one.
[[nodiscard]] InitiatorName choose_initiator_name(std::string_view command_line,
                                                  std::string_view firmware,
                                                  const FileReader &read_file);

} // namespace slipway::iscsi
