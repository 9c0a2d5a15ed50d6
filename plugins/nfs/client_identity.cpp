// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/client_identity.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "base/unique_fd.h"

namespace slipway::nfs {

namespace {

// The first line; "" if there is no such file, or nothing in it.
std::string value_of(const std::string &path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 256> text{};
    const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : 0;
    const std::string_view content(text.data(), static_cast<std::size_t>(size > 0 ? size : 0));
    const std::string_view line = content.substr(0, content.find('\n'));
    // How the kernel writes that nothing was set.
    return line == "(null)" ? std::string() : std::string(line);
}

} // namespace

Result<> identify_client(const std::string &sysfs, const std::string &identity) {
    const std::string path = sysfs + "/fs/nfs/net/nfs_client/identifier";
    if (!value_of(path).empty() ||
        !value_of(sysfs + "/module/nfs/parameters/nfs4_unique_id").empty())
        return {};
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file)
        return errno_failure("open " + path, errno);
    if (::write(file.get(), identity.data(), identity.size()) !=
        static_cast<ssize_t>(identity.size()))
        return errno_failure("write " + path, errno);
    return {};
}

} // namespace slipway::nfs
