// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "builder/file_collector.h"
#include "builder/module_index.h"
#include "builder/problems.h"

namespace slipway {

struct ChosenModule {
    KernelModule module;
    std::string reason;
};

// The kernel modules of an image: those asked for and everything they depend on.
class ModuleClosure {
public:
    // Both outlive the closure. `kernel`: its version, for messages.
    ModuleClosure(ModuleIndex &index, Problems &problems, std::string kernel)
        : index_(index), problems_(problems), kernel_(std::move(kernel)) {}

    // `entry`: a name or alias, or "=path" for all modules below kernel/path. Gives the names of
    // the modules that it stands for; those built into the kernel are left out, as they are there
    // anyway.
    std::vector<std::string> choose(std::string_view entry, const Want &want);

    // Sorted by name.
    [[nodiscard]] const std::map<std::string, ChosenModule> &chosen() const noexcept {
        return chosen_;
    }

private:
    std::vector<std::string> choose_directory(std::string_view directory, const Want &want);
    // Puts one module and its dependencies in; iterative, so that a loop in the index cannot
    // recurse.
    void add(const KernelModule &module, const std::string &reason);
    void add_names(const Result<std::vector<std::string>> &names, const std::string &reason,
                   bool optional, std::vector<ChosenModule> &queue);

    ModuleIndex &index_;
    Problems &problems_;
    std::string kernel_;
    std::map<std::string, ChosenModule> chosen_;
};

} // namespace slipway
