// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/generator.h"

#include <array>
#include <format>
#include <utility>

#include "sim/explorer/stack_builder.h"

namespace slipway::sim {

namespace {

class Generator {
public:
    Generator(std::uint64_t seed, const Weights &weights) : random_(seed), weights_(weights) {
        machine_.seed = seed;
    }

    Machine make();

private:
    void set_limits();
    std::string add_root_device();
    void add_root(const std::string &reference);
    void add_alternatives(const std::string &reference);
    void add_late_goals();
    void add_foreign_stacks();
    void add_doubles();
    void add_resume();
    void add_root_needs();
    void add_side_jobs();
    void add_memory();
    JobModel &add_job(std::string name, UnitKind kind, std::string plugin);
    JobModel &root() { return *root_of(machine_.jobs); }
    static JobModel *root_of(std::vector<JobModel> &jobs);
    [[nodiscard]] unsigned layers() {
        return random_.chance(50) ? random_.below(3) : random_.below(7);
    }

    Machine machine_;
    Random random_;
    const Weights &weights_;
    StackBuilder stack_{machine_, random_, weights_};
    DeviceId root_device_ = 0;
    bool has_root_device_ = false;
};

JobModel *Generator::root_of(std::vector<JobModel> &jobs) {
    for (JobModel &job : jobs) {
        if (job.name == "sysroot")
            return &job;
    }
    return nullptr;
}

Machine Generator::make() {
    set_limits();
    const std::string reference = add_root_device();
    if (random_.chance(weights_.alternatives))
        add_alternatives(reference);
    else
        add_root(reference);
    add_root_needs();
    if (random_.chance(weights_.late_goals))
        add_late_goals();
    add_foreign_stacks();
    add_doubles();
    if (random_.chance(weights_.resume))
        add_resume();
    add_side_jobs();
    if (random_.chance(weights_.resources))
        add_memory();
    return std::move(machine_);
}

void Generator::set_limits() {
    constexpr std::array kTimeouts = {20, 60, 90, 90};
    constexpr std::array kWaits = {3, 8, 20};
    machine_.device_timeout = kTimeouts[random_.below(kTimeouts.size())] * kSecond;
    if (random_.chance(weights_.unlimited))
        machine_.device_timeout.reset();
    machine_.degraded_wait = kWaits[random_.below(kWaits.size())] * kSecond;
    machine_.answer = static_cast<Answer>(random_.below(3));
    machine_.answer_takes = random_.between(kSecond, 60 * kSecond);
    machine_.names_device = random_.chance(30);
    machine_.options["sim.skip"] = "yes";
    for (Plan *plan : {&machine_.fs_import, &machine_.crypt_import}) {
        plan->attempts = {{.takes = random_.between(kMillisecond, 500 * kMillisecond)}};
        if (random_.chance(weights_.bad_import))
            plan->attempts[0].end = random_.chance(50) ? Attempt::End::crash : Attempt::End::hang;
    }
    if (random_.chance(weights_.large))
        stack_.limit_devices(150);
}

// ---- the root -----------------------------------------------------------------------------------

std::string Generator::add_root_device() {
    const Facts content = {
        {"ready", "1"}, {"fs_type", "ext4"}, {"fs_uuid", "root"}, {"fs_label", "system"}};
    if (random_.chance(weights_.shared)) {
        stack_.shared_file_system(content, 1 + random_.below(3));
        return "UUID=root";
    }
    root_device_ = stack_.device(content, layers(), true);
    has_root_device_ = true;
    // What lies deeper than the names that a group tells is not known before it is active: a group
    // that tells other names is not taken for one that leads to the root.
    for (AssemblyId id = 0; id < machine_.assemblies.size(); ++id)
        machine_.assemblies[id].tells_provides &= machine_.devices[root_device_].made_by == id;
    const unsigned dice = random_.below(100);
    if (dice < 65)
        return "UUID=root";
    return dice < 80 ? "LABEL=system" : machine_.devices[root_device_].devnode();
}

JobModel &Generator::add_job(std::string name, UnitKind kind, std::string plugin) {
    JobModel job;
    job.name = std::move(name);
    job.kind = kind;
    job.plugin = std::move(plugin);
    job.retries = random_.below(3);
    job.plan = stack_.plan(job.retries, weights_.retries);
    machine_.jobs.push_back(std::move(job));
    return machine_.jobs.back();
}

void Generator::add_root(const std::string &reference) {
    const bool has_check = random_.chance(60);
    if (has_check) {
        JobModel &check = add_job("fsck-sysroot", UnitKind::job, "fs");
        check.reference = reference;
        check.writes = true;
        if (random_.chance(weights_.overrides)) {
            check.other_retries = check.retries + 3;
            check.plan = stack_.plan(*check.other_retries, 60);
            machine_.overrides = std::format(
                "[[override]]\nname = \"fsck-sysroot\"\nretries = {}\n", *check.other_retries);
        }
    }
    JobModel &mount = add_job("sysroot", UnitKind::mount, "fs");
    mount.reference = reference;
    mount.writes = random_.chance(80);
    if (has_check)
        mount.required.emplace_back("fsck-sysroot");
}

void Generator::add_alternatives(const std::string &reference) {
    (void)stack_.device({{"fs_type", "ext4"}, {"fs_uuid", "spare"}}, random_.below(3), true);
    for (const auto &[name, device] :
         {std::pair("root-first", reference), std::pair("root-spare", std::string("UUID=spare"))}) {
        JobModel &mount = add_job(name, UnitKind::mount, "fs");
        mount.reference = device;
        mount.writes = true;
        mount.is_never = true;
        if (random_.chance(50))
            mount.device_timeout = random_.between(5U, 30U) * kSecond;
    }
    JobModel &root = add_job("sysroot", UnitKind::target, "");
    root.any_of = {"root-first", "root-spare"};
    root.race = random_.chance(50);
}

void Generator::add_root_needs() {
    if (random_.chance(weights_.services)) {
        add_job("link", UnitKind::service, "side");
        root().required.emplace_back("link");
    }
    if (random_.chance(weights_.milestones)) {
        add_job("settled", UnitKind::job, "side");
        root().milestones.emplace_back("settled");
    }
    if (random_.chance(weights_.conditions)) {
        JobModel &skipped = add_job("skipped", UnitKind::job, "side");
        skipped.is_skipped = true;
        root().required.emplace_back("skipped");
    }
    if (random_.chance(weights_.memberless)) {
        Facts content = {{"fs_type", "crypt"}, {"fs_uuid", "gone"}};
        const DeviceId member = stack_.disk(std::move(content));
        DeviceModel &device = machine_.devices[member];
        device.arrives = device.vanishes = device.returns = std::nullopt;
        const AssemblyId volume = stack_.volume(member, "gone", true);
        root().required.push_back(machine_.assemblies[volume].unit());
    }
}

void Generator::add_late_goals() {
    JobModel &reader = add_job("read-fstab", UnitKind::job, "fs");
    reader.required = {"sysroot"};
    reader.is_goal = true;
    reader.reads_root = true;
    constexpr std::array<std::string_view, 2> kNames = {"usr", "var"};
    for (unsigned count = random_.below(3), number = 0; number < count; ++number) {
        const std::string name(kNames[number]);
        (void)stack_.device({{"fs_type", "ext4"}, {"fs_uuid", name}}, random_.below(4), true);
        JobModel &goal = add_job(name, UnitKind::mount, "fs");
        goal.source = JobModel::Source::root;
        goal.reference = "UUID=" + name;
        goal.is_goal = true;
        goal.writes = random_.chance(50);
    }
}

// ---- what else there is -------------------------------------------------------------------------

void Generator::add_foreign_stacks() {
    if (random_.chance(weights_.large))
        stack_.limit_devices(190);
    for (unsigned count = random_.below(4), number = 0; number < count; ++number) {
        Facts content = {{"fs_type", "ext4"}, {"fs_uuid", std::format("foreign{}", number)}};
        (void)stack_.device(std::move(content), random_.below(4), false);
    }
    if (random_.chance(weights_.eager)) {
        machine_.options["sim.eager"] = "yes";
        for (AssemblyModel &assembly : machine_.assemblies) {
            const bool is_free = assembly.kind == AssemblyModel::Kind::array;
            assembly.is_eager = is_free && random_.chance(50);
        }
    }
    while (machine_.devices.size() < 180 && random_.chance(machine_.devices.size() > 60 ? 97 : 40))
        (void)stack_.disk(
            {{"fs_type", "ext4"}, {"fs_uuid", std::format("disk{}", machine_.devices.size())}});
}

void Generator::add_doubles() {
    const Facts content = {
        {"ready", "1"}, {"fs_type", "ext4"}, {"fs_uuid", "root"}, {"fs_label", "system"}};
    if (random_.chance(weights_.duplicates))
        (void)stack_.disk(content);
    if (has_root_device_ && random_.chance(weights_.privates)) {
        const DeviceId layer = stack_.disk(content);
        machine_.devices[layer].kernel["private"] = "1";
    }
}

void Generator::add_resume() {
    JobModel &resume = add_job("resume", UnitKind::job, "side");
    resume.source = JobModel::Source::file;
    resume.before = {"resume-decided"};
    resume.reference = "UUID=swap";
    resume.device_timeout = random_.between(10U, 60U) * 100 * kMillisecond;
    if (random_.chance(60))
        (void)stack_.disk({{"fs_type", "swap"}, {"fs_uuid", "swap"}});
}

void Generator::add_side_jobs() {
    if (random_.chance(weights_.never))
        add_job("never-wanted", UnitKind::job, "side").is_never = true;
    for (unsigned count = random_.below(3), number = 0; number < count; ++number) {
        JobModel &job = add_job(std::format("side{}", number), UnitKind::job, "side");
        job.at_switch = random_.chance(30) ? AtSwitch::finish : AtSwitch::cancel;
    }
    if (!random_.chance(weights_.conflicts))
        return;
    for (const auto &[name, other] : {std::pair("cat", "dog"), std::pair("dog", "cat")}) {
        JobModel &job = add_job(name, UnitKind::job, "side");
        if (random_.chance(70))
            job.conflicts = {other};
    }
    if (machine_.job("cat")->conflicts.empty() && machine_.job("dog")->conflicts.empty())
        machine_.jobs.back().conflicts = {"cat"};
}

void Generator::add_memory() {
    machine_.resources = {{"memory", 1000}};
    for (AssemblyModel &volume : machine_.assemblies) {
        if (volume.kind != AssemblyModel::Kind::crypt || !random_.chance(70))
            continue;
        for (Attempt &attempt : volume.plan.attempts) {
            attempt.resource = "memory";
            attempt.amount = random_.between(200, 1200);
        }
    }
    for (JobModel &job : machine_.jobs) {
        if (job.name.starts_with("side"))
            job.resources = {{random_.chance(50) ? "memory" : "slot", "1"}};
    }
}

} // namespace

Machine make_machine(std::uint64_t seed, const Weights &weights) {
    return Generator(seed, weights).make();
}

} // namespace slipway::sim
