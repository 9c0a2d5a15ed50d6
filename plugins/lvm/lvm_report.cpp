// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/lvm_report.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace slipway::lvm {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxGroups = 64;
constexpr std::size_t kMaxVolumes = 4096;
constexpr std::size_t kMaxWarnings = 64;
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

// A list of words; those that are no words are left out.
std::vector<std::string> words(const json &row, const char *key) {
    std::vector<std::string> found = split_words(text(row, key), ",");
    std::erase_if(found, [](const std::string &word) { return !is_name(word); });
    return found;
}

LogicalVolume parse_volume(const json &row) {
    LogicalVolume volume;
    volume.name = text(row, "lv_name");
    volume.mapper_path = text(row, "lv_dm_path");
    volume.roles = words(row, "lv_role");
    volume.layouts = words(row, "lv_layout");
    volume.modules = words(row, "lv_modules");
    volume.pool = text(row, "pool_lv"); // in brackets if it is hidden
    std::erase_if(volume.pool, [](char c) { return c == '[' || c == ']'; });
    volume.is_partial = text(row, "lv_health_status") == "partial";
    volume.is_skipped = !text(row, "lv_skip_activation").empty();
    return volume;
}

VolumeGroup parse_group(const json &report) {
    VolumeGroup group;
    for_each_row(report, "vg", [&](const json &row) {
        group.name = text(row, "vg_name");
        group.uuid = text(row, "vg_uuid");
        group.pv_count = parse_count(text(row, "pv_count"));
        group.system_id = text(row, "vg_systemid");
    });
    for_each_row(report, "pv", [&](const json &row) {
        group.physical_volumes.push_back(
            {text(row, "pv_uuid"), text(row, "pv_name"), !text(row, "pv_missing").empty(), {}});
    });
    for_each_row(report, "lv", [&](const json &row) {
        LogicalVolume volume = parse_volume(row);
        if (is_name(volume.name) && volume.mapper_path.starts_with("/dev/mapper/"))
            group.logical_volumes.push_back(std::move(volume));
    });
    return group;
}

// Physical volumes in no group that say of themselves that they are in use.
void add_strays(const json &report, std::vector<std::string> &strays) {
    for_each_row(report, "pv", [&](const json &row) {
        if (!text(row, "pv_in_use").empty())
            strays.push_back(text(row, "pv_name"));
    });
}

void add_warnings(const json &document, std::vector<std::string> &warnings) {
    constexpr std::string_view kPrefix = "WARNING: ";
    for_each_row(document, "log", [&](const json &row) {
        const std::string type = text(row, "log_type");
        if ((type != "warn" && type != "error") || warnings.size() == kMaxWarnings)
            return;
        const std::string message = text(row, "log_message");
        warnings.push_back(message.starts_with(kPrefix) ? message.substr(kPrefix.size()) : message);
    });
}

// "VG vg0 is missing PV <uuid> (last written to /dev/vdb)." No field of the report holds this.
std::string last_node(const std::vector<std::string> &warnings, const std::string &uuid) {
    constexpr std::string_view kBefore = "(last written to ";
    for (const std::string &warning : warnings) {
        const std::size_t found = warning.find(kBefore);
        if (found == std::string::npos || !warning.contains(uuid))
            continue;
        const std::size_t begin = found + kBefore.size();
        const std::string node = warning.substr(begin, warning.find(')', begin) - begin);
        if (node.starts_with("/dev/"))
            return printable(node, kMaxNameBytes);
    }
    return {};
}

} // namespace

const LogicalVolume *VolumeGroup::find(std::string_view volume) const {
    const auto found = std::ranges::find(logical_volumes, volume, &LogicalVolume::name);
    return found == logical_volumes.end() ? nullptr : &*found;
}

Result<Report> parse_report(std::string_view json_text) {
    const json document = json::parse(json_text, nullptr, false);
    if (document.is_discarded() || !document.is_object())
        return failure("the report of lvm is not valid JSON");
    const auto reports = document.find("report");
    if (reports == document.end() || !reports->is_array())
        return failure("the report of lvm has no \"report\"");
    Report result;
    add_warnings(document, result.warnings);
    for (const json &report : *reports) {
        if (!report.is_object() || result.groups.size() == kMaxGroups)
            continue;
        VolumeGroup group = parse_group(report);
        if (group.name.empty() && group.uuid.empty())
            add_strays(report, result.strays);
        if (!is_name(group.name) || group.uuid.empty())
            continue;
        for (PhysicalVolume &volume : group.physical_volumes) {
            if (volume.is_missing)
                volume.last_node = last_node(result.warnings, volume.uuid);
        }
        result.groups.push_back(std::move(group));
    }
    return result;
}

} // namespace slipway::lvm
