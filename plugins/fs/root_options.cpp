// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_options.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/device_text.h"
#include "base/text.h"
#include "fs/mount_options.h"

namespace slipway::fs {

namespace {

constexpr std::string_view kForms =
    "UUID=<uuid>, LABEL=<label>, PARTUUID=<uuid>[/PARTNROFF=<n>], PARTLABEL=<label>, /dev/<path>, "
    "<major>:<minor>, gpt-auto, nfs:<server>:<dir>, iscsi:<target>, dhcp, virtiofs:<tag>, "
    "virtfs:<tag>";
constexpr std::size_t kMaxValueBytes = 4096; // COMMAND_LINE_SIZE of most architectures is smaller

constexpr std::array<std::string_view, 4> kTags = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};

// Roots that other initrds know and slipway does not yet: a better message than "unknown form".
constexpr std::array<std::string_view, 11> kNotYet = {
    "nbd:", "cifs:", "live:", "http:", "https:", "ZFS=", "zfs:", "bind:", "tmpfs", "fstab", "ubi"};

// What coldplug links to the root that it finds by its type on the disk that was booted from.
constexpr const char *kAutoRoot = "/dev/gpt-auto-root";

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
    Result<RootOptions> read(const OptionList &options, bool knows_boot_partition);

private:
    void read_word(std::string_view key, std::string_view value);
    // After all words: root=, netroot= and rootfstype= together say where the root comes from.
    [[nodiscard]] Result<> choose_device(bool knows_boot_partition);
    void read_fallbacks(std::string_view value);
    [[nodiscard]] std::vector<std::string> read_types(std::string_view key, std::string_view value);
    void read_check(std::string_view key, std::string_view value);
    void read_mounts(std::string_view values, bool is_in_root);
    void warn(std::string_view key, std::string_view value, std::string_view accepted);
    [[nodiscard]] Result<> add_overlay();
    void add_root_flags();
    void add_usr();
    // The command line's ro or rw wins over the one inside rootflags=, as in systemd.
    [[nodiscard]] bool is_writable(const MountOptions &options) const {
        return writable_.value_or(options.writable.value_or(false));
    }

    RootOptions root_;
    std::optional<std::string> name_; // of root=
    RootWords words_;
    std::optional<bool> writable_; // of ro and rw
    std::optional<std::string> overlay_;
    bool has_encrypted_overlay_ = false;
    std::string root_flags_;
    std::optional<std::string> usr_;
    std::optional<std::string> usr_types_;
    std::optional<std::string> usr_flags_;
};

void RootOptionsReader::warn(std::string_view key, std::string_view value,
                             std::string_view accepted) {
    root_.warnings.push_back(
        std::format("{}={} on the kernel command line is ignored: accepted are {}", key,
                    printable(value, 80), accepted));
}

void RootOptionsReader::read_fallbacks(std::string_view value) {
    for (const std::string &word : split_words(value, "\n")) {
        if (auto device = parse_device(word))
            root_.fallbacks.push_back(*std::move(device));
        else
            warn("rootfallback", word, kForms);
    }
}

std::vector<std::string> RootOptionsReader::read_types(std::string_view key,
                                                       std::string_view value) {
    std::vector<std::string> types;
    for (std::string &type : split_words(without_quotes(value), ",")) {
        // The kernel uses the word "tmpfs" for the initramfs itself, "auto" means probing.
        if (type == "tmpfs" || type == "auto")
            continue;
        if (is_type_name(type))
            types.push_back(std::move(type));
        else
            warn(key, type, "names of file systems, separated by commas");
    }
    return types;
}

void RootOptionsReader::read_check(std::string_view key, std::string_view value) {
    CheckPolicy &check = root_.check;
    if (key == "fsck.mode") {
        if (value == "auto" || value == "force" || value == "skip")
            check.mode = value == "auto"    ? CheckMode::automatic
                         : value == "force" ? CheckMode::force
                                            : CheckMode::skip;
        else
            warn(key, value, "auto, force, skip");
    } else if (key == "fsck.repair") {
        // systemd reads this one as a boolean, too.
        if (const auto boolean = parse_boolean(value))
            check.repair = *boolean ? Repair::yes : Repair::no;
        else if (value == "preen")
            check.repair = Repair::preen;
        else
            warn(key, value, "preen, yes, no");
    } else if (is_on(value)) {
        if (key == "fastboot" || key == "rd.skipfsck")
            check.mode = CheckMode::skip;
        else if (key == "forcefsck")
            check.mode = CheckMode::force;
        else if (key == "fsckfix")
            check.repair = Repair::yes;
    }
}

void RootOptionsReader::read_mounts(std::string_view values, bool is_in_root) {
    for (const std::string &value : split_words(values, "\n")) {
        auto mount = parse_mount_extra(value, is_in_root, root_.warnings);
        if (!mount)
            root_.warnings.push_back(mount.error().message());
        else if (std::ranges::contains(root_.mounts, mount->unit_name(), &EarlyMount::unit_name))
            warn("systemd.mount-extra", value, "mount points that differ");
        else
            root_.mounts.push_back(*std::move(mount));
    }
}

