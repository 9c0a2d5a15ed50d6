// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/mount_plan.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>

#include "base/text.h"
#include "fs/mount_options.h"

namespace slipway::fs {

namespace {

// Of these nothing can be written, whatever is asked for.
constexpr std::array<std::string_view, 5> kReadOnlyTypes = {"squashfs", "erofs", "iso9660",
                                                            "cramfs", "romfs"};

std::string repair_command(std::string_view type, std::string_view devnode) {
    if (type == "xfs")
        return std::format("run xfs_repair {} in a rescue system", devnode);
    if (type == "btrfs")
        return std::format("run btrfs check {} in a rescue system", devnode);
    if (std::ranges::contains(kReadOnlyTypes, type))
        return std::format("write the {} image to it again", type);
    return std::format("run fsck.{} -y {} in the emergency shell", type, devnode);
}

bool names_subvolume(std::string_view flags) {
    return std::ranges::any_of(split_mount_options(flags), [](const std::string &word) {
        return word.starts_with("subvol=") || word.starts_with("subvolid=");
    });
}

std::string advice_on_type(const MountFailure &failure) {
    if (!failure.found_type.empty() && failure.found_type != failure.type)
        return std::format("there is {} on it: correct rootfstype=, or the type in fstab",
                           failure.found_type);
    return "no valid file system of this type, or an option that it does not know: check "
           "rootfstype= and rootflags=";
}

std::string advice(const MountFailure &failure) {
    switch (failure.code) {
    case ENODEV:
        return std::format("the kernel does not know {0}: rebuild the image with the module {1}, "
                           "slipway build --modules {1}",
                           failure.type, module_of_type(failure.type));
    case EUCLEAN:
        return "the file system is damaged: " + repair_command(failure.type, failure.devnode);
    case EBUSY:
        return "the device is in use by another mount or by a layer above it: name that layer in "
               "root=";
    case ENOENT:
        if (names_subvolume(failure.flags))
            return std::format("it has no such subvolume: check subvol= in {}", failure.flags);
        [[fallthrough]];
    case ENXIO:
    case ENOMEDIUM:
        return "the device has gone: check its cable or medium";
    case EIO:
        return "the device reports read errors, or the file system is damaged: check the kernel "
               "log";
    case EROFS:
    case EACCES:
        return "the device is write-protected: boot with ro";
    case EINVAL:
        return advice_on_type(failure);
    default:
        return "see the kernel log";
    }
}

} // namespace

Result<std::vector<std::string>> choose_types(const ProbedDevice &device,
                                              const std::vector<std::string> &asked) {
    if (std::ranges::find(asked, device.type) != asked.end())
        return std::vector{device.type};
    if (!asked.empty())
        return asked;
    if (device.is_ambivalent)
        return failure(
            std::format("{} carries signatures of several file systems; remove the stale one "
                        "with wipefs, or choose with rootfstype=",
                        device.devnode));
    if (device.type.empty())
        return failure(std::format(
            "no known file system on {0}: it is another device than was meant, or the superblock "
            "is damaged; compare with blkid, repair it (of ext4: fsck.ext4 -b 32768 {0}), or name "
            "the type with rootfstype=",
            device.devnode));
    if (!device.usage.empty() && device.usage != "filesystem")
        return failure(
            std::format("{} is no file system but {}; root= must name the device inside it",
                        device.devnode, device.type));
    return std::vector{device.type};
}

std::string module_of_type(std::string_view type) {
    if (type == "ext2" || type == "ext3")
        return "ext4";
    if (type == "iso9660")
        return "isofs";
    if (type == "ntfs")
        return "ntfs3";
    return std::string(type);
}

std::string_view substitute_type(std::string_view type) noexcept {
    return type == "ext2" || type == "ext3" ? "ext4" : "";
}

MountFlags choose_flags(std::string_view asked, std::string_view of_device, std::string_view type) {
    MountFlags flags;
    std::vector<std::string> words;
    std::string mode; // the last of ro and rw
    for (const std::string_view text : {asked, of_device}) {
        for (std::string &word : split_mount_options(text))
            (word == "ro" || word == "rw" ? mode : words.emplace_back()) = std::move(word);
    }
    if (mode == "rw" && std::ranges::contains(kReadOnlyTypes, type)) {
        mode = "ro";
        flags.notice = std::format("{} cannot be written: mounted ro, not rw", type);
    }
    if (!mode.empty())
        words.push_back(std::move(mode));
    flags.words = join(words, ",");
    return flags;
}

std::string explain_mount_failure(const MountFailure &failure) {
    std::string text = std::format("mounting {} as {} failed: {}", failure.devnode, failure.type,
                                   std::strerror(failure.code));
    if (!failure.detail.empty())
        text += std::format(" ({})", printable(failure.detail, 500));
    return text + "; " + advice(failure);
}

std::string explain_other_content(const ProbedDevice &device, std::string_view now) {
    const std::string found = now.empty()
                                  ? std::format("no {} any more", device.type)
                                  : std::format("the file system UUID={} now", printable(now, 80));
    return std::format("{} held {} with UUID={} when it was chosen, and holds {}: not mounted; "
                       "detach what took its place, then try again",
                       device.devnode, device.type, printable(device.uuid, 80), found);
}

} // namespace slipway::fs
