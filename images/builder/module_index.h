// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway {

struct KernelModule {
    std::string name;
    std::string path; // on this machine; "" if it is built into the kernel
    [[nodiscard]] bool is_builtin() const noexcept { return path.empty(); }
};

// What a kernel's module directory says about its modules. An interface, so that the choice of
// modules is tested without a kernel.
class ModuleIndex {
public:
    ModuleIndex() = default;
    ModuleIndex(const ModuleIndex &) = delete;
    ModuleIndex &operator=(const ModuleIndex &) = delete;
    ModuleIndex(ModuleIndex &&) = delete;
    ModuleIndex &operator=(ModuleIndex &&) = delete;
    virtual ~ModuleIndex() = default;

    // The modules that `name`, a module's name or alias, stands for; empty if there is none.
    [[nodiscard]] virtual Result<std::vector<KernelModule>> lookup(std::string_view name) = 0;
    // Names or aliases: hard dependencies, which must be there.
    [[nodiscard]] virtual Result<std::vector<std::string>>
    dependencies(const KernelModule &module) = 0;
    // Names or aliases: soft (pre and post, modprobe.d(5)) and weak dependencies, which may be
    // absent.
    [[nodiscard]] virtual Result<std::vector<std::string>>
    optional_dependencies(const KernelModule &module) = 0;
    // File names below /usr/lib/firmware that the module may ask for.
    [[nodiscard]] virtual Result<std::vector<std::string>> firmware(const KernelModule &module) = 0;
    // Names of all modules whose file is below kernel/`directory`, sorted.
    [[nodiscard]] virtual Result<std::vector<std::string>> below(std::string_view directory) = 0;
};

} // namespace slipway
