// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/local_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace slipway {

namespace {

constexpr mode_t kForRootOnly = 0600;

} // namespace

Result<UniqueFd> bind_local_socket(int type, const std::string &path, const std::string &purpose) {
    UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return errno_failure("make a socket for " + purpose, errno);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return errno_failure("bind " + path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    (void)::unlink(path.c_str());
    if (::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0)
        return errno_failure("bind " + path, errno);
    if (::chmod(path.c_str(), kForRootOnly) != 0)
        return errno_failure("keep " + path + " for root", errno);
    return fd;
}

} // namespace slipway
