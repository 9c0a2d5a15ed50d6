// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/import_plan.h"

#include <cerrno>

#include "boot/boot_config.h"

namespace slipway {

namespace {

// What travels to a worker in one message; crypttab-like files are far smaller.
constexpr std::size_t kMaxFileBytes = 64U << 10U;

} // namespace

std::vector<ImportRequest> plan_imports(System &system, const KernelCommandLine &line,
                                        const std::vector<PluginSpec> &plugins,
                                        const std::vector<std::string> &both_spellings,
                                        std::vector<std::string> &problems) {
    std::vector<ImportRequest> imports;
    for (const PluginSpec &plugin : plugins) {
        if (plugin.always_import || triggers_import(line, plugin.options, both_spellings))
            imports.push_back({plugin.name, {}});
        for (const std::string &path : plugin.import_files) {
            auto text = system.read_file(path, kMaxFileBytes);
            if (text)
                imports.push_back({plugin.name, {{"file", path}, {"text", std::move(*text)}}});
            else if (text.error().code() != ENOENT)
                problems.push_back(text.error().message() + "; the file is left out");
        }
    }
    return imports;
}

} // namespace slipway
