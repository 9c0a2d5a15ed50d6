// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builder/module_index.h"

struct kmod_ctx;

namespace slipway {

// The module directory of one kernel, read with libkmod.
class KmodIndex final : public ModuleIndex {
public:
    // `directory`: …/lib/modules/VERSION on this machine. `configuration`: directories in the
    // manner of modprobe.d(5); those of this machine do not count unless they are named.
    [[nodiscard]] static Result<std::unique_ptr<KmodIndex>>
    open(const std::string &directory, const std::vector<std::string> &configuration);

    [[nodiscard]] Result<std::vector<KernelModule>> lookup(std::string_view name) override;
    [[nodiscard]] Result<std::vector<std::string>>
    dependencies(const KernelModule &module) override;
    [[nodiscard]] Result<std::vector<std::string>>
    optional_dependencies(const KernelModule &module) override;
    [[nodiscard]] Result<std::vector<std::string>> firmware(const KernelModule &module) override;
    [[nodiscard]] Result<std::vector<std::string>> below(std::string_view directory) override;

private:
    struct ContextEnd {
        void operator()(kmod_ctx *context) const noexcept;
    };
    using Context = std::unique_ptr<kmod_ctx, ContextEnd>;

    KmodIndex(std::string directory, Context context)
        : directory_(std::move(directory)), context_(std::move(context)) {}

    std::string directory_;
    Context context_;
};

} // namespace slipway
