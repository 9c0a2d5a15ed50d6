// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/udev_event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/text.h"
#include "device/link_registry.h"

namespace slipway {

namespace {

constexpr std::string_view kSys = "/sys/";
constexpr std::string_view kDev = "/dev/";

enum class Form : std::uint8_t { plain, encoded };

struct Translation {
    std::string_view property;
    std::string_view fact;
    Form form = Form::plain;
};

// What a hidden layer of a volume shows is the content of the volume above it, which claims must
// not see twice.
constexpr std::array kContent = {
    Translation{"ID_FS_TYPE", "fs_type"},
    Translation{"ID_FS_USAGE", "fs_usage"},
    Translation{"ID_FS_VERSION", "fs_version", Form::encoded},
    Translation{"ID_FS_UUID_ENC", "fs_uuid", Form::encoded},
    Translation{"ID_FS_LABEL_ENC", "fs_label", Form::encoded},
    Translation{"ID_FS_AMBIVALENT", "fs_ambivalent"},
    Translation{"ID_PART_TABLE_TYPE", "pt_type"},
    Translation{"ID_PART_ENTRY_UUID", "part_uuid"},
    Translation{"ID_PART_ENTRY_NAME", "part_label", Form::encoded},
    Translation{"ID_PART_ENTRY_TYPE", "part_type"},
    Translation{"ID_PART_ENTRY_NUMBER", "part_number"},
    Translation{"ID_PART_ENTRY_FLAGS", "part_flags"},
};

constexpr std::array kIdentity = {
    Translation{"ID_MODEL_ENC", "model", Form::encoded},
    Translation{"ID_SERIAL_SHORT", "serial", Form::encoded},
    Translation{"ID_WWN", "wwn"},
    Translation{"DM_NAME", "dm_name"},
    Translation{"DM_UUID", "dm_uuid"},
};

int digit_of(char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::size_t digit = kDigits.find(lower);
    return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

std::unexpected<Error> malformed(std::string_view what, std::string_view text) {
    return failure("malformed event of udevd: " + std::string(what) + " in \"" +
                   printable(text, 120) + "\"");
}

std::string without_end_spaces(std::string text) {
    const std::size_t end = text.find_last_not_of(' ');
    text.erase(end == std::string::npos ? 0 : end + 1);
    return text;
}

bool is_number(std::string_view text) {
    std::uint32_t number = 0;
    const char *end = std::to_address(text.end());
    const auto [last, error] = std::from_chars(std::to_address(text.begin()), end, number);
    return error == std::errc{} && last == end;
}

// From the properties of one event to its facts.
class Translator {
public:
    Translator(std::string_view syspath, const UdevProperties &properties)
        : syspath_(syspath), properties_(properties) {}

    Result<Uevent> translate() {
        if (!syspath_.starts_with(kSys) || !has_plain_parts(syspath_.substr(1)))
            return malformed("bad path", syspath_);
        if (properties_.size() > kMaxUeventKeys)
            return malformed("more than 256 properties", syspath_);
        event_.syspath = syspath_;
        if (auto added = add_properties(); !added)
            return std::unexpected(std::move(added.error()));
        if (auto checked = check(); !checked)
            return std::unexpected(std::move(checked.error()));
        facts()["initialized"] = "1";
        if (const std::string_view wants = property("SYSTEMD_WANTS"); !wants.empty())
            facts()["systemd_wants"] = join(split_words(wants), "\n");
        add_readiness();
        if (is_block_ && is_ready_)
            add_block();
        std::erase_if(facts(), [](const auto &fact) { return fact.second.empty(); });
        return std::move(event_);
    }

private:
    DeviceFacts &facts() { return event_.facts; }

    [[nodiscard]] std::string_view property(std::string_view key) const {
        const auto found = std::ranges::find(properties_, key, &UdevProperties::value_type::first);
        return found == properties_.end() ? std::string_view() : std::string_view(found->second);
    }

    Result<> add_properties() {
        for (const auto &[key, value] : properties_) {
            if (key.empty())
                return malformed("a property without name", value);
            if (key == "DEVPATH" || key == "DEVLINKS")
                continue;
            if (key != "DEVNAME") {
                facts().insert_or_assign(fact_of_uevent_key(key), value);
                continue;
            }
            if (!value.starts_with(kDev) || !has_plain_parts(value.substr(kDev.size())))
                return malformed("bad DEVNAME", value);
            facts().insert_or_assign("devnode", value);
        }
        return {};
    }

    Result<> check() {
        const auto action = uevent_action(property("ACTION"));
        if (!action)
            return malformed("no ACTION that is known", syspath_);
        event_.action = *action;
        if (property("SUBSYSTEM").empty())
            return malformed("no SUBSYSTEM", syspath_);
        for (const std::string_view key : {"MAJOR", "MINOR"})
            if (const std::string_view number = property(key);
                !number.empty() && !is_number(number))
                return malformed("a device number is no number", syspath_);
        const std::string_view sequence = property("SEQNUM");
        const auto [end, error] = std::from_chars(std::to_address(sequence.begin()),
                                                  std::to_address(sequence.end()), event_.sequence);
        if (error != std::errc{} || end != std::to_address(sequence.end()))
            return malformed("SEQNUM is missing or no number", syspath_);
        return {};
    }

    [[nodiscard]] bool is_set(std::string_view flag) const { return property(flag) == "1"; }

    // A mapping that other rules must keep away from is a hidden layer if whoever made it said so;
    // otherwise it is suspended, is about to be wiped, or nobody that the rules know made it.
    [[nodiscard]] bool is_hidden() const { return is_set("DM_UDEV_DISABLE_DISK_RULES_FLAG"); }
    [[nodiscard]] bool is_unfinished() const {
        return is_set("DM_UDEV_DISABLE_OTHER_RULES_FLAG") &&
               !(is_hidden() && is_set("DM_UDEV_PRIMARY_SOURCE_FLAG"));
    }

    // Of other devices their plugins say when they can be used, unless the rules forbid it.
    void add_readiness() {
        is_block_ = property("SUBSYSTEM") == "block";
        is_ready_ = property("SYSTEMD_READY") != "0" && !is_unfinished();
        if (is_block_ || !is_ready_)
            facts()["ready"] = is_ready_ ? "1" : "0";
    }

    void add(const Translation &translation) {
        const std::string_view value = property(translation.property);
        facts()[std::string(translation.fact)] = translation.form == Form::encoded
                                                     ? without_end_spaces(decode_udev_text(value))
                                                     : std::string(value);
    }

    void add_block() {
        std::ranges::for_each(kIdentity, [this](const auto &entry) { add(entry); });
        const bool is_partition = property("DEVTYPE") == "partition";
        facts()["disk"] =
            std::string(is_partition ? syspath_.substr(0, syspath_.rfind('/')) : syspath_);
        if (is_hidden())
            facts()["private"] = "1";
        else
            std::ranges::for_each(kContent, [this](const auto &entry) { add(entry); });
        if (is_partition)
            add_inherited();
        add_links();
    }

    // Rules copy the properties of the disk to its partitions: its table is not theirs, and it says
    // so if it is the disk that was booted from.
    void add_inherited() {
        facts()["pt_type"].clear();
        if (!property("ID_PART_GPT_AUTO_ROOT_UUID").empty())
            facts()["preference"] = "1";
    }

    // udevd makes the link in /dev/block, too, and does not list it. Priorities are not in events:
    // these are the ones that rules give.
    void add_links() {
        std::vector<std::string> links = split_words(property("DEVLINKS"));
        std::erase_if(links, [](const std::string &link) { return !is_device_link(link); });
        if (!property("MAJOR").empty() && !property("MINOR").empty())
            links.push_back("/dev/block/" + std::string(property("MAJOR")) + ":" +
                            std::string(property("MINOR")));
        facts()["links"] = join(links, "\n");
        const bool is_low = is_set("DM_UDEV_LOW_PRIORITY_FLAG");
        const bool is_array = property("DEVNAME").starts_with("/dev/md");
        facts()["link_priority"] = is_low ? "-100" : is_array ? "100" : "0";
    }

    std::string_view syspath_;
    const UdevProperties &properties_;
    Uevent event_;
    bool is_block_ = false;
    bool is_ready_ = true;
};

} // namespace

bool is_passing(const UdevProperties &properties) {
    const auto has = [&properties](std::string_view key, std::string_view pattern) {
        return std::ranges::any_of(properties, [&](const auto &entry) {
            return entry.first == key && matches_pattern(pattern, entry.second);
        });
    };
    if (has("ACTION", "remove"))
        return false;
    return has("ID_RENAMING", "1") || (has("DEVNAME", "/dev/dm-*") && has("DISK_RO", "*"));
}

std::string decode_udev_text(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        const bool is_sequence = text.size() >= 4 && text.starts_with("\\x");
        const int high = is_sequence ? digit_of(text[2]) : -1;
        const int low = is_sequence ? digit_of(text[3]) : -1;
        const bool is_valid = high >= 0 && low >= 0 && high + low > 0;
        decoded += is_valid ? static_cast<char>(high * 16 + low) : text.front();
        text.remove_prefix(is_valid ? 4 : 1);
    }
    return decoded;
}

Result<Uevent> uevent_of_udev(std::string_view syspath, const UdevProperties &properties) {
    return Translator(syspath, properties).translate();
}

} // namespace slipway
