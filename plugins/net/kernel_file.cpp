// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace slipway::net {

Result<> write_kernel_file(const std::string &path, std::string_view value) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || ::write(file.get(), value.data(), value.size()) < 0)
        return errno_failure("write " + path, errno);
    return {};
}

} // namespace slipway::net
