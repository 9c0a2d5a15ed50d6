// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btrfs/ioctl_backend.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/unique_fd.h"
#include "btrfs/superblock.h"

namespace slipway::btrfs {

namespace {

constexpr const char *kControl = "/dev/btrfs-control";

class IoctlBackend final : public DeviceBackend {
public:
    Result<std::vector<std::byte>> read_superblock(const std::string &devnode) override {
        const UniqueFd device(::open(devnode.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (!device)
            return errno_failure("open " + devnode, errno);
        std::vector<std::byte> bytes(kSuperblockBytes);
        const ssize_t got = ::pread(device.get(), bytes.data(), bytes.size(), kSuperblockOffset);
        if (got < 0)
            return errno_failure("read " + devnode, errno);
        if (static_cast<std::size_t>(got) != bytes.size())
            return failure("read " + devnode + ": the device is too short", EIO);
        return bytes;
    }

    Result<> register_device(const std::string &devnode) override {
        return call(BTRFS_IOC_SCAN_DEV, "register", devnode).transform([](int) {});
    }

    Result<bool> is_ready(const std::string &devnode) override {
        // 0: all devices are there; 1: not yet.
        return call(BTRFS_IOC_DEVICES_READY, "ask the kernel about", devnode)
            .transform([](int answer) { return answer == 0; });
    }

private:
    static Result<int> call(unsigned long request, const std::string &verb,
                            const std::string &devnode) {
        const UniqueFd control(::open(kControl, O_RDWR | O_CLOEXEC));
        if (!control)
            return errno_failure(std::string("open ") + kControl, errno);
        btrfs_ioctl_vol_args arguments{};
        if (devnode.size() >= sizeof(arguments.name))
            return errno_failure(verb + " " + devnode.substr(0, 64) + "…", ENAMETOOLONG);
        std::ranges::copy(devnode, static_cast<char *>(arguments.name));
        const int answer = ::ioctl(control.get(), request, &arguments);
        if (answer < 0)
            return errno_failure(verb + " " + devnode, errno);
        return answer;
    }
};

} // namespace

std::unique_ptr<DeviceBackend> make_ioctl_backend() {
    return std::make_unique<IoctlBackend>();
}

} // namespace slipway::btrfs
