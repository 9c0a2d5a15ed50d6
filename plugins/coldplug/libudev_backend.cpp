// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libudev_backend.h"

#include <fcntl.h>
#include <libudev.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace slipway::coldplug {

namespace {

struct UdevDeleter {
    void operator()(udev *context) const noexcept { udev_unref(context); }
};
struct EnumerateDeleter {
    void operator()(udev_enumerate *enumerate) const noexcept { udev_enumerate_unref(enumerate); }
};
using UdevPtr = std::unique_ptr<udev, UdevDeleter>;
using EnumeratePtr = std::unique_ptr<udev_enumerate, EnumerateDeleter>;

// Classes with hundreds of devices that never have a modalias: not even looked at.
constexpr const char *kWithoutModalias[] = {
    "tty",       "vc",           "mem",     "memory",       "bdi",
    "graphics",  "workqueue",    "thermal", "event_source", "clocksource",
    "container", "machinecheck", "msr",     "cpuid",        "block"};

std::vector<std::string> scan(udev_enumerate *enumerate) {
    std::vector<std::string> syspaths;
    if (udev_enumerate_scan_devices(enumerate) < 0)
        return syspaths;
    udev_list_entry *entry = nullptr;
    udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(enumerate))
        syspaths.emplace_back(udev_list_entry_get_name(entry));
    return syspaths;
}

class LibudevBackend final : public UdevBackend {
public:
    Result<std::vector<std::string>> list(const std::vector<std::string> &subsystems) override {
        const UdevPtr context(udev_new());
        const EnumeratePtr waiting(context ? udev_enumerate_new(context.get()) : nullptr);
        const EnumeratePtr named(context ? udev_enumerate_new(context.get()) : nullptr);
        if (!waiting || !named)
            return errno_failure("list the devices of the kernel", ENOMEM);
        for (const char *subsystem : kWithoutModalias)
            udev_enumerate_add_nomatch_subsystem(waiting.get(), subsystem);
        udev_enumerate_add_match_sysattr(waiting.get(), "modalias", nullptr);
        std::vector<std::string> found;
        for (std::string &syspath : scan(waiting.get())) {
            if (::access((syspath + "/driver").c_str(), F_OK) != 0)
                found.push_back(std::move(syspath));
        }
        for (const std::string &subsystem : subsystems)
            udev_enumerate_add_match_subsystem(named.get(), subsystem.c_str());
        for (std::string &syspath : scan(named.get()))
            found.push_back(std::move(syspath));
        return found;
    }

    Result<> trigger(const std::string &syspath) override {
        const UniqueFd file(::open((syspath + "/uevent").c_str(), O_WRONLY | O_CLOEXEC));
        if (!file)
            return errno_failure("open " + syspath + "/uevent", errno);
        if (::write(file.get(), "add", 3) != 3)
            return errno_failure("write " + syspath + "/uevent", errno);
        return {};
    }
};

} // namespace

std::unique_ptr<UdevBackend> make_libudev_backend() {
    return std::make_unique<LibudevBackend>();
}

} // namespace slipway::coldplug
