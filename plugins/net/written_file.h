// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::net {

enum class FileReaders : std::uint8_t { owner, all };

// Makes the file and the folders above it. Whoever reads it sees the old text or the new one: it is
// written under another name and renamed. The folder itself, if it is made, has the file's readers.
[[nodiscard]] Result<> write_file(const std::string &path, std::string_view text,
                                  FileReaders readers);

} // namespace slipway::net
