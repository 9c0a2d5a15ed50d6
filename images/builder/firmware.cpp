// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/firmware.h"

#include <array>
#include <format>
#include <string_view>

namespace slipway {

Result<> FirmwareCollector::add(ModuleIndex &index, const std::string &name,
                                const ChosenModule &module) {
    const Result<std::vector<KernelModule>> found = index.lookup(name);
    if (!found || found->empty() || found->front().is_builtin())
        return failure(std::format("the module {} is missing in the index that depmod made", name));
    if (!has_graphics_ && module.module.path.contains("/drivers/gpu/"))
        return {};
    const Result<std::vector<std::string>> firmware = index.firmware(found->front());
    if (!firmware)
        return std::unexpected(firmware.error());
    for (const std::string &file : *firmware)
        add_file(file, name);
    return {};
}

void FirmwareCollector::add_file(const std::string &file, const std::string &module) {
    // The kernel's search path, Documentation/driver-api/firmware/fw_search_path.rst.
    const std::array<std::string, 4> directories = {
        std::format("/usr/lib/firmware/updates/{}", kernel_), "/usr/lib/firmware/updates",
        std::format("/usr/lib/firmware/{}", kernel_), "/usr/lib/firmware"};
    const Want want{std::format("firmware of module {}", module), true};
    for (const std::string &directory : directories) {
        for (const std::string_view suffix : {"", ".xz", ".zst"}) {
            const std::string path = std::format("{}/{}{}", directory, file, suffix);
            if (!root_.matching(path).empty()) {
                files_.add_files(path, want);
                return;
            }
        }
    }
    missing_.push_back(file);
}

} // namespace slipway
