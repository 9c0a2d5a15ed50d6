// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/mount_plan.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>

#include "base/text.h"

namespace slipway::fs {

namespace {

std::string advice(int code, std::string_view type, std::string_view devnode) {
    switch (code) {
    case ENODEV:
        return std::format("the kernel does not know {0}: rebuild the image with the module {1}",
                           type, module_of_type(type));
    case EUCLEAN:
        return std::format("the file system is damaged: run fsck.{} -y {} in the emergency shell",
                           type, devnode);
    case EBUSY:
        return "the device is in use by another mount or by a layer above it: name that layer in "
               "root=";
    case ENOENT:
    case ENXIO:
    case ENOMEDIUM:
        return "the device has gone: check its cable or medium";
    case EIO:
        return "the device reports read errors: check the kernel log";
    case EROFS:
    case EACCES:
        return "the device is write-protected: boot with ro";
    case EINVAL:
        return "no valid file system of this type, or an option that it does not know: check "
               "rootfstype= "
               "and rootflags=";
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
        return failure(std::format("no known file system on {}; check root=, or name the type with "
                                   "rootfstype=",
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

std::string explain_mount_failure(int code, std::string_view type, std::string_view devnode,
                                  std::string_view detail) {
    std::string text =
        std::format("mounting {} as {} failed: {}", devnode, type, std::strerror(code));
    if (!detail.empty())
        text += std::format(" ({})", printable(detail, 500));
    return text + "; " + advice(code, type, devnode);
}

} // namespace slipway::fs
