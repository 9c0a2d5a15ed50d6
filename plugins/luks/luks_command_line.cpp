// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/luks_command_line.h"

#include <algorithm>
#include <format>
#include <optional>
#include <utility>

#include "base/letter_case.h"
#include "base/text.h"
#include "luks/crypttab.h"
#include "luks/place.h"

namespace slipway::luks {

namespace {

bool is_hex(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_prefix_of_uuid(std::string_view text) noexcept {
    return !text.empty() && text.size() < 36 &&
           std::ranges::all_of(text, [](char c) { return is_hex(c) || c == '-'; });
}

std::string_view without_luks_prefix(std::string_view text) {
    if (text.starts_with("luks-"))
        text.remove_prefix(5);
    return text;
}

// "<uuid>=value" → both; anything else has no UUID.
std::pair<std::string, std::string> split_uuid(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
        const std::string_view uuid = without_luks_prefix(text.substr(0, equals));
        if (is_uuid(uuid))
            return {lower_case(uuid), std::string(text.substr(equals + 1))};
    }
    return {{}, std::string(text)};
}

class CommandLineReader {
public:
    explicit CommandLineReader(const OptionLookup &option) : option_(option) {}
    LuksCommandLine read();

private:
    // `key` without "rd.": PID 1 hands over both spellings under the prefixed one.
    [[nodiscard]] const std::string *find(std::string_view key) const {
        return option_("rd." + std::string(key));
    }
    [[nodiscard]] bool read_switch(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> read_list(std::string_view key) const;
    void read_uuid(const std::string &value);
    void read_name(const std::string &value);
    void read_key(const std::string &value);
    void read_key_timeout(const std::string &value);
    void read_data(const std::string &value);
    void read_discards(const std::string &value);
    void add_volume(const std::string &uuid);
    void refuse(std::string_view key, std::string_view value, std::string_view reason);

    const OptionLookup &option_;
    LuksCommandLine line_;
};

bool CommandLineReader::read_switch(std::string_view key) const {
    const std::string *value = find(key);
    return value == nullptr || parse_boolean(*value).value_or(true);
}

std::vector<std::string> CommandLineReader::read_list(std::string_view key) const {
    const std::string *value = find(key);
    return value == nullptr ? std::vector<std::string>() : split_words(*value, "\n");
}

void CommandLineReader::refuse(std::string_view key, std::string_view value,
                               std::string_view reason) {
    line_.problems.push_back(std::format("rd.{}={}: {}", key, printable(value, 200), reason));
}

void CommandLineReader::add_volume(const std::string &uuid) {
    if (std::ranges::find(line_.uuids, uuid) == line_.uuids.end())
        line_.uuids.push_back(uuid);
}

void CommandLineReader::read_uuid(const std::string &value) {
    const std::string_view uuid = without_luks_prefix(value);
    if (is_uuid(uuid)) {
        add_volume(lower_case(uuid));
        return;
    }
    if (is_prefix_of_uuid(uuid)) {
        if (std::string prefix = lower_case(uuid); !std::ranges::contains(line_.prefixes, prefix))
            line_.prefixes.push_back(std::move(prefix));
        return;
    }
    line_.has_refused_volume = true;
    refuse(
        "luks.uuid", value,
        value.starts_with("keysource:")
            ? "volumes that hold key files are not supported yet; put the key file into the image"
            : "must be a UUID or its beginning, see blkid");
}

void CommandLineReader::read_name(const std::string &value) {
    const auto [uuid, name] = split_uuid(value);
    if (uuid.empty() || !is_mapping_name(name)) {
        line_.has_refused_volume = true;
        refuse("luks.name", value,
               "must be <uuid>=<name> with a whole UUID and a name without '/'");
        return;
    }
    add_volume(uuid);
    line_.names.insert_or_assign(uuid, name);
}

// systemd's form is [<uuid>=]<place>, dracut's <path>[:<key device>[:<LUKS device>]].
void CommandLineReader::read_key(const std::string &value) {
    auto [uuid, text] = split_uuid(value);
    std::string device;
    if (auto parts = split_at_devices(text); uuid.empty() && parts.size() == 3) {
        text = parts[0] + ":" + parts[1];
        device = std::move(parts[2]);
        uuid = uuid_of_device(device);
    }
    const auto place = parse_place(text);
    if (!place)
        refuse("luks.key", value, place.error().message());
    else if (place->path.ends_with(".gpg"))
        refuse("luks.key", value, "encrypted key files (.gpg) are not supported");
    else if (!uuid.empty())
        line_.keyfiles.by_uuid.insert_or_assign(uuid, text);
    else if (!device.empty())
        line_.keyfiles_by_device.insert_or_assign(device, text);
    else
        line_.keyfiles.for_all = text;
}

// dracut counts attempts, one per second; here the device is waited for as long.
void CommandLineReader::read_key_timeout(const std::string &value) {
    const auto time = parse_duration(value);
    if (!time)
        refuse("luks.key.tout", value, "must be a number of seconds");
    else if (time->count() > 0)
        line_.key_timeout = value;
}

void CommandLineReader::read_data(const std::string &value) {
    auto [uuid, device] = split_uuid(value);
    if (uuid.empty() || !is_device_reference(device))
        refuse("luks.data", value, "must be <uuid>=<device>");
    else
        line_.data.insert_or_assign(uuid, std::move(device));
}

void CommandLineReader::read_discards(const std::string &value) {
    const std::string_view uuid = without_luks_prefix(value);
    if (is_uuid(uuid))
        line_.discards.insert(lower_case(uuid));
    else
        refuse("luks.allow-discards", value, "must be a whole UUID, or stand without a value");
}

LuksCommandLine CommandLineReader::read() {
    line_.is_enabled = read_switch("luks");
    line_.reads_crypttab = read_switch("luks.crypttab");
    for (const std::string &value : read_list("luks.uuid"))
        read_uuid(value);
    for (const std::string &value : read_list("luks.name"))
        read_name(value);
    for (const std::string &value : read_list("luks.key"))
        read_key(value);
    for (const std::string &value : read_list("luks.data"))
        read_data(value);
    line_.waits_for_tpm = read_switch("systemd.tpm2_wait");
    for (const std::string &value : read_list("luks.options")) {
        auto [uuid, words] = split_uuid(value);
        (uuid.empty() ? line_.options.for_all : line_.options.by_uuid[uuid]) = std::move(words);
    }
    if (const std::string *value = find("luks.allow-discards")) {
        // A bare word, in any line, means all volumes.
        const auto lines = split_words(*value, "\n");
        line_.discards_everywhere = value->empty() || value->starts_with('\n') ||
                                    value->ends_with('\n') || value->contains("\n\n");
        for (const std::string &word : lines) {
            if (const auto all = parse_boolean(word))
                line_.discards_everywhere = *all;
            else
                read_discards(word);
        }
    }
    if (const std::string *value = find("luks.timeout"))
        line_.timeout = *value;
    if (const std::string *value = find("luks.key.tout"))
        read_key_timeout(*value);
    if (const std::string *value = find("auto"))
        line_.is_automatic = parse_boolean(*value).value_or(true);
    if (const std::string *value = option_("cryptopts"))
        line_.cryptopts = split_words(*value, "\n");
    return std::move(line_);
}

} // namespace

std::set<std::string, std::less<>> known_uuids(const LuksCommandLine &line) {
    std::set<std::string, std::less<>> known(line.uuids.begin(), line.uuids.end());
    known.insert(line.discards.begin(), line.discards.end());
    for (const auto *table :
         {&line.names, &line.options.by_uuid, &line.keyfiles.by_uuid, &line.data})
        for (const auto &[uuid, value] : *table)
            known.insert(uuid);
    return known;
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : !is_hex(text[i]))
            return false;
    }
    return true;
}

std::string uuid_of_device(std::string_view reference) {
    for (const std::string_view prefix : {"UUID=", "/dev/disk/by-uuid/"}) {
        if (!reference.starts_with(prefix))
            continue;
        const std::string_view value = without_quotes(reference.substr(prefix.size()));
        return is_uuid(value) ? lower_case(value) : std::string();
    }
    return {};
}

LuksCommandLine parse_luks_command_line(const OptionLookup &option) {
    return CommandLineReader(option).read();
}

} // namespace slipway::luks
