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

namespace slipway::resume {

namespace {

constexpr std::size_t kMaxRecordBytes = 8192; // of /dev/kmsg
constexpr int kMaxRecords = 1024;

// The kernel's log from now on.
class LogTail {
public:
    explicit LogTail(const std::string &path)
        : file_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
        if (file_)
            (void)::lseek(file_.get(), 0, SEEK_END);
    }

    [[nodiscard]] std::vector<std::string> read() const {
        std::vector<std::string> messages;
        std::array<char, kMaxRecordBytes> record{};
        for (int i = 0; file_ && i < kMaxRecords; ++i) {
            const ssize_t size = ::read(file_.get(), record.data(), record.size());
            if (size > 0)
                messages.push_back(
                    message_of_record({record.data(), static_cast<std::size_t>(size)}));
            else if (size == 0 || errno != EPIPE) // EPIPE: some were overwritten
                break;
        }
        return messages;
    }

private:
    UniqueFd file_;
};

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
        const LogTail log(root_ + "/dev/kmsg");
        // Also 0: the kernel may have another one from its command line.
        auto result = write_text(root_ + "/sys/power/resume_offset", std::to_string(offset));
        if (!result && (offset != 0 || result.error().code() != ENOENT))
            return std::unexpected(std::move(result).error());
        result = write_text(root_ + "/sys/power/resume", device);
        if (!result)
            return std::unexpected(std::move(result).error());
        return reason_in(log.read());
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
