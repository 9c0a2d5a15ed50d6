// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace slipway::test {

// A variable as efivarfs shows it: attributes, then `text` (ASCII) in UTF-16 with a NUL.
inline std::string efi_variable(std::string_view text) {
    std::string file("\x07\0\0\0", 4);
    for (const char c : text) {
        file += c;
        file += '\0';
    }
    return file + std::string(2, '\0');
}

inline constexpr std::string_view kLocationJson =
    R"({"uuid":"0a1b2c3d-0000-1111-2222-333344445555","offset":34816,"kernelVersion":"6.12",)"
    R"("osReleaseId":"debian","osReleaseVersionId":"13"})";

} // namespace slipway::test
