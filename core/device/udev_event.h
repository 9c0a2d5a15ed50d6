// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "device/uevent.h"

namespace slipway {

// What udevd says about a device when its rules have been through with it: the keys of the kernel's
// event and the properties that rules have added, as `udevadm info` shows them.
using UdevProperties = std::vector<std::pair<std::string, std::string>>;

// The same facts as those of an image without udevd: those of the kernel, and those that there the
// inspection of a block device finds out (docs/architecture.md, "Facts"). All count as the kernel's
// word. Besides: `initialized`, and `systemd_wants`, a list. An error names what is malformed; the
// event is then of no use.
[[nodiscard]] Result<Uevent> uevent_of_udev(std::string_view syspath,
                                            const UdevProperties &properties);

// Events that tell nothing to go by. An interface that is being given its name comes again under
// that one. A mapping whose `change` says only whether it is read-only has passed by the rules that
// know it, and looks like a hidden one.
[[nodiscard]] bool is_passing(const UdevProperties &properties);

// "my\x20root" → "my root": how udev writes what comes from a disk (ID_FS_LABEL_ENC). What is no
// such sequence stays as it is; so does \x00.
[[nodiscard]] std::string decode_udev_text(std::string_view text);

} // namespace slipway
