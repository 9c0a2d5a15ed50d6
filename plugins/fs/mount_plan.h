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
    std::string uuid;    // of the file system; empty: not known
    std::string options; // the fact mount_options
};

// The types to try, in this order. `asked` is rootfstype=; it wins over what probing found. Fails
// with a reason for people if there is nothing to try.
[[nodiscard]] Result<std::vector<std::string>> choose_types(const ProbedDevice &device,
                                                            const std::vector<std::string> &asked);

// Of two drivers for one format: what to mount a file system with if the kernel does not know its
// own type. Empty: nothing.
[[nodiscard]] std::string_view substitute_type(std::string_view type) noexcept;

struct MountFlags {
    std::string words;
    std::string notice; // what was changed in what was asked for, for people; may be empty
};

// The options for mount(8): those that were asked for, then those that plugins found out about the
// device (its fact mount_options), which win. What cannot be written is mounted read-only.
[[nodiscard]] MountFlags choose_flags(std::string_view asked, std::string_view of_device,
                                      std::string_view type);

// The kernel module that holds a file system: its own name, with few exceptions.
[[nodiscard]] std::string module_of_type(std::string_view type);

struct MountFailure {
    int code = 0; // errno value
    std::string_view type;
    std::string_view devnode;
    std::string_view flags;
    std::string_view found_type; // by probing; empty: nothing or no device
    std::string_view detail;     // the kernel's or libmount's own text, may be empty
};

// What a failed mount means and what to do.
[[nodiscard]] std::string explain_mount_failure(const MountFailure &failure);

// The device does not hold what it held when it was chosen. `now`: the UUID of the file system that
// is on it; empty: there is none of this type.
[[nodiscard]] std::string explain_other_content(const ProbedDevice &device, std::string_view now);

} // namespace slipway::fs
