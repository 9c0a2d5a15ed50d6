// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/plugin_library.h"

#include <dlfcn.h>

#include <cstddef>

// Boost.DLL's seam. With std::filesystem it needs no Boost library at run time.
#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

namespace slipway {

Result<> check_plugin_entry(const slipway_plugin &entry, const std::string &path,
                            const std::string &name) {
    if (entry.abi_version != SLIPWAY_ABI_VERSION)
        return failure(path + " speaks version " + std::to_string(entry.abi_version) +
                       " of the plugin interface, this slipway speaks version " +
                       std::to_string(SLIPWAY_ABI_VERSION) +
                       "; install the plugin's build for this version and build the image again");
    constexpr std::size_t kSmallest = offsetof(slipway_plugin, import) + sizeof(entry.import);
    if (entry.struct_size < kSmallest || entry.name == nullptr)
        return failure(path + " has a damaged entry structure; build the plugin again");
    if (name != entry.name)
        return failure(path + " calls itself \"" + entry.name + "\", but its TOML says \"" + name +
                       "\"; correct [plugin] name");
    return {};
}

Result<PluginLibrary> PluginLibrary::load(const std::string &path, const std::string &name) {
    auto library = std::make_shared<boost::dll::shared_library>();
    boost::dll::fs::error_code error;
    library->load(path, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (error) {
        // Boost.DLL keeps the loader's words to itself; they say which library or symbol is
        // missing.
        const char *words = ::dlerror();
        return failure("cannot load plugin " + name + ": " +
                       (words == nullptr ? path + ": " + error.message() : std::string(words)) +
                       "; is it in the image, with all its libraries (slipway ls --why)?");
    }
    if (!library->has(SLIPWAY_ENTRY_SYMBOL))
        return failure(path + " is no slipway plugin: it does not export " SLIPWAY_ENTRY_SYMBOL);
    const auto *entry = &library->get<const slipway_plugin>(SLIPWAY_ENTRY_SYMBOL);
    if (auto checked = check_plugin_entry(*entry, path, name); !checked)
        return std::unexpected(std::move(checked).error());
    return PluginLibrary(std::move(library), entry);
}

} // namespace slipway
