// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::resume {

// The text of a record of /dev/kmsg ("6,339,5140900,-;PM: …\n SUBSYSTEM=…"), cleaned for people;
// empty if it is not one.
[[nodiscard]] std::string message_of_record(std::string_view record);

// What the kernel says about a resume that came to nothing: the last few of its messages about
// power management, joined. Empty if there is none.
[[nodiscard]] std::string reason_in(const std::vector<std::string> &messages);

} // namespace slipway::resume
