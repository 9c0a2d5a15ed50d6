// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sysfs.h"

namespace slipway::coldplug {

// The partition that the boot loader was started from, as it says in the EFI variable
// LoaderDevicePartUUID.
class BootPartition {
public:
    // `sysfs` must outlive this object.
    explicit BootPartition(const Sysfs &sysfs) : sysfs_(sysfs) {}

    // In lower case; "" if nobody said. Asks the firmware, which is slow, at the first call only.
    [[nodiscard]] const std::string &uuid();

private:
    const Sysfs &sysfs_;
    std::optional<std::string> uuid_;
};

// The content of such a variable as efivarfs shows it: four bytes of attributes, then UTF-16. ""
// unless it is a UUID.
[[nodiscard]] std::string decode_uuid_variable(std::string_view bytes);

} // namespace slipway::coldplug
