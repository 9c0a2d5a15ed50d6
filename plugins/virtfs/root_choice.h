// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::virtfs {

// A folder that the host of a virtual machine shares with it.
enum class ShareType : std::uint8_t { virtiofs, ninep };

// As mount(8) calls it: "virtiofs" or "9p".
[[nodiscard]] std::string_view name_of(ShareType type) noexcept;

// The words of the kernel command line that decide what the root is.
struct RootWords {
    std::string root = {};               // root=
    std::vector<std::string> types = {}; // rootfstype=, without "auto" and "tmpfs"
};

struct RootChoice {
    ShareType type = ShareType::virtiofs;
    std::string tag; // printable
};

// "root=virtiofs:<tag>", "root=virtfs:<tag>" (9p), or "root=<tag>" with rootfstype=virtiofs or 9p.
// Nothing if the root is no share. The error names the word and says what is wrong.
[[nodiscard]] Result<std::optional<RootChoice>> choose_root(const RootWords &words);

} // namespace slipway::virtfs
