// SPDX-License-Identifier: LGPL-2.1-or-later
#include "inspect_block.h"

#include <algorithm>
#include <cerrno>
#include <format>

#include "block_facts.h"
#include "path_id.h"

namespace slipway::coldplug {

using sdk::Outcome;

namespace {

void publish(sdk::Context &context, const BlockFindings &findings) {
    for (const auto &[key, value] : facts_of(findings))
        context.publish(findings.device.syspath, key, value);
}

// The kernel writes '!' for the slashes of a name in sysfs.
std::string disk_node_of(const BlockDevice &device) {
    if (!device.partition)
        return {};
    std::string name = device.disk_name();
    std::ranges::replace(name, '!', '/');
    return "/dev/" + name;
}

Outcome not_ready(sdk::Context &context, const std::string &syspath, std::string_view why) {
    context.publish(syspath, "ready", "0");
    return context.done(why);
}

std::string device_number(const sdk::Device &device) {
    const std::string_view major = device.fact("major");
    const std::string_view minor = device.fact("minor");
    return major.empty() || minor.empty() ? std::string() : std::format("{}:{}", major, minor);
}

} // namespace

Outcome inspect_block(sdk::Context &context, const sdk::Request &request, const Sysfs &sysfs,
                      ProbeBackend &prober, BootPartition &boot) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const sdk::Device &device = devices.front();
    const std::string syspath(device.syspath());
    const std::string node = device.devnode();
    BlockFindings findings;
    findings.device = read_block_device(sysfs, syspath);
    switch (readiness_of(findings.device)) {
    case Readiness::ignored:
        return context.done(node + " is not probed");
    case Readiness::not_ready:
        return not_ready(context, syspath, node + " has no content yet");
    case Readiness::ready:
        break;
    }
    const auto probe = prober.probe(node, {.is_optical = is_optical(findings.device),
                                           .disk_node = disk_node_of(findings.device)});
    if (!probe && (probe.error().code() == ENOMEDIUM || probe.error().code() == ENXIO))
        return not_ready(context, syspath, node + " is empty");
    if (!probe)
        context.log(sdk::LogLevel::warning,
                    std::format("{}: nothing is known about its content", probe.error().message()));
    else
        findings.probe = *probe;
    if (!findings.probe.table.empty())
        findings.boot_partition = boot.uuid();
    findings.device_number = device_number(device);
    findings.dm_cookie = device.fact("dm_cookie");
    findings.hardware = read_hardware_id(sysfs, findings.device.disk_syspath);
    findings.path_ids = path_ids(sysfs, findings.device.disk_syspath);
    publish(context, findings);
    return Outcome::done;
}

} // namespace slipway::coldplug
