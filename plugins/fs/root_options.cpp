// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>

#include "base/text.h"
#include "fs/mount_options.h"

namespace slipway::fs {

namespace {

constexpr std::string_view kForms =
    "UUID=<uuid>, LABEL=<label>, PARTUUID=<uuid>, PARTLABEL=<label>, /dev/<path>, <major>:<minor>";
constexpr std::string_view kDeviceTimeout = "x-systemd.device-timeout=";
constexpr std::size_t kMaxValueBytes = 4096; // COMMAND_LINE_SIZE of most architectures is smaller

constexpr std::array<std::string_view, 4> kTags = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};

// Roots that other initrds know and slipway does not yet: a better message than "unknown form".
constexpr std::array<std::string_view, 19> kNotYet = {"gpt-auto", "/dev/gpt-auto-root",
                                                      "/dev/nfs", "nfs:",
                                                      "nfs4:",    "dhcp",
                                                      "iscsi:",   "nbd:",
                                                      "cifs:",    "live:",
                                                      "http:",    "https:",
                                                      "ZFS=",     "zfs:",
                                                      "bind:",    "tmpfs",
                                                      "fstab",    "virtiofs:",
                                                      "ubi"};

std::string_view without_quotes(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                        (text.front() == '"' || text.front() == '\'');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<unsigned> parse_number(std::string_view text, int base) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// The kernel's early_lookup_bdev(): "8:1" or hexadecimal, as new_decode_dev() reads it.
std::optional<std::string> parse_device_number(std::string_view value) {
    if (const auto colon = value.find(':'); colon != std::string_view::npos) {
        const auto major = parse_number(value.substr(0, colon), 10);
        const auto minor = parse_number(value.substr(colon + 1), 10);
        if (!major || !minor || *major > 0xFFFU || *minor > 0xFFFFFU)
            return std::nullopt;
        return std::format("/dev/block/{}:{}", *major, *minor);
    }
    const auto number = parse_number(value, 16);
    if (!number || *number == 0 || value.size() > 8)
        return std::nullopt;
    const unsigned major = (*number & 0xFFF00U) >> 8U;
    const unsigned minor = (*number & 0xFFU) | ((*number >> 12U) & 0xFFF00U);
    return std::format("/dev/block/{}:{}", major, minor);
}

bool is_type_name(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    });
}

// A bare word, "1", "yes" … switch on; "0", "no" … do not.
bool is_on(std::string_view value) {
    return value.empty() || parse_boolean(value).value_or(true);
}

class RootOptionsReader {
public:
    Result<RootOptions> read(const OptionList &options);

private:
    Result<> read_word(std::string_view key, std::string_view value);
    void read_types(std::string_view value);
    Result<> read_flags(std::string_view value);
    void read_check(std::string_view key, std::string_view value);
    void warn(std::string_view key, std::string_view value, std::string_view accepted);

    RootOptions root_;
    std::vector<std::string> flags_;
    std::optional<bool> writable_; // of ro and rw on the command line
    std::optional<bool> writable_by_rootflags_;
};

void RootOptionsReader::warn(std::string_view key, std::string_view value,
                             std::string_view accepted) {
    root_.warnings.push_back(
        std::format("{}={} on the kernel command line is ignored: accepted are {}", key,
                    printable(value, 80), accepted));
}

void RootOptionsReader::read_types(std::string_view value) {
    root_.types.clear();
    for (const std::string &type : split_words(without_quotes(value), ",")) {
        // The kernel uses the word "tmpfs" for the initramfs itself, "auto" means probing.
        if (type == "tmpfs" || type == "auto")
            continue;
        if (is_type_name(type))
            root_.types.push_back(type);
        else
            warn("rootfstype", type, "names of file systems, separated by commas");
    }
}

Result<> RootOptionsReader::read_flags(std::string_view value) {
    flags_.clear();
    for (std::string &word : split_mount_options(without_quotes(value))) {
        if (word == "ro" || word == "rw") {
            writable_by_rootflags_ = word == "rw";
        } else if (word.starts_with(kDeviceTimeout)) {
            const std::string time = word.substr(kDeviceTimeout.size());
            if (time != "infinity" && !parse_duration(time))
                warn("rootflags", word, "a time like 90s or infinity");
            else
                root_.device_timeout = time == "infinity" ? "0" : time;
        } else if (!word.starts_with("x-systemd.")) {
            flags_.push_back(std::move(word));
        }
    }
    return {};
}

