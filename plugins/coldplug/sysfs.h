// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::coldplug {

// Reading /sys. Tests hand in a tree of their own.
class Sysfs {
public:
    Sysfs() = default;
    Sysfs(const Sysfs &) = delete;
    Sysfs &operator=(const Sysfs &) = delete;
    Sysfs(Sysfs &&) = delete;
    Sysfs &operator=(Sysfs &&) = delete;
    virtual ~Sysfs() = default;

    // An attribute file without trailing white space, at most 4096 bytes; "" if it cannot be read.
    [[nodiscard]] virtual std::string read(const std::string &path) const = 0;
    // The same to the last byte: a binary attribute may end in a byte that looks like a blank.
    [[nodiscard]] virtual std::string read_binary(const std::string &path) const = 0;
    [[nodiscard]] virtual bool exists(const std::string &path) const = 0;
    // Last component of what the link points to ("scsi" for ".../subsystem"); "" if there is none.
    [[nodiscard]] virtual std::string link_name(const std::string &path) const = 0;
    // Names in a directory, unsorted; empty if it cannot be read.
    [[nodiscard]] virtual std::vector<std::string> list(const std::string &path) const = 0;
};

[[nodiscard]] std::unique_ptr<Sysfs> make_linux_sysfs();

// "/sys/devices/a/b" → "/sys/devices/a"; "" at the top of the device tree.
[[nodiscard]] std::string parent_path(std::string_view path);
// "/sys/devices/a/b" → "b"
[[nodiscard]] std::string base_name(std::string_view path);

} // namespace slipway::coldplug
