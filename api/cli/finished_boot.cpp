// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/finished_boot.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "engine/record.h"
#include "report/chain_links.h"

namespace slipway::cli {

namespace {

constexpr std::size_t kMaxFile = report::kMaxTimelineBytes;

bool is_folder(const std::string &place) {
    std::error_code ignored;
    return std::filesystem::is_directory(place, ignored);
}

} // namespace

std::string boot_file(const std::string &place, const std::string &name) {
    if (is_folder(place))
        return place + "/" + name;
    const std::filesystem::path folder = std::filesystem::path(place).parent_path();
    return ((folder.empty() ? "." : folder) / name).string();
}

Result<std::string> read_boot_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return failure("cannot read " + path + "; was this system booted with slipway?", ENOENT);
    std::string text(kMaxFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad())
        return failure("cannot read " + path, EIO);
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFile)
        return failure(path + " is too long for a file of a boot", EFBIG);
    return text;
}

Result<report::BootTimeline> read_timeline(const std::string &place) {
    const std::string path = is_folder(place) ? place + "/timeline.json" : place;
    const auto text = read_boot_file(path);
    if (!text)
        return std::unexpected(text.error());
    auto timeline = report::parse_timeline(*text);
    if (!timeline)
        return std::unexpected(std::move(timeline).error().with_context(path));
    return timeline;
}

Result<report::Causes> read_causes(const std::string &place) {
    const std::string path = boot_file(place, "record.txt");
    const auto text = read_boot_file(path);
    if (!text)
        return std::unexpected(text.error());
    const auto record = parse_record(*text);
    if (!record)
        return std::unexpected(Error(record.error()).with_context(path));
    auto causes = report::find_causes(*record);
    if (!causes)
        return std::unexpected(std::move(causes).error().with_context(path));
    return causes;
}

std::vector<std::size_t> add_record(const std::string &place, report::BootTimeline &timeline) {
    const auto causes = read_causes(place);
    if (!causes || !report::note_questions(*causes, timeline))
        return {};
    return report::critical_chain(*causes);
}

} // namespace slipway::cli