void RootOptionsReader::read_check(std::string_view key, std::string_view value) {
    if (key == "fsck.mode") {
        if (value == "auto" || value == "force" || value == "skip")
            root_.check = value == "auto"    ? CheckMode::automatic
                          : value == "force" ? CheckMode::force
                                             : CheckMode::skip;
        else
            warn(key, value, "auto, force, skip");
    } else if (key == "fsck.repair") {
        // systemd reads this one as a boolean, too.
        if (const auto boolean = parse_boolean(value))
            root_.repair = *boolean ? Repair::yes : Repair::no;
        else if (value == "preen")
            root_.repair = Repair::preen;
        else
            warn(key, value, "preen, yes, no");
    } else if (is_on(value)) {
        if (key == "fastboot" || key == "rd.skipfsck")
            root_.check = CheckMode::skip;
        else if (key == "forcefsck")
            root_.check = CheckMode::force;
        else if (key == "fsckfix")
            root_.repair = Repair::yes;
    }
}

Result<> RootOptionsReader::read_word(std::string_view key, std::string_view value) {
    if (key == "root") {
        auto device = parse_root_device(value);
        if (!device)
            return std::unexpected(std::move(device).error());
        root_.device = *std::move(device);
        return {};
    }
    if (key == "rootfstype")
        read_types(value);
    else if (key == "rootflags")
        return read_flags(value);
    else if (key == "ro" || key == "rw")
        writable_ = key == "rw";
    else
        read_check(key, value);
    return {};
}

Result<RootOptions> RootOptionsReader::read(const OptionList &options) {
    for (const auto &[key, value] : options) {
        if (auto read = read_word(key, value); !read)
            return std::unexpected(std::move(read).error());
    }
    if (root_.device.empty())
        return parse_root_device("").transform([](const std::string &) { return RootOptions(); });
    // The command line's ro or rw wins over the one inside rootflags=, as in systemd.
    flags_.emplace_back(writable_.value_or(writable_by_rootflags_.value_or(false)) ? "rw" : "ro");
    root_.flags = join(flags_, ",");
    return std::move(root_);
}

} // namespace

std::string_view name_of(CheckMode mode) noexcept {
    switch (mode) {
    case CheckMode::automatic:
        return "auto";
    case CheckMode::force:
        return "force";
    case CheckMode::skip:
        return "skip";
    }
    return "auto";
}

std::string_view name_of(Repair repair) noexcept {
    switch (repair) {
    case Repair::preen:
        return "preen";
    case Repair::yes:
        return "yes";
    case Repair::no:
        return "no";
    }
    return "preen";
}

Result<std::string> parse_root_device(std::string_view value) {
    value = without_quotes(value);
    if (value.empty())
        return failure(std::format("the kernel command line has no root=; add root=<device>, where "
                                   "<device> is one of {}",
                                   kForms));
    if (value.size() > kMaxValueBytes)
        return failure("root= is longer than 4096 bytes; name the device by UUID=<uuid>");
    for (const std::string_view tag : kTags) {
        if (!value.starts_with(tag))
            continue;
        std::string_view content = value.substr(tag.size());
        // All of them: who reads the reference takes quotes that are left for its own.
        while (without_quotes(content) != content)
            content = without_quotes(content);
        if (content.empty())
            return failure(
                std::format("root={} has no value after '='; write root={}<value>", tag, tag));
        return std::string(tag) + std::string(content);
    }
    for (const std::string_view form : kNotYet) {
        if (value.starts_with(form))
            return failure(std::format("root={} is not supported yet; accepted are {}",
                                       printable(value, 200), kForms));
    }
    if (value.starts_with("/dev/") && value.size() > 5)
        return std::string(value);
    if (auto number = parse_device_number(value))
        return *std::move(number);
    return failure(
        std::format("root={} has an unknown form; accepted are {}", printable(value, 200), kForms));
}

Result<RootOptions> parse_root_options(const OptionList &options) {
    return RootOptionsReader().read(options);
}

} // namespace slipway::fs
