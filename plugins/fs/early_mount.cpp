// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/early_mount.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/device_text.h"
#include "base/text.h"

namespace slipway::fs {

namespace {

constexpr std::array<std::string_view, 9> kNetworkTypes = {
    "nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "fuse.sshfs", "afs", "ncpfs"};
// Without a device, and with nothing that would have to be set up before.
constexpr std::array<std::string_view, 3> kTypesWithoutDevice = {"tmpfs", "ramfs", "virtiofs"};

// Of the 1024 bytes that the name of a unit may have, some are for the prefix of its check.
constexpr std::size_t kMaxUnitName = 1000;

bool is_network(std::string_view source, std::string_view type, const MountOptions &options) {
    return options.is_network || std::ranges::contains(kNetworkTypes, type) ||
           source.starts_with("//") || (!source.starts_with('/') && source.contains(":/"));
}

// Source and type of a mount: what fills device or source, or why that cannot be mounted.
Result<> set_source(EarlyMount &mount, std::string_view source, std::string_view type,
                    const MountOptions &options) {
    if (is_network(source, type, options))
        return failure("file systems of the network are not supported yet");
    if (options.is_bind) {
        const auto path = normal_path(source);
        if (!path)
            return failure("the source of a bind mount must be an absolute path without \"..\"");
        mount.is_bind = true;
        mount.source = *path;
        return {};
    }
    for (const std::string &word : split_words(type, ",")) {
        if (word != "auto" && word != "none")
            mount.types.push_back(word);
    }
    if (std::ranges::contains(kTypesWithoutDevice, type)) {
        mount.source = source;
        return {};
    }
    const auto device = parse_device(source);
    if (!device)
        return failure(std::format("{} is no device: use UUID=, LABEL=, PARTUUID=, PARTLABEL= or a "
                                   "path below /dev",
                                   printable(source, 200)));
    mount.device = *device;
    return {};
}

void set_options(EarlyMount &mount, const MountOptions &options, bool is_writable) {
    std::vector<std::string> flags = options.flags;
    flags.emplace_back(options.writable.value_or(is_writable) ? "rw" : "ro");
    mount.flags = join(flags, ",");
    mount.may_fail = options.may_fail;
    mount.device_timeout = options.device_timeout;
    mount.timeout = options.timeout;
    for (const std::string &path : options.needed_paths) {
        if (auto normal = normal_path(path))
            mount.needed_paths.push_back(*std::move(normal));
    }
}

// Between colons; "\\:" is a colon, "\\\\" a backslash.
std::vector<std::string> split_fields(std::string_view value) {
    std::vector<std::string> fields(1);
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool is_escape = value[i] == '\\' && i + 1 < value.size() &&
                               (value[i + 1] == ':' || value[i + 1] == '\\');
        if (is_escape)
            fields.back() += value[++i];
        else if (value[i] == ':')
            fields.emplace_back();
        else
            fields.back() += value[i];
    }
    return fields;
}

} // namespace

std::string mount_unit_name(std::string_view root, std::string_view where) {
    std::string name(root);
    for (const char character : where) {
        if (character == '@')
            name += "%40";
        else if (character == '%')
            name += "%25";
        else
            name += character;
    }
    return name;
}

std::vector<std::string> taken_in_root(std::span<const EarlyMount> mounts) {
    std::vector<std::string> points;
    for (const EarlyMount &mount : mounts) {
        if (mount.is_in_root)
            points.push_back(mount.where);
    }
    return points;
}

std::optional<std::string> normal_path(std::string_view path) {
    if (!path.starts_with('/'))
        return std::nullopt;
    std::string normal;
    for (const std::string &name : split_words(path, "/")) {
        if (name == "..")
            return std::nullopt;
        if (name != ".")
            normal += "/" + name;
    }
    return normal.empty() ? "/" : normal;
}

Result<EarlyMount> make_early_mount(std::string_view source, std::string_view where,
                                    std::string_view type, const MountOptions &options,
                                    bool is_writable) {
    EarlyMount mount;
    mount.where = where;
    if (printable(where, where.size()) != where)
        return failure("the mount point has control characters or is not UTF-8; rename it");
    if (mount.unit_name().size() > kMaxUnitName)
        return failure("the mount point is too long for the initrd; use a shorter one");
    if (auto set = set_source(mount, source, type, options); !set)
        return std::unexpected(std::move(set).error());
    set_options(mount, options, is_writable);
    return mount;
}

Result<EarlyMount> parse_mount_extra(std::string_view value, bool is_in_root,
                                     std::vector<std::string> &complaints) {
    const std::string word =
        std::format("{}={}", is_in_root ? "systemd.mount-extra" : "rd.systemd.mount-extra",
                    printable(value, 200));
    const auto fields = split_fields(value);
    if (fields.size() < 2 || fields.size() > 4)
        return failure(word +
                       " is ignored: accepted is <device>:<mount point>[:<type>[:<options>]], "
                       "where a colon inside a part is written \\:");
    const auto where = normal_path(fields[1]);
    if (!where || *where == "/")
        return failure(word + " is ignored: the mount point must be an absolute path below /, "
                              "without \"..\"");
    const MountOptions options = read_mount_options(fields.size() > 3 ? fields[3] : "");
    auto mount =
        make_early_mount(fields[0], *where, fields.size() > 2 ? fields[2] : "auto", options);
    if (!mount)
        return failure(word + " is ignored: " + mount.error().message());
    mount->is_in_root = is_in_root;
    for (const std::string &complaint : options.complaints)
        complaints.push_back(word + ": " + complaint);
    return mount;
}

} // namespace slipway::fs
