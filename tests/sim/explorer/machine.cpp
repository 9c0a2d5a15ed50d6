// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/machine.h"

#include <algorithm>
#include <array>
#include <format>

#include "unit/device_reference.h"

namespace slipway::sim {

namespace {

constexpr std::array<std::string_view, 5> kKinds = {"target", "job", "service", "assembly",
                                                    "mount"};

std::string list(std::string_view key, const std::vector<std::string> &names) {
    if (names.empty())
        return {};
    return std::format("{} = [\"{}\"]\n", key, join(names, "\", \""));
}

std::string milliseconds(Duration time) {
    return std::format("{}ms", time / kMillisecond);
}

std::string flag(std::string_view key, bool is_set) {
    return is_set ? std::format("{} = true\n", key) : std::string();
}

std::string amounts(const Params &resources) {
    if (resources.empty())
        return {};
    std::vector<std::string> words;
    for (const auto &[name, amount] : resources)
        words.push_back(std::format("{} = \"{}\"", name, amount));
    return "resources = { " + join(words, ", ") + " }\n";
}

std::string unit_text(const JobModel &job) {
    std::string text = std::format("[[unit]]\nname = \"{}\"\nkind = \"{}\"\n", job.name,
                                   kKinds[static_cast<std::size_t>(job.kind)]);
    text += list("requires", job.required) + list("before", job.before) +
            list("conflicts", job.conflicts) + list("milestones", job.milestones) +
            list("any_of", job.any_of) + flag("race", job.race) + flag("writes", job.writes) +
            flag("goal", job.is_goal) + amounts(job.resources);
    if (!job.reference.empty())
        text += std::format("device = \"{}\"\n", job.reference);
    if (job.device_timeout)
        text += std::format("device_timeout = \"{}\"\n", milliseconds(*job.device_timeout));
    if (job.has_job())
        text += std::format("plugin = \"{}\"\ntimeout = \"{}\"\nretries = {}\n", job.plugin,
                            milliseconds(job.timeout), job.retries);
    if (job.is_never)
        text += "wanted = \"never\"\n";
    if (job.is_skipped)
        text += "if_option = { \"sim.skip\" = \"no\" }\n";
    if (job.at_switch == AtSwitch::finish)
        text += "at_switch = \"finish\"\n";
    return text;
}

} // namespace

std::string AssemblyModel::unit() const {
    constexpr std::array<std::string_view, 7> kTemplates = {"array",  "strict", "asking", "volumes",
                                                            "shared", "crypt",  "pieces"};
    const std::string_view name = is_eager ? "eager" : kTemplates[static_cast<std::size_t>(kind)];
    return std::format("{}@{}", name, key);
}

const JobModel *Machine::job(std::string_view name) const {
    const auto found = std::ranges::find(jobs, name, &JobModel::name);
    return found == jobs.end() ? nullptr : &*found;
}

const AssemblyModel *Machine::assembly(std::string_view unit) const {
    const std::string key = instance_key(unit);
    const auto found = std::ranges::find_if(assemblies, [&](const AssemblyModel &assembly) {
        return assembly.key == key && assembly.unit() == unit;
    });
    return found == assemblies.end() ? nullptr : &*found;
}

std::vector<DeviceId> Machine::answering(std::string_view reference) const {
    std::vector<DeviceId> found;
    const auto parsed = DeviceReference::parse(reference);
    for (DeviceId id = 0; id < devices.size(); ++id) {
        Facts facts = devices[id].kernel;
        facts.insert(devices[id].probed.begin(), devices[id].probed.end());
        if (parsed && parsed->matches(facts))
            found.push_back(id);
    }
    return found;
}

std::vector<AssemblyId> Machine::showing(std::string_view reference) const {
    std::vector<AssemblyId> found;
    const auto parsed = DeviceReference::parse(reference);
    for (AssemblyId id = 0; id < assemblies.size(); ++id) {
        if (parsed && parsed->matches(assemblies[id].shows))
            found.push_back(id);
    }
    return found;
}

std::string Machine::units_of(JobModel::Source source) const {
    std::string text;
    for (const JobModel &job : jobs) {
        if (job.source == source)
            text += unit_text(job);
    }
    return text;
}

std::string Machine::named_volumes() const {
    std::string text;
    for (const AssemblyModel &assembly : assemblies) {
        if (!assembly.is_named)
            continue;
        text += std::format("[[unit]]\nname = \"{}\"\nretries = {}\n", assembly.unit(),
                            assembly.retries);
        if (names_device)
            text += std::format("device = \"{}\"\n", volume_reference(assembly));
    }
    return text;
}

std::string volume_reference(const AssemblyModel &volume) {
    return "UUID=" + volume.key;
}

} // namespace slipway::sim
