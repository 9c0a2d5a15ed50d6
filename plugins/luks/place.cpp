// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/place.h"

#include <format>

#include "base/text.h"

namespace slipway::luks {

bool is_device_reference(std::string_view text) {
    for (const std::string_view prefix : {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "/dev/"}) {
        if (text.starts_with(prefix) && !without_quotes(text.substr(prefix.size())).empty())
            return true;
    }
    return false;
}

std::vector<std::string> split_at_devices(std::string_view text) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
        if (!is_device_reference(text.substr(colon + 1)))
            continue;
        parts.emplace_back(text.substr(start, colon - start));
        start = colon + 1;
    }
    parts.emplace_back(text.substr(start));
    return parts;
}

Result<Place> parse_place(std::string_view text) {
    if (is_device_reference(text))
        return Place{{}, std::string(text)};
    const auto parts = split_at_devices(text);
    const std::string &path = parts.front();
    if (parts.size() > 2 || !path.starts_with('/') || path.contains(':'))
        return failure(std::format("{} is ignored: accepted are a path in the image, "
                                   "<path>:<device>, or a device (UUID=, LABEL=, PARTUUID=, "
                                   "PARTLABEL= or a path below /dev)",
                                   printable(text, 200)));
    return Place{path, parts.size() == 2 ? parts[1] : std::string()};
}

} // namespace slipway::luks
