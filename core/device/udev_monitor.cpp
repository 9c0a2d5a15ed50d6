// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/udev_monitor.h"

#include <systemd/sd-device.h>
#include <systemd/sd-event.h>

#include <cerrno>
#include <string>
#include <utility>

#include <sys/epoll.h>

#include "device/udev_event.h"

namespace slipway {

namespace {

// A coldplug makes a burst of thousands of events, each of some hundred bytes to some thousand.
constexpr std::size_t kReceiveBufferBytes = 128U << 20U;
// So that a storm of events leaves the other sources of the loop their turn.
constexpr int kMaxMessagesPerRound = 64;

struct DeviceDeleter {
    void operator()(sd_device *device) const noexcept { sd_device_unref(device); }
};
using DevicePtr = std::unique_ptr<sd_device, DeviceDeleter>;

int ignore(sd_device_monitor *, sd_device *, void *) {
    return 0;
}

// A monitor insists on a loop of libsystemd. It gets one of its own that never runs: the loop of
// PID 1 watches the descriptor.
int begin(sd_device_monitor *monitor) {
    sd_event *idle = nullptr;
    int code = sd_event_new(&idle);
    if (code >= 0)
        code = sd_device_monitor_attach_event(monitor, idle);
    sd_event_unref(idle); // the monitor holds it
    if (code >= 0)
        code = sd_device_monitor_start(monitor, ignore, nullptr);
    return code;
}

UdevProperties properties_of(sd_device *device) {
    UdevProperties properties;
    const char *value = nullptr;
    for (const char *key = sd_device_get_property_first(device, &value); key != nullptr;
         key = sd_device_get_property_next(device, &value))
        properties.emplace_back(key, value == nullptr ? "" : value);
    return properties;
}

} // namespace

Result<std::unique_ptr<UdevMonitor>> UdevMonitor::open(EventLoop &loop,
                                                       UeventSource::Handlers handlers) {
    sd_device_monitor *raw = nullptr;
    if (const int code = sd_device_monitor_new(&raw); code < 0)
        return errno_failure("open the socket for the events of udevd", -code);
    std::unique_ptr<UdevMonitor> monitor(new UdevMonitor(raw, std::move(handlers)));
    // Without it (tests without rights) less must do.
    (void)sd_device_monitor_set_receive_buffer_size(raw, kReceiveBufferBytes);
    if (const int code = begin(raw); code < 0)
        return errno_failure("subscribe to the events of udevd", -code);
    const int fd = sd_device_monitor_get_fd(raw);
    auto watch = loop.watch_fd_first(
        fd, EPOLLIN, [self = monitor.get()](std::uint32_t) { self->receive_some(); });
    if (!watch)
        return std::unexpected(std::move(watch.error()).with_context("watch for device events"));
    monitor->source_ = std::move(*watch);
    return monitor;
}

UdevMonitor::~UdevMonitor() {
    source_.reset();
    sd_device_monitor_unref(monitor_);
}

void UdevMonitor::receive_some() {
    int messages = 0;
    while (messages < kMaxMessagesPerRound && receive_one())
        ++messages;
}

// False when there is nothing more to read.
bool UdevMonitor::receive_one() {
    sd_device *raw = nullptr;
    const int code = sd_device_monitor_receive(monitor_, &raw);
    const DevicePtr device(raw);
    if (code == -ENOBUFS) {
        handlers_.overflow();
        return true;
    }
    if (code == -EAGAIN || code == -EINTR)
        return code == -EINTR;
    if (code < 0)
        handlers_.problem(Error::from_errno("receive an event of udevd", -code));
    if (device == nullptr)
        return code >= 0; // a message of somebody else
    const char *syspath = nullptr;
    const UdevProperties properties = properties_of(device.get());
    if (sd_device_get_syspath(device.get(), &syspath) < 0 || is_passing(properties))
        return true;
    auto event = uevent_of_udev(syspath, properties);
    if (event)
        handlers_.device(std::move(*event));
    else
        handlers_.problem(event.error());
    return true;
}

} // namespace slipway
