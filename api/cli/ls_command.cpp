// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <format>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "builder/archive_file.h"
#include "builder/why_file.h"
#include "cli/command.h"

namespace slipway::cli {

namespace {

constexpr std::size_t kMaxWhyFile = 64U << 20U;

struct ListOptions {
    std::string image;
    bool why = false;
    bool json = false;
};

char kind_letter(ImageEntryKind kind) {
    switch (kind) {
    case ImageEntryKind::directory:
        return 'd';
    case ImageEntryKind::link:
        return 'l';
    case ImageEntryKind::character_device:
        return 'c';
    case ImageEntryKind::file:
        break;
    }
    return '-';
}

std::string line_of(const ArchivedEntry &entry, const std::string &reason) {
    std::string line = std::format("{}{:04o} {:>9} {}", kind_letter(entry.kind), entry.mode,
                                   entry.size_bytes, printable(entry.path));
    if (!entry.target.empty())
        line += " -> " + printable(entry.target);
    if (!reason.empty())
        line += "    # " + printable(reason);
    return line + "\n";
}

nlohmann::json json_of(const ArchivedEntry &entry, const std::string &reason) {
    nlohmann::json json = {{"path", entry.path},
                           {"kind", std::string(1, kind_letter(entry.kind))},
                           {"mode", std::format("{:04o}", entry.mode)},
                           {"size", entry.size_bytes}};
    if (!entry.target.empty())
        json["target"] = entry.target;
    if (!reason.empty())
        json["why"] = reason;
    return json;
}

Result<std::map<std::string, std::string>> reasons_of(const std::string &image) {
    std::string text;
    Result<> read = read_archived_file(image, kWhyFile, [&](std::string_view bytes) -> Result<> {
        if (text.size() + bytes.size() > kMaxWhyFile)
            return failure("the image's list of reasons is too large");
        text += bytes;
        return {};
    });
    if (!read)
        return std::unexpected(read.error());
    return read_reasons(text);
}

void print(const std::string &text) {
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

int run_list(const ListOptions &options) {
    const Result<std::vector<ArchivedEntry>> entries = list_archive(options.image);
    if (!entries)
        return report_failure(entries.error().message());
    std::map<std::string, std::string> reasons;
    if (options.why) {
        auto found = reasons_of(options.image);
        if (!found)
            return report_failure(found.error().message());
        reasons = std::move(*found);
    }
    nlohmann::json list = nlohmann::json::array();
    for (const ArchivedEntry &entry : *entries) {
        const auto found = reasons.find(entry.path);
        const std::string reason = found == reasons.end() ? "" : found->second;
        if (options.json)
            list.push_back(json_of(entry, reason));
        else
            print(line_of(entry, reason));
    }
    if (options.json)
        print(list.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return std::fflush(stdout) == 0 ? kExitOk : kExitFailure;
}

} // namespace

Run declare_ls(CLI::App &app) {
    auto options = std::make_shared<ListOptions>();
    app.add_option("IMAGE", options->image, "an initrd")->required();
    app.add_flag("--why", options->why, "say why each file is there (images of slipway only)");
    app.add_flag("--json", options->json, "as JSON");
    app.footer("Example:\n  slipway ls --why /boot/initrd.img");
    return [options] { return run_list(*options); };
}

} // namespace slipway::cli
