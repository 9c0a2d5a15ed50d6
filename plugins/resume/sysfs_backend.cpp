// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/sysfs_backend.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/unique_fd.h"
#include "resume/kernel_messages.h"
#include "system/kernel_log.h"

namespace slipway::resume {

namespace {

constexpr std::size_t kMaxMessages = 1024;

std::vector<std::string> messages_in(sdk::KernelLog &log) {
    std::vector<std::string> messages;
    while (messages.size() < kMaxMessages) {
        auto message = log.next();
        if (!message)
            break;
        messages.push_back(std::move(message->text));
    }
    return messages;
}

Result<> write_text(const std::string &path, std::string_view text) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file)
        return errno_failure("open " + path, errno);
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return errno_failure("write " + path, errno);
    return {};
}

class SysfsBackend final : public PowerBackend {
public:
    explicit SysfsBackend(std::string root) : root_(std::move(root)) {}

    Result<std::vector<std::byte>> read_page(const std::string &devnode,
                                             std::uint64_t index) override {
        const auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        if (index >= static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) / size)
            return failure("read " + devnode + ": there is no such page", EINVAL);
        const UniqueFd device(::open(devnode.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (!device)
            return errno_failure("open " + devnode, errno);
        std::vector<std::byte> page(size);
        const ssize_t got =
            ::pread(device.get(), page.data(), page.size(), static_cast<off_t>(index * size));
        if (got < 0)
            return errno_failure("read " + devnode, errno);
        if (static_cast<std::size_t>(got) != page.size())
            return failure("read " + devnode + ": the device is too short", EIO);
        return page;
    }

    Result<std::string> modes() override {
        const std::string path = root_ + "/sys/power/disk";
        const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file)
            return errno_failure("open " + path, errno);
        std::array<char, 256> text{};
        const ssize_t size = ::read(file.get(), text.data(), text.size());
        if (size < 0)
            return errno_failure("read " + path, errno);
        return std::string(text.data(), static_cast<std::size_t>(size));
    }

    Result<std::string> resume(std::string_view device, std::uint64_t offset) override {
        sdk::KernelLog log(root_ + "/dev/kmsg", sdk::KernelLog::From::now);
        // Also 0: the kernel may have another one from its command line.
        auto result = write_text(root_ + "/sys/power/resume_offset", std::to_string(offset));
        if (!result && (offset != 0 || result.error().code() != ENOENT))
            return std::unexpected(std::move(result).error());
        result = write_text(root_ + "/sys/power/resume", device);
        if (!result)
            return std::unexpected(std::move(result).error());
        return reason_in(messages_in(log));
    }

    Result<> remove_variable(const std::string &path) override {
        const std::string file = root_ + path;
        const UniqueFd variable(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (!variable)
            return errno_failure("open " + file, errno);
        // efivarfs protects variables that it does not know against rm.
        int flags = 0;
        if (::ioctl(variable.get(), FS_IOC_GETFLAGS, &flags) == 0 &&
            (flags & FS_IMMUTABLE_FL) != 0) {
            flags &= ~FS_IMMUTABLE_FL;
            if (::ioctl(variable.get(), FS_IOC_SETFLAGS, &flags) != 0)
                return errno_failure("make " + file + " removable", errno);
        }
        if (::unlink(file.c_str()) != 0)
            return errno_failure("remove " + file, errno);
        return {};
    }

private:
    std::string root_;
};

} // namespace

std::unique_ptr<PowerBackend> make_sysfs_backend(std::string root) {
    return std::make_unique<SysfsBackend>(std::move(root));
}

} // namespace slipway::resume
