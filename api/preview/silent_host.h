// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <slipway/abi.h>

namespace slipway {

// The host of an import that happens before the boot: notes what the plugin says, and refuses
// whatever would touch the machine.
class SilentHost {
public:
    SilentHost();
    SilentHost(const SilentHost &) = delete;
    SilentHost &operator=(const SilentHost &) = delete;
    SilentHost(SilentHost &&) = delete;
    SilentHost &operator=(SilentHost &&) = delete;
    ~SilentHost() = default;

    [[nodiscard]] const slipway_host &table() const noexcept { return table_; }

    std::vector<std::string> complaints; // warnings and errors
    std::vector<std::string> units;      // TOML
    std::string reason;

private:
    static SilentHost &self(void *ctx) noexcept { return *static_cast<SilentHost *>(ctx); }

    slipway_host table_{};
};

} // namespace slipway
