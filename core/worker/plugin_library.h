// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include <slipway/abi.h>

#include "base/result.h"

namespace slipway {

// A plugin's shared object, in a worker. Never unloaded: libraries that plugins link register
// things that outlive them.
class PluginLibrary {
public:
    // `path` is absolute; `name` must equal the one in the entry structure. Errors: not there, not
    // loadable (the loader's words), no entry symbol, another version of the interface.
    [[nodiscard]] static Result<PluginLibrary> load(const std::string &path,
                                                    const std::string &name);

    [[nodiscard]] const slipway_plugin &entry() const noexcept { return *entry_; }

private:
    PluginLibrary(std::shared_ptr<void> object, const slipway_plugin *entry) noexcept
        : object_(std::move(object)), entry_(entry) {}

    std::shared_ptr<void> object_;
    const slipway_plugin *entry_;
};

// The checks of load() on the entry structure alone.
[[nodiscard]] Result<> check_plugin_entry(const slipway_plugin &entry, const std::string &path,
                                          const std::string &name);

} // namespace slipway
