// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trigger_devices.h"

#include <sys/resource.h>

#include <cerrno>
#include <format>

namespace slipway::coldplug {

namespace {

// What a boot waits for is nearly always a device that a driver brings in; the announcements are
// for what would be missed otherwise, and there are hundreds of them. They step back behind drivers
// and probing (nice(2), setpriority(2)).
class StepBack {
public:
    StepBack() { (void)::setpriority(PRIO_PROCESS, 0, kNiceness); }
    StepBack(const StepBack &) = delete;
    StepBack &operator=(const StepBack &) = delete;
    StepBack(StepBack &&) = delete;
    StepBack &operator=(StepBack &&) = delete;
    ~StepBack() { (void)::setpriority(PRIO_PROCESS, 0, 0); }

private:
    static constexpr int kNiceness = 15;
};

} // namespace

sdk::Outcome trigger_devices(sdk::Context &context, UdevBackend &backend) {
    const StepBack step_back;
    // Of the others, plugins need only those that bring a new driver to life, and these have a
    // modalias.
    const auto devices = backend.list({"block", "net", "tpmrm", "hidraw"});
    if (!devices)
        return context.fail(devices.error().message());
    std::size_t triggered = 0;
    for (const std::string &syspath : *devices) {
        const auto result = backend.trigger(syspath);
        if (result)
            ++triggered;
        // A device that went away in between is not missed, and some drivers' events fail on
        // purpose.
        else if (result.error().code() != ENOENT)
            context.log(sdk::LogLevel::debug, result.error().message());
    }
    return context.done(std::format("{} devices announced", triggered));
}

} // namespace slipway::coldplug
