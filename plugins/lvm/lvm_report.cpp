// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/lvm_report.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace slipway::lvm {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxGroups = 64;
constexpr std::size_t kMaxVolumes = 4096;
constexpr unsigned kMaxPhysicalVolumes = 65536;
constexpr std::size_t kMaxNameBytes = 127; // of LVM and of the device mapper

// lvm writes every field as a string.
std::string text(const json &row, const char *key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Calls `visit` for each row of the table `key`; anything but objects is ignored.
template <class Visit>
void for_each_row(const json &report, const char *key, Visit visit) {
    const auto table = report.find(key);
    if (table == report.end() || !table->is_array())
        return;
    std::size_t rows = 0;
    for (const json &row : *table) {
        if (row.is_object() && rows++ < kMaxVolumes)
            visit(row);
    }
}

// The characters that lvm allows in names: no '/' ever reaches a path.
bool is_name(std::string_view name) {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-";
    return !name.empty() && name.size() <= kMaxNameBytes && name != "." && name != ".." &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

unsigned parse_count(const std::string &digits) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() &&
                   value <= kMaxPhysicalVolumes
               ? value
               : 0;
}

VolumeGroup parse_group(const json &report) {
    VolumeGroup group;
    for_each_row(report, "vg", [&](const json &row) {
        group.name = text(row, "vg_name");
        group.uuid = text(row, "vg_uuid");
        group.pv_count = parse_count(text(row, "pv_count"));
    });
    for_each_row(report, "pv", [&](const json &row) {
        group.physical_volumes.push_back(
            {text(row, "pv_uuid"), text(row, "pv_name"), !text(row, "pv_missing").empty()});
    });
    for_each_row(report, "lv", [&](const json &row) {
        LogicalVolume volume{text(row, "lv_name"), text(row, "lv_dm_path"), text(row, "lv_attr"),
                             !text(row, "lv_skip_activation").empty()};
        if (is_name(volume.name) && volume.mapper_path.starts_with("/dev/mapper/"))
            group.logical_volumes.push_back(std::move(volume));
    });
    return group;
}

} // namespace

bool LogicalVolume::is_activatable() const noexcept {
    // First letter: type. t thin pool, d VDO pool, C cache, e metadata of a pool or raid, s and S
    // snapshots, v virtual origin, p pvmove, i and I images, l log, T thin pool data.
    constexpr std::string_view kHelpers = "tTdDeEsSpiIlv";
    const bool is_helper = attributes.empty() || kHelpers.contains(attributes.front());
    return !is_helper && !is_skipped;
}

Result<std::vector<VolumeGroup>> parse_report(std::string_view json_text) {
    const json document = json::parse(json_text, nullptr, false);
    if (document.is_discarded() || !document.is_object())
        return failure("the report of lvm is not valid JSON");
    const auto reports = document.find("report");
    if (reports == document.end() || !reports->is_array())
        return failure("the report of lvm has no \"report\"");
    std::vector<VolumeGroup> groups;
    for (const json &report : *reports) {
        if (!report.is_object() || groups.size() == kMaxGroups)
            continue;
        VolumeGroup group = parse_group(report);
        if (is_name(group.name) && !group.uuid.empty())
            groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace slipway::lvm
