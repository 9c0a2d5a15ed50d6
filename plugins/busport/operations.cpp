// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/operations.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <optional>
#include <utility>

#include "base/text.h"
#include "busport/answer_check.h"
#include "busport/forwarder.h"
#include "busport/ports.h"
#include "system/end_signal.h"

namespace slipway::busport {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

constexpr const char *kOption = "rd.slipway.port";
constexpr const char *kService = "bus-port@";
constexpr const char *kBus = "/run/slipway/bus";
// The kernel's name of the node is that of the device.
constexpr const char *kDevices = "/dev/";

std::string node_of(const Port &port) {
    return kDevices + port.syspath.substr(port.syspath.rfind('/') + 1);
}

Result<UniqueFd> open_port(const std::string &node) {
    UniqueFd fd(::open(node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!fd)
        return errno_failure("open " + node, errno);
    return fd;
}

// Once no answer comes any more. Those that were sent although none is taken are freed as well.
void forget(sdk::Context &context, const Port &port, const std::optional<AnswerTrace> &trace) {
    const auto renewed = renew_buffers(port.syspath);
    if (trace || (renewed && *renewed))
        return;
    context.log(
        LogLevel::warning,
        std::format("{}: an answer that came through this port may stay in the memory of "
                    "the machine until that is switched off: {}",
                    port.name,
                    renewed ? "its device has got another port" : renewed.error().message()));
}

Outcome carry(sdk::Context &context, UniqueFd fd, int stop, const Port &port) {
    const auto trace = trace_of_answers(wipes_freed_memory(), port.syspath);
    if (trace)
        context.log(LogLevel::notice, std::format("{}: {}", port.name, refusal_of(*trace)));
    bool has_served = false;
    Result<> ended;
    {
        Forwarder forwarder(std::move(fd), {kBus, trace}, [&context](const std::string &why) {
            context.log(LogLevel::warning, "a client of the host is not served: " + why);
        });
        ended = forwarder.run(stop);
        has_served = forwarder.has_served();
    }
    if (!ended)
        return context.fail(ended.error().message());
    if (has_served)
        forget(context, port, trace);
    return context.done("ended for the switch");
}

} // namespace

Outcome announce_ports(sdk::Context &context, const sdk::Request &request,
                       const std::string &sysfs) {
    const std::string_view name = request.options().get(kOption);
    if (!is_port_name(name))
        return context.fail(
            std::format("{}={} is no name of a port: letters, digits and . _ - are; "
                        "correct the kernel command line",
                        kOption, printable(name, 100)));
    for (const Port &port : list_ports(sysfs)) {
        // One that went away in between is not missed.
        if (const auto announced = announce_port(port.syspath);
            !announced && announced.error().code() != ENOENT)
            context.log(LogLevel::warning, announced.error().message());
    }
    return Outcome::done;
}

Outcome inspect_port(sdk::Context &context, const sdk::Request &request) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const std::string_view wanted = request.options().get(kOption);
    const std::string name = name_of_port(std::string(devices.front().syspath()));
    if (is_port_name(wanted) && name == wanted)
        context.member({.unit = kService + name, .name = name, .expected = 0, .provides = {}});
    return Outcome::done;
}

Outcome serve(sdk::Context &context, const sdk::Request &request) {
    const auto ports = list_ports();
    const auto port = std::ranges::find(ports, request.key(), &Port::name);
    if (port == ports.end())
        return context.fail(
            std::format("there is no virtio-serial port {}", printable(request.key(), 100)));
    auto opened = open_port(node_of(*port));
    if (!opened)
        return context.fail(opened.error().message());
    const auto end = sdk::catch_end_signal();
    if (!end)
        return context.fail(end.error().message());
    context.ready();
    return carry(context, std::move(*opened), end->get(), *port);
}

} // namespace slipway::busport
