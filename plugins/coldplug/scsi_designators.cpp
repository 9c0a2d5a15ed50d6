// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scsi_designators.h"

#include <format>

namespace slipway::coldplug {

namespace {

constexpr std::size_t kHeaderBytes = 4; // of the page, and of each descriptor
constexpr unsigned kPage = 0x83;
constexpr unsigned kBinary = 1;
constexpr unsigned kAscii = 2;

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

} // namespace

std::string ScsiDesignator::hex() const {
    std::string digits;
    for (const char byte : bytes)
        digits += std::format("{:02x}", static_cast<unsigned char>(byte));
    return digits;
}

std::vector<ScsiDesignator> parse_scsi_designators(std::string_view page) {
    std::vector<ScsiDesignator> designators;
    if (page.size() < kHeaderBytes || byte_at(page, 1) != kPage)
        return designators;
    const std::size_t length = byte_at(page, 2) << 8U | byte_at(page, 3);
    page = page.substr(kHeaderBytes, length);
    while (page.size() > kHeaderBytes) {
        const unsigned code_set = byte_at(page, 0) & 0x0FU;
        const unsigned association = (byte_at(page, 1) >> 4U) & 0x03U;
        const unsigned type = byte_at(page, 1) & 0x0FU;
        const std::size_t size = byte_at(page, 3);
        if (size > page.size() - kHeaderBytes)
            break;
        if (association == 0 && type <= 3 && (code_set == kBinary || code_set == kAscii))
            designators.push_back({static_cast<ScsiDesignator::Type>(type), code_set == kBinary,
                                   std::string(page.substr(kHeaderBytes, size))});
        page.remove_prefix(kHeaderBytes + size);
    }
    return designators;
}

} // namespace slipway::coldplug
