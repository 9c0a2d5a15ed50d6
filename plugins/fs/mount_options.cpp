// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/mount_options.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway::fs {

namespace {

struct Switch {
    std::string_view word;
    bool MountOptions::*field;
    bool is_for_mount; // mount(8) wants to see it, too
};
constexpr std::array kSwitches = {
    Switch{"nofail", &MountOptions::may_fail, false},
    Switch{"noauto", &MountOptions::is_manual, false},
    Switch{"_netdev", &MountOptions::is_network, false},
    Switch{"x-initrd.mount", &MountOptions::is_for_initrd, false},
    Switch{"bind", &MountOptions::is_bind, true},
    Switch{"rbind", &MountOptions::is_bind, true},
};

// Words about *whether* and *when* to mount, which the host reads again for itself, or that say
// nothing. libmount would pass over them as well; here they would only clutter the log.
constexpr std::array<std::string_view, 3> kWithoutEffect = {"defaults", "auto", "fail"};

// Of the host's words those that would change what is mounted in the initrd, or when.
constexpr std::array<std::string_view, 7> kNotHonoured = {
    "x-systemd.requires=", "x-systemd.before=", "x-systemd.after=", "x-systemd.makefs",
    "x-systemd.automount", "x-systemd.verity",  "X-mount.",
};

bool is_with_comment_prefix(std::string_view word) {
    return word.starts_with("x-") || word.starts_with("X-") || word.starts_with("comment=");
}

class Reader {
public:
    void read(std::string word);
    MountOptions options;

private:
    bool read_switch(const std::string &word);
    bool read_value(std::string_view word);
    void read_time(std::string_view word, std::string_view value,
                   std::optional<std::string> &target, std::string_view without_limit);
};

bool Reader::read_switch(const std::string &word) {
    const auto found = std::ranges::find(kSwitches, word, &Switch::word);
    if (found == kSwitches.end())
        return false;
    options.*(found->field) = true;
    return !found->is_for_mount;
}

void Reader::read_time(std::string_view word, std::string_view value,
                       std::optional<std::string> &target, std::string_view without_limit) {
    // In these words, as in systemd, 0 means no limit, too.
    if (value == "infinity" || value == "0")
        target = without_limit;
    else if (parse_duration(value))
        target = value;
    else
        options.complaints.push_back(std::format(
            "{} is ignored: accepted are a time like 90s or infinity", printable(word, 120)));
}

bool Reader::read_value(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos)
        return false;
    const std::string_view key = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    if (key == "x-systemd.device-timeout")
        read_time(word, value, options.device_timeout, "0");
    else if (key == "x-systemd.mount-timeout")
        read_time(word, value, options.timeout, "infinity");
    else if (key == "x-systemd.requires-mounts-for")
        options.needed_paths.emplace_back(value);
    else
        return false;
    return true;
}

void Reader::read(std::string word) {
    if (word == "ro" || word == "rw") {
        options.writable = word == "rw";
        return;
    }
    if (read_switch(word) || read_value(word) || std::ranges::contains(kWithoutEffect, word))
        return;
    const auto has_prefix = [&](std::string_view prefix) { return word.starts_with(prefix); };
    if (std::ranges::any_of(kNotHonoured, has_prefix))
        options.complaints.push_back(
            std::format("{} is not honoured in the initrd", printable(word, 120)));
    else if (!is_with_comment_prefix(word))
        options.flags.push_back(std::move(word));
}

} // namespace

std::vector<std::string> split_mount_options(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool is_quoted = false;
    const auto finish = [&] {
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
    };
    for (const char character : text) {
        if (character == '"')
            is_quoted = !is_quoted;
        if (character == ',' && !is_quoted)
            finish();
        else
            word += character;
    }
    finish();
    return words;
}

MountOptions read_mount_options(std::string_view text) {
    Reader reader;
    for (std::string &word : split_mount_options(text))
        reader.read(std::move(word));
    return std::move(reader.options);
}

} // namespace slipway::fs
