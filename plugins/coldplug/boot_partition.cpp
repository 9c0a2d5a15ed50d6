// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot_partition.h"

#include <algorithm>
#include <cctype>

namespace slipway::coldplug {

namespace {

// Boot Loader Interface; the part behind the dash is the vendor's GUID.
constexpr const char *kVariable = "/sys/firmware/efi/efivars/"
                                  "LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
constexpr std::size_t kAttributeBytes = 4;
constexpr std::size_t kUuidCharacters = 36;

bool is_uuid(std::string_view text) {
    return text.size() == kUuidCharacters && std::ranges::all_of(text, [](unsigned char c) {
               return std::isxdigit(c) != 0 || c == '-';
           });
}

} // namespace

std::string decode_uuid_variable(std::string_view bytes) {
    std::string text;
    for (std::size_t i = kAttributeBytes; i + 1 < bytes.size(); i += 2) {
        if (bytes[i] == '\0' && bytes[i + 1] == '\0')
            break;
        if (bytes[i + 1] != '\0')
            return {};
        text += static_cast<char>(std::tolower(static_cast<unsigned char>(bytes[i])));
    }
    return is_uuid(text) ? text : std::string();
}

const std::string &BootPartition::uuid() {
    if (!uuid_)
        uuid_ = decode_uuid_variable(sysfs_.read_binary(kVariable));
    return *uuid_;
}

} // namespace slipway::coldplug
