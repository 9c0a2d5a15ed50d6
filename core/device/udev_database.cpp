// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/udev_database.h"

#include <charconv>
#include <string_view>

#include "device/link_registry.h"

namespace slipway {

namespace {

constexpr std::string_view kPropertyPrefix = "udev.";
constexpr std::string_view kDev = "/dev/";
const std::string kDirectory = "/run/udev/data";
// The sticky bit is udev's db_persist: `udevadm info --cleanup-db` keeps the entry.
constexpr mode_t kPersistentMode = 01644;

std::string_view value_of(const DeviceFacts &facts, std::string_view key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string_view() : std::string_view(found->second);
}

bool has_properties(const DeviceFacts &facts) {
    const auto first = facts.lower_bound(kPropertyPrefix);
    return first != facts.end() && first->first.starts_with(kPropertyPrefix);
}

int link_priority(const DeviceFacts &facts) {
    const std::string_view text = value_of(facts, "link_priority");
    int priority = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), priority);
    return priority;
}

} // namespace

std::optional<std::string> udev_entry_name(const DeviceFacts &facts) {
    const std::string_view major = value_of(facts, "major");
    const std::string_view minor = value_of(facts, "minor");
    constexpr std::string_view kDigits = "0123456789";
    for (const std::string_view number : {major, minor}) {
        if (number.empty() || number.find_first_not_of(kDigits) != std::string_view::npos)
            return std::nullopt;
    }
    const std::string type = value_of(facts, "subsystem") == "block" ? "b" : "c";
    return type + std::string(major) + ":" + std::string(minor);
}

std::string format_udev_entry(const DeviceFacts &facts, Duration initialized) {
    std::string text;
    for (const std::string &link : split_words(value_of(facts, "links"), "\n")) {
        if (is_device_link(link))
            text += "S:" + link.substr(kDev.size()) + "\n";
    }
    if (const int priority = link_priority(facts); priority != 0)
        text += "L:" + std::to_string(priority) + "\n";
    text += "I:" + std::to_string(initialized.count()) + "\n";
    for (auto fact = facts.lower_bound(kPropertyPrefix);
         fact != facts.end() && fact->first.starts_with(kPropertyPrefix); ++fact) {
        const std::string property = fact->first.substr(kPropertyPrefix.size());
        if (!property.empty() && !property.contains('='))
            text += "E:" + printable(property) + "=" + printable(fact->second) + "\n";
    }
    return text += "V:1\n";
}

Result<> UdevDatabase::update(const DeviceFacts &facts, Duration now) {
    const auto name = udev_entry_name(facts);
    if (!name)
        return {};
    if (!has_properties(facts))
        return remove(facts);
    const auto written = entries_.find(*name);
    Entry entry;
    entry.initialized = written == entries_.end() ? now : written->second.initialized;
    entry.text = format_udev_entry(facts, entry.initialized);
    if (written != entries_.end() && written->second.text == entry.text)
        return {};
    if (auto made = system_->make_directories(kDirectory); !made)
        return made;
    if (auto replaced =
            system_->replace_file(kDirectory + "/" + *name, entry.text, kPersistentMode);
        !replaced)
        return replaced;
    entries_.insert_or_assign(*name, std::move(entry));
    return {};
}

Result<> UdevDatabase::remove(const DeviceFacts &facts) {
    const auto name = udev_entry_name(facts);
    if (!name || entries_.erase(*name) == 0)
        return {};
    return system_->remove_file(kDirectory + "/" + *name);
}

} // namespace slipway
