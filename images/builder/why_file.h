// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "builder/file_collector.h"
#include "builder/image_tree.h"

namespace slipway {

// Where in the image the reason of every file stands.
inline constexpr std::string_view kWhyFile = "/usr/share/slipway/manifest.json";

struct WhyFile {
    std::string kernel_version;
    std::string mode;
    std::vector<std::string> units;
    std::vector<std::string> skipped_units;
    std::vector<LeftOutLibrary> left_out;
    std::vector<std::string> missing_firmware;
};

// JSON, the same text for the same image.
[[nodiscard]] std::string write_why_file(const WhyFile &why, const ImageTree &image);

// path (without a leading slash) → reason. EINVAL if the text is no such file.
[[nodiscard]] Result<std::map<std::string, std::string>> read_reasons(std::string_view json);

} // namespace slipway
