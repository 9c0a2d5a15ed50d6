// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "builder/image_tree.h"
#include "builder/module_closure.h"

namespace slipway {

// A temporary module directory that holds exactly the modules of the image, uncompressed and
// unstripped (their signatures stay whole), with indexes made by depmod(8). It is removed with the
// object.
class ModuleStaging {
public:
    // `source`: …/lib/modules/`kernel` on this machine. `interrupted` is asked between modules.
    [[nodiscard]] static Result<ModuleStaging>
    create(const std::string &source, const std::string &kernel,
           const std::map<std::string, ChosenModule> &modules,
           const std::function<bool()> &interrupted);

    ModuleStaging(ModuleStaging &&other) noexcept
        : top_(std::exchange(other.top_, {})), directory_(std::move(other.directory_)),
          kernel_(std::move(other.kernel_)), reasons_(std::move(other.reasons_)) {}
    ModuleStaging &operator=(ModuleStaging &&) = delete;
    ModuleStaging(const ModuleStaging &) = delete;
    ModuleStaging &operator=(const ModuleStaging &) = delete;
    ~ModuleStaging();

    // …/usr/lib/modules/KERNEL in the staging area.
    [[nodiscard]] const std::string &directory() const noexcept { return directory_; }

    // Puts the modules and the indexes that libkmod reads into the image. The staging area must
    // live until the image is written.
    [[nodiscard]] Result<> add_to(ImageTree &image) const;

private:
    ModuleStaging() = default;
    [[nodiscard]] Result<> make_directories();
    [[nodiscard]] Result<> copy_modules(const std::string &source,
                                        const std::map<std::string, ChosenModule> &modules,
                                        const std::function<bool()> &interrupted);
    [[nodiscard]] Result<> copy_lists(const std::string &source);
    [[nodiscard]] Result<> run_depmod() const;

    std::string top_; // "" after a move
    std::string directory_;
    std::string kernel_;
    std::map<std::string, std::string> reasons_; // path below directory_ → reason
};

} // namespace slipway
