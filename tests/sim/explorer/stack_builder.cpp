// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/stack_builder.h"

#include <algorithm>
#include <format>
#include <utility>

namespace slipway::sim {

DeviceId StackBuilder::add_device(Facts content, std::string name) {
    DeviceModel device;
    device.name = std::move(name);
    device.kernel = {{"subsystem", "block"}, {"devnode", device.devnode()}};
    device.probed = std::move(content);
    device.probed.emplace("ready", "1");
    device.probing = random_.between(kMillisecond, 20 * kMillisecond);
    if (random_.chance(weights_.bad_probe)) {
        device.bad_end = random_.chance(70) ? Attempt::End::crash : Attempt::End::hang;
        device.bad_probes = random_.between(1U, 2U);
    }
    roll_changes(device);
    machine_.devices.push_back(std::move(device));
    return machine_.devices.size() - 1;
}

void StackBuilder::roll_changes(DeviceModel &device) {
    if (!random_.chance(weights_.changing))
        return;
    for (unsigned left = random_.between(1, 3); left > 0; --left)
        device.changes.push_back(random_.between(0 * kSecond, 15 * kSecond));
}

void StackBuilder::roll_fate(DeviceModel &device) {
    const unsigned dice = random_.below(100);
    if (dice < weights_.missing)
        return;
    if (dice < weights_.missing + weights_.late)
        device.arrives = random_.between(300 * kSecond, 900 * kSecond);
    else if (random_.chance(75))
        device.arrives = random_.between(0 * kSecond, kSecond);
    else
        device.arrives = random_.between(kSecond, 6 * kSecond);
    if (!random_.chance(weights_.vanishing))
        return;
    device.vanishes = *device.arrives + random_.between(0 * kSecond, 4 * kSecond);
    if (random_.chance(75))
        device.returns = *device.vanishes + random_.between(0 * kSecond, 4 * kSecond);
}

DeviceId StackBuilder::disk(Facts content) {
    const auto number = machine_.devices.size();
    if (random_.chance(50)) {
        const DeviceId whole = add_device(std::move(content), std::format("disk{}", number));
        roll_fate(machine_.devices[whole]);
        return whole;
    }
    const DeviceId whole = add_device({{"pt_type", "gpt"}}, std::format("disk{}", number));
    roll_fate(machine_.devices[whole]);
    const DeviceId part = add_device(std::move(content), std::format("disk{}p1", number));
    const DeviceModel &disk = machine_.devices[whole];
    DeviceModel &partition = machine_.devices[part];
    const Duration later = random_.between(0 * kSecond, 50 * kMillisecond);
    const auto shifted = [later](std::optional<Duration> when) {
        return when ? std::optional(*when + later) : std::nullopt;
    };
    partition.arrives = shifted(disk.arrives);
    partition.vanishes = shifted(disk.vanishes);
    partition.returns = shifted(disk.returns);
    return part;
}

AssemblyId StackBuilder::add_assembly(AssemblyModel::Kind kind) {
    AssemblyModel assembly;
    assembly.kind = kind;
    assembly.key = std::format("a{}", machine_.assemblies.size());
    assembly.retries = 2;
    assembly.plan = plan(assembly.retries, weights_.assembly_retries);
    assembly.tells_expected = random_.chance(80);
    machine_.assemblies.push_back(std::move(assembly));
    return machine_.assemblies.size() - 1;
}

AssemblyModel::Kind StackBuilder::roll_kind() {
    if (random_.chance(weights_.asking))
        return AssemblyModel::Kind::asking;
    if (random_.chance(10))
        return AssemblyModel::Kind::strict;
    if (random_.chance(weights_.piecemeal))
        return AssemblyModel::Kind::pieces;
    return random_.chance(50) ? AssemblyModel::Kind::array : AssemblyModel::Kind::group;
}

DeviceId StackBuilder::device(Facts content, unsigned layers, bool is_needed) {
    if (layers == 0 || machine_.devices.size() >= limit_ || random_.chance(20))
        return disk(std::move(content));
    if (random_.chance(30))
        return on_volume(std::move(content), layers, is_needed);
    return on_group(std::move(content), layers, is_needed);
}

void StackBuilder::add_members(AssemblyId id, unsigned count, unsigned layers, bool is_needed) {
    // What a shared file system shows later must not be hidden by what the probe found.
    const bool is_shared = machine_.assemblies[id].kind == AssemblyModel::Kind::shared;
    for (unsigned number = 0; number < count; ++number) {
        Facts content = {{"fs_type", "member"}};
        if (!is_shared)
            content["fs_uuid"] = std::format("{}-{}", machine_.assemblies[id].key, number);
        const DeviceId member = device(std::move(content), layers - 1, is_needed);
        machine_.devices[member].member_of = id;
        machine_.assemblies[id].members.push_back(member);
    }
}

DeviceId StackBuilder::on_group(Facts content, unsigned layers, bool is_needed) {
    const AssemblyId id = add_assembly(roll_kind());
    const auto kind = machine_.assemblies[id].kind;
    const bool is_group = kind == AssemblyModel::Kind::group;
    const unsigned count = random_.between(is_group ? 1 : 2, is_group ? 3 : 5);
    machine_.assemblies[id].tolerates = is_group ? 0 : random_.below(std::min(3U, count));
    machine_.assemblies[id].tells_expected |= !is_group;
    add_members(id, count, layers, is_needed);
    const unsigned made = is_group ? random_.between(1, 3) : 1;
    const DeviceId first = machine_.devices.size();
    for (unsigned number = 0; number < made; ++number) {
        Facts inside = {{"fs_type", "ext4"}, {"fs_uuid", std::format("other-{}-{}", id, number)}};
        const DeviceId made_device =
            add_device(number == 0 ? std::move(content) : std::move(inside),
                       std::format("mapper/a{}-{}", id, number));
        machine_.devices[made_device].made_by = id;
        machine_.assemblies[id].makes.push_back(made_device);
    }
    machine_.assemblies[id].tells_provides = is_group && random_.chance(70);
    return first;
}

AssemblyId StackBuilder::volume(DeviceId member, std::string key, bool is_named) {
    const AssemblyId id = add_assembly(AssemblyModel::Kind::crypt);
    AssemblyModel &volume = machine_.assemblies[id];
    volume.key = std::move(key);
    volume.is_named = is_named;
    // Without a name nothing but the template's own keys holds.
    volume.retries = is_named ? random_.below(3) : 0;
    volume.plan = plan(volume.retries, weights_.retries);
    roll_prompts(volume.plan.attempts.back());
    volume.members = {member};
    machine_.devices[member].member_of = id;
    return id;
}

DeviceId StackBuilder::on_volume(Facts content, unsigned layers, bool is_needed) {
    const std::string key = std::format("v{}", volumes_++);
    const DeviceId member = device({{"fs_type", "crypt"}, {"fs_uuid", key}}, layers - 1, is_needed);
    const bool is_named = is_needed ? !random_.chance(weights_.unnamed) : random_.chance(25);
    const AssemblyId id = volume(member, key, is_named);
    const DeviceId opened = add_device(std::move(content), std::format("mapper/{}", key));
    machine_.devices[opened].made_by = id;
    machine_.assemblies[id].makes = {opened};
    return opened;
}

void StackBuilder::shared_file_system(Facts content, unsigned layers) {
    const AssemblyId id = add_assembly(AssemblyModel::Kind::shared);
    const unsigned count = random_.between(2, 4);
    machine_.assemblies[id].tolerates = random_.below(2);
    machine_.assemblies[id].tells_expected = true;
    machine_.assemblies[id].shows = std::move(content);
    add_members(id, count, layers, true);
}

// ---- what goes wrong ----------------------------------------------------------------------------

Duration StackBuilder::roll_work() {
    return random_.chance(85) ? random_.between(kMillisecond, 300 * kMillisecond)
                              : random_.between(300 * kMillisecond, 2 * kSecond);
}

Plan StackBuilder::plan(unsigned max_retries, unsigned percent) {
    Plan plan;
    plan.attempts.clear();
    const bool is_bad = random_.chance(weights_.faults);
    unsigned again = random_.chance(percent) ? random_.between(0, max_retries) : 0;
    if (is_bad && percent > 0 && random_.chance(30))
        again = max_retries + 1;
    for (; again > 0; --again)
        plan.attempts.push_back({.end = Attempt::End::retry, .takes = roll_work()});
    plan.attempts.push_back({.takes = roll_work()});
    if (is_bad)
        plan.attempts.back().end = random_.chance(60) ? Attempt::End::crash : Attempt::End::hang;
    for (Attempt &attempt : plan.attempts)
        roll_ending(attempt);
    return plan;
}

void StackBuilder::roll_ending(Attempt &attempt) {
    attempt.answers_twice = random_.chance(weights_.odd_answers);
    attempt.says_done_when_cancelled = random_.chance(weights_.odd_answers);
    attempt.cancel_takes = random_.between(kMillisecond, 3 * kSecond);
}

void StackBuilder::roll_prompts(Attempt &attempt) {
    if (!random_.chance(weights_.prompts))
        return;
    const unsigned wrong = random_.chance(70) ? 0 : random_.between(1, 3);
    for (unsigned count = wrong + 1; count > 0; --count)
        attempt.prompts.push_back(random_.chance(80)
                                      ? random_.between(kSecond, 20 * kSecond)
                                      : random_.between(20 * kSecond, 300 * kSecond));
    attempt.is_left_alone = random_.chance(weights_.alone);
}

} // namespace slipway::sim
