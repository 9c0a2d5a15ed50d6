// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/ports.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/unique_fd.h"

namespace slipway::busport {

namespace {

namespace files = std::filesystem;

constexpr std::size_t kMaxNameBytes = 128;
constexpr std::string_view kAction = "change";

// An attribute of sysfs.
Result<> write_attribute(const std::string &path, std::string_view value) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file)
        return errno_failure("open " + path, errno);
    if (::write(file.get(), value.data(), value.size()) < 0)
        return errno_failure("write " + path, errno);
    return {};
}

} // namespace

std::vector<Port> list_ports(const std::string &sysfs) {
    std::vector<Port> ports;
    std::error_code error;
    for (files::directory_iterator entry(sysfs + "/class/virtio-ports", error), end;
         !error && entry != end; entry.increment(error)) {
        std::error_code unresolved;
        const std::string syspath = files::canonical(entry->path(), unresolved).string();
        if (!unresolved)
            ports.push_back({.syspath = syspath, .name = name_of_port(syspath)});
    }
    std::ranges::sort(ports, {}, &Port::syspath);
    return ports;
}

std::string name_of_port(const std::string &syspath) {
    std::ifstream file(syspath + "/name");
    std::string name;
    std::getline(file, name);
    return name.size() <= kMaxNameBytes ? name : std::string();
}

Result<> announce_port(const std::string &syspath) {
    return write_attribute(syspath + "/uevent", kAction);
}

bool is_alone(const std::string &syspath) {
    std::error_code error;
    int count = 0;
    for (files::directory_iterator port(files::path(syspath).parent_path(), error), end;
         !error && port != end; port.increment(error))
        ++count;
    return !error && count == 1;
}

Result<bool> renew_buffers(const std::string &syspath) {
    const files::path device = files::path(syspath).parent_path().parent_path();
    std::error_code error;
    const std::string driver = files::canonical(device / "driver", error).string();
    if (error)
        return errno_failure("find the driver of " + syspath, error.value());
    if (!is_alone(syspath))
        return false;
    const std::string name = device.filename();
    if (auto taken = write_attribute(driver + "/unbind", name); !taken)
        return std::unexpected(std::move(taken).error());
    return write_attribute(driver + "/bind", name).transform([] { return true; });
}

bool is_port_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

} // namespace slipway::busport
