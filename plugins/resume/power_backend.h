// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::resume {

// What this plugin wants from the kernel.
class PowerBackend {
public:
    PowerBackend() = default;
    PowerBackend(const PowerBackend &) = delete;
    PowerBackend &operator=(const PowerBackend &) = delete;
    PowerBackend(PowerBackend &&) = delete;
    PowerBackend &operator=(PowerBackend &&) = delete;
    virtual ~PowerBackend() = default;

    // A whole page of the device, `index` counted in pages of the kernel. A shorter device is an
    // error.
    [[nodiscard]] virtual Result<std::vector<std::byte>> read_page(const std::string &devnode,
                                                                   std::uint64_t index) = 0;
    // Text of /sys/power/disk: the ways to hibernate, or "[disabled]".
    [[nodiscard]] virtual Result<std::string> modes() = 0;
    // Hands the machine to the system on device "<major>:<minor>", whose swap header lies `offset`
    // pages in. Comes back only if the kernel did not take it; then with what it logged meanwhile,
    // which may be empty.
    [[nodiscard]] virtual Result<std::string> resume(std::string_view device,
                                                     std::uint64_t offset) = 0;
    // Removes an EFI variable, by its path in efivarfs.
    [[nodiscard]] virtual Result<> remove_variable(const std::string &path) = 0;
};

} // namespace slipway::resume
