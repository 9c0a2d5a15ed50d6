// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/linux_backend.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/unique_fd.h"
#include "system/small_file.h"

namespace slipway::virtfs {

namespace {

namespace files = std::filesystem;

constexpr std::size_t kMaxTagBytes = 1024;

// Without the newline, or the NUL, at its end. Empty if there is no such file.
std::string read_attribute(const std::string &path) {
    std::string text = sdk::read_small_file(path, kMaxTagBytes).value_or(std::string());
    while (text.ends_with('\n') || text.ends_with('\0'))
        text.pop_back();
    return text;
}

std::vector<std::string> names_in(const std::string &folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (files::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        names.push_back(entry->path().filename());
    return names;
}

std::string resolved(const std::string &path) {
    std::error_code error;
    return files::canonical(path, error).string();
}

class LinuxBackend final : public VirtfsBackend {
public:
    LinuxBackend(std::string sysfs, std::string proc)
        : sysfs_(std::move(sysfs)), proc_(std::move(proc)) {}

    bool is_type_known(std::string_view type) override {
        std::ifstream table(proc_ + "/filesystems");
        for (std::string line; std::getline(table, line);) {
            if (line.substr(line.find('\t') + 1) == type)
                return true;
        }
        return false;
    }

    std::vector<std::string> devices_of(std::string_view driver) override {
        const std::string folder = sysfs_ + "/bus/virtio/drivers/" + std::string(driver);
        std::vector<std::string> devices;
        for (const std::string &name : names_in(folder)) {
            // Beside the devices there are links to the module, and files.
            if (const std::string device = resolved(folder + "/" + name);
                device.contains("/devices/"))
                devices.push_back(device);
        }
        return devices;
    }

    Result<> announce(const std::string &syspath) override {
        const std::string path = syspath + "/uevent";
        const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!file)
            return errno_failure("open " + path, errno);
        if (::write(file.get(), "add", 3) != 3)
            return errno_failure("write " + path, errno);
        return {};
    }

    std::string tag_of(const std::string &syspath) override {
        if (std::string tag = read_attribute(syspath + "/mount_tag"); !tag.empty())
            return tag;
        // virtiofs, since Linux 6.9.
        const std::string folder = sysfs_ + "/fs/virtiofs/";
        for (const std::string &name : names_in(folder)) {
            if (const std::string device = resolved(folder + name + "/device");
                !device.empty() && device == resolved(syspath))
                return read_attribute(folder + name + "/tag");
        }
        return {};
    }

    bool is_mounted(const std::string &target) override {
        struct statfs status{};
        return ::statfs(target.c_str(), &status) == 0 &&
               (status.f_type == V9FS_MAGIC || status.f_type == FUSE_SUPER_MAGIC);
    }

    MountResult mount(const MountRequest &request) override {
        if (::mkdir(request.target.c_str(), 0755) != 0 && errno != EEXIST)
            return {.code = errno,
                    .option = {},
                    .detail = "cannot make the mount point " + request.target};
        MountResult result = sdk::mount_file_system(request);
        // virtiofs is mounted without a word from the host. Better to wait for one here, where a
        // deadline runs, than in the middle of the switch.
        struct statfs status{};
        if (result.code == 0 && ::statfs(request.target.c_str(), &status) != 0)
            result = {.code = errno, .option = {}, .detail = "the host does not answer for it"};
        return result;
    }

private:
    std::string sysfs_;
    std::string proc_;
};

} // namespace

std::unique_ptr<VirtfsBackend> make_linux_backend(std::string sysfs, std::string proc) {
    return std::make_unique<LinuxBackend>(std::move(sysfs), std::move(proc));
}

} // namespace slipway::virtfs
