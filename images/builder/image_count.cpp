// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_count.h"

#include <sys/stat.h>

namespace slipway {

ImageCount count_files(const ImageTree &image) {
    ImageCount count;
    for (const auto &[path, entry] : image.entries()) {
        struct stat status{};
        if (entry.kind != ImageEntryKind::file)
            continue;
        if (!path.ends_with(".ko")) {
            ++count.files;
            if (!entry.source.empty())
                count.sources.emplace("/" + path, entry.source);
        }
        const bool is_there = !entry.source.empty() && ::stat(entry.source.c_str(), &status) == 0;
        count.unpacked_bytes +=
            is_there ? static_cast<std::uint64_t>(status.st_size) : entry.content.size();
    }
    return count;
}

} // namespace slipway
