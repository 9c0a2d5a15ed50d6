// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::fs {

// What probing found on the device that is to be mounted.
struct ProbedDevice {
    std::string devnode;
    std::string type;  // empty: nothing known was found
    std::string usage; // "filesystem", "crypto", "raid", "other"
    bool is_ambivalent = false;
};

// The types to try, in this order. `asked` is rootfstype=; it wins over what probing found. Fails
// with a reason for people if there is nothing to try.
[[nodiscard]] Result<std::vector<std::string>> choose_types(const ProbedDevice &device,
                                                            const std::vector<std::string> &asked);

// The kernel module that holds a file system: its own name, with few exceptions.
[[nodiscard]] std::string module_of_type(std::string_view type);

// mount(2) failed with `code`: what that means and what to do. `detail` is the kernel's or
// libmount's own text and may be empty.
[[nodiscard]] std::string explain_mount_failure(int code, std::string_view type,
                                                std::string_view devnode, std::string_view detail);

} // namespace slipway::fs
