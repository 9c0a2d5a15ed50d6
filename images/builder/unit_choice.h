// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "builder/file_collector.h"
#include "builder/host_stack.h"
#include "builder/image_builder.h"
#include "builder/image_manifest.h"
#include "builder/root_tree.h"

namespace slipway {

enum class UnitNeed : std::uint8_t {
    none,
    possible, // nothing says so, but too little is known to leave it out
    known,    // the caller or the machine says so
};

[[nodiscard]] UnitNeed need_of(const ImageManifest &manifest, const BuildRequest &request,
                               const HostStack &stack, const RootTree &root);

// A program without which the unit is of no use and that the root does not have; nothing: all are
// there.
[[nodiscard]] std::optional<std::string>
missing_program(const ImageManifest &manifest, ImageMode mode, const FileCollector &files);

// The first of the manifest's alternatives whose programs the root has; nothing: none.
[[nodiscard]] const ImageNeeds *first_complete(const ImageManifest &manifest,
                                               const FileCollector &files);

// "name?" → the name, and whether it may be absent.
[[nodiscard]] std::pair<std::string, bool> split_optional(std::string_view entry);

} // namespace slipway
