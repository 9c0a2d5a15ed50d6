// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "builder/file_collector.h"
#include "builder/module_closure.h"
#include "builder/module_index.h"
#include "builder/root_tree.h"

namespace slipway {

// The firmware that modules name, from where the kernel would look for it in the root. What is not
// there is no problem: few machines need all that a driver names.
class FirmwareCollector {
public:
    // Root and files outlive the collector. `kernel`: its version. `has_graphics`: with the
    // firmware of graphics cards, which is a hundred megabytes, and no root depends on it.
    FirmwareCollector(const RootTree &root, FileCollector &files, std::string kernel,
                      bool has_graphics)
        : root_(root), files_(files), kernel_(std::move(kernel)), has_graphics_(has_graphics) {}

    // `index`: of the image's modules. Error: it lacks one, so the image would, too.
    [[nodiscard]] Result<> add(ModuleIndex &index, const std::string &name,
                               const ChosenModule &module);

    // In the order in which they were asked for.
    [[nodiscard]] const std::vector<std::string> &missing() const noexcept { return missing_; }

private:
    void add_file(const std::string &file, const std::string &module);

    const RootTree &root_;
    FileCollector &files_;
    std::string kernel_;
    bool has_graphics_;
    std::vector<std::string> missing_;
};

} // namespace slipway