void RootOptionsReader::read_word(std::string_view key, std::string_view value) {
    if (key == "root") {
        name_ = without_quotes(value);
    } else if (key == "netroot") {
        // Of several the first decides what the root is; the others bring disks.
        const auto sources = split_words(value, "\n");
        words_.netroot = sources.empty() ? "" : without_quotes(sources.front());
    } else if (key == "nfsroot") {
        words_.nfsroot = value;
    } else if (key == "boot") {
        words_.boot = value;
    } else if (key == "rootfallback") {
        read_fallbacks(value);
    } else if (key == "rootfstype") {
        root_.types = read_types(key, value);
    } else if (key == "rootflags") {
        root_flags_ = without_quotes(value);
    } else if (key == "ro" || key == "rw") {
        writable_ = key == "rw";
    } else if (key == "mount.usr") {
        usr_ = value;
    } else if (key == "mount.usrfstype") {
        usr_types_ = value;
    } else if (key == "mount.usrflags") {
        usr_flags_ = without_quotes(value);
    } else if (key == "rd.overlay") {
        overlay_ = value;
    } else if (key == "rd.overlay.crypt") {
        has_encrypted_overlay_ = true;
    } else if (key == "rd.fstab") {
        root_.reads_fstab = is_on(value);
    } else if (key == "systemd.mount-extra" || key == "rd.systemd.mount-extra") {
        read_mounts(value, key == "systemd.mount-extra");
    } else {
        read_check(key, value);
    }
}

Result<> RootOptionsReader::add_overlay() {
    if (has_encrypted_overlay_)
        return std::unexpected(encrypted_overlay_error());
    if (!overlay_)
        return {};
    auto overlay = parse_overlay(*overlay_, root_.warnings);
    if (!overlay)
        return std::unexpected(std::move(overlay).error());
    root_.overlay = *std::move(overlay);
    return {};
}

void RootOptionsReader::add_root_flags() {
    MountOptions options = read_mount_options(root_flags_);
    for (const std::string &complaint : options.complaints)
        root_.warnings.push_back("rootflags= on the kernel command line: " + complaint);
    root_.device_timeout = options.device_timeout;
    root_.is_writable = is_writable(options);
    // What lies below an overlay is only read.
    options.flags.emplace_back(root_.is_writable && !root_.overlay ? "rw" : "ro");
    root_.flags = join(options.flags, ",");
}

// What is not said about /usr is as for the root (systemd-fstab-generator(8)): the device too,
// because /usr may be another subvolume of it.
void RootOptionsReader::add_usr() {
    if (!usr_ && !usr_types_ && !usr_flags_)
        return;
    if (!usr_ && root_.device.empty())
        return; // a directory of the network root
    const auto device = usr_ ? parse_device(*usr_) : std::optional(root_.device);
    if (!device)
        return warn("mount.usr", *usr_, kForms);
    MountOptions options = read_mount_options(usr_flags_.value_or(root_flags_));
    options.writable = is_writable(options);
    auto usr = make_early_mount(*device, "/usr", "auto", options);
    if (!usr)
        return warn("mount.usrflags", *usr_flags_, "options of a local file system");
    usr->types = usr_types_ ? read_types("mount.usrfstype", *usr_types_) : root_.types;
    usr->may_fail = false;
    usr->wants_check = true;
    root_.mounts.insert(root_.mounts.begin(), *std::move(usr));
}

Result<> RootOptionsReader::choose_device(bool knows_boot_partition) {
    words_.root = name_.value_or("");
    words_.types = root_.types;
    root_.source = root_source(words_);
    root_.name = printable(words_.root, 200);
    if (root_.source == RootSource::network_file_system || root_.source == RootSource::share)
        return {};
    if (root_.source != RootSource::device) {
        root_.device = kNetworkDisk;
        return {};
    }
    if (!name_ && knows_boot_partition) {
        root_.device = kAutoRoot;
    } else {
        auto device = parse_root_device(name_.value_or(""));
        if (!device)
            return std::unexpected(std::move(device).error());
        root_.device = *std::move(device);
    }
    root_.is_automatic = root_.device == kAutoRoot;
    if (root_.is_automatic && !knows_boot_partition)
        root_.warnings.emplace_back(
            "root=gpt-auto on the kernel command line needs a boot loader that sets the EFI "
            "variable LoaderDevicePartUUID, and there is none: name the root, root=UUID=<uuid>");
    return {};
}

Result<RootOptions> RootOptionsReader::read(const OptionList &options, bool knows_boot_partition) {
    for (const auto &[key, value] : options)
        read_word(key, value);
    if (auto chosen = choose_device(knows_boot_partition); !chosen)
        return std::unexpected(std::move(chosen).error());
    if (auto added = add_overlay(); !added)
        return std::unexpected(std::move(added).error());
    add_root_flags();
    add_usr();
    return std::move(root_);
}

} // namespace

Result<std::string> parse_root_device(std::string_view value) {
    value = without_quotes(value);
    if (value.empty())
        return failure(std::format("the kernel command line has no root=; add root=<device>, where "
                                   "<device> is one of {}",
                                   kForms));
    if (value.size() > kMaxValueBytes)
        return failure("root= is longer than 4096 bytes; name the device by UUID=<uuid>");
    const auto is_tag = [&](std::string_view tag) { return value.starts_with(tag); };
    if (std::ranges::any_of(kTags, is_tag)) {
        if (auto device = parse_device(value))
            return *std::move(device);
        return failure(std::format(
            "root={} has no value that can be one after '='; write it as blkid shows it",
            printable(value, 200)));
    }
    for (const std::string_view form : kNotYet) {
        if (value.starts_with(form))
            return failure(std::format("root={} is not supported yet; accepted are {}",
                                       printable(value, 200), kForms));
    }
    if (value == "gpt-auto")
        return kAutoRoot;
    if (value == "/dev/root")
        return failure(std::format("root=/dev/root is the name of whatever is mounted, and of no "
                                   "device, unless netroot= says what it is; accepted are {}",
                                   kForms));
    if (auto device = parse_device(value))
        return *std::move(device);
    return failure(
        std::format("root={} has an unknown form; accepted are {}", printable(value, 200), kForms));
}

Result<RootOptions> parse_root_options(const OptionList &options, bool knows_boot_partition) {
    return RootOptionsReader().read(options, knows_boot_partition);
}

} // namespace slipway::fs
