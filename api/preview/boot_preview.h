// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "unit/unit_loader.h"

namespace slipway {

// What a boot is going to read, as far as it is known beforehand.
struct PreviewSources {
    std::vector<UnitSource> units;
    UnitSource known_options; // options.toml; without text: none
    std::string cmdline;      // empty: not known
    std::string root;         // the tree in which plugins look for further files; "" for /
    // Where a plugin's library is on this machine; "" if it is not known.
    std::function<std::string(const std::string &library)> find_plugin;
    // Files of the image and of the real root; nothing if they are not there.
    std::function<std::optional<std::string>(const std::string &path)> read_image_file;
    std::function<std::optional<std::string>(const std::string &path)> read_root_file;
};

// What the boot would say about words and lines that it does not honour: of the kernel command
// line, of import_files and root_files. The plugins themselves say it: their import operations are
// run in this process, and nothing but these. What they import is not used.
[[nodiscard]] std::vector<std::string> preview_boot(const PreviewSources &sources);

} // namespace slipway
