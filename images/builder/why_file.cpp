// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/why_file.h"

#include <cerrno>

#include <nlohmann/json.hpp>

namespace slipway {

namespace {

constexpr int kFormat = 1;

// Paths come from file systems and may be any bytes; JSON is UTF-8.
std::string dump(const nlohmann::json &json) {
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace

std::string write_why_file(const WhyFile &why, const ImageTree &image) {
    nlohmann::json files = nlohmann::json::object();
    for (const auto &[path, entry] : image.entries())
        files[path] = entry.reason;
    files[std::string(kWhyFile.substr(1))] = "this list";
    nlohmann::json left_out = nlohmann::json::array();
    for (const LeftOutLibrary &library : why.left_out)
        left_out.push_back({{"library", library.soname},
                            {"wanted_by", library.wanted_by},
                            {"feature", library.feature},
                            {"priority", library.priority}});
    return dump({{"format", kFormat},
                 {"kernel", why.kernel_version},
                 {"mode", why.mode},
                 {"units", why.units},
                 {"units_not_needed", why.skipped_units},
                 {"libraries_left_out", left_out},
                 {"firmware_not_found", why.missing_firmware},
                 {"files", files}});
}

Result<std::map<std::string, std::string>> read_reasons(std::string_view json) {
    const nlohmann::json root = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    const auto files = root.is_object() ? root.find("files") : root.end();
    if (!root.is_object() || files == root.end() || !files->is_object())
        return failure("the image's list of reasons is damaged; build the image again", EINVAL);
    std::map<std::string, std::string> reasons;
    for (const auto &[path, reason] : files->items())
        if (reason.is_string())
            reasons.emplace(path, reason.get<std::string>());
    return reasons;
}

} // namespace slipway
