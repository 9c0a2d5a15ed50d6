// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "unit/facts.h"
#include "unit/unit.h"

// A random machine: what there is, when it comes, and what goes wrong. Made from a seed by the
// generator; the world plays it, the oracle judges it. Plain values.
namespace slipway::sim {

using DeviceId = std::size_t;
using AssemblyId = std::size_t;

constexpr Duration kMillisecond = std::chrono::milliseconds(1);
constexpr Duration kSecond = std::chrono::seconds(1);

// One run of a job, as its worker will do it.
struct Attempt {
    enum class End : std::uint8_t { done, crash, retry, hang };
    End end = End::done;
    Duration takes{0};
    std::vector<Duration>
        prompts{};              // how long a person needs for each answer; wrong ones come first
    bool is_left_alone = false; // the last prompt is closed by its own timeout; the job fails
    std::string resource{};     // asked for at run time; empty: none
    std::uint64_t amount = 0;
    bool answers_twice = false;
    bool says_done_when_cancelled = false;
    Duration cancel_takes{0};
};

// The last attempt repeats.
struct Plan {
    std::vector<Attempt> attempts{1};
    [[nodiscard]] const Attempt &at(std::size_t number) const {
        return attempts[number < attempts.size() ? number : attempts.size() - 1];
    }
};

struct DeviceModel {
    std::string name;                  // below /sys/devices/
    Facts kernel;                      // what the kernel says
    Facts probed;                      // what the probe finds
    std::optional<Duration> arrives;   // of the kernel's own devices; nothing: never
    std::optional<AssemblyId> made_by; // comes when this assembly is active
    std::optional<AssemblyId> member_of;
    std::optional<Duration> vanishes;
    std::optional<Duration> returns;
    std::vector<Duration> changes;
    Duration probing{0};
    // The first `bad_probes` inspections end so, later ones succeed. A first crash is tried again
    // at once, a hang is not.
    Attempt::End bad_end = Attempt::End::crash;
    unsigned bad_probes = 0;
    [[nodiscard]] bool is_given_up() const {
        return bad_probes > (bad_end == Attempt::End::crash ? 1U : 0U);
    }

    [[nodiscard]] std::string syspath() const { return "/sys/devices/" + name; }
    [[nodiscard]] std::string devnode() const { return "/dev/" + name; }
};

// What a person may do with the engine's question.
enum class Answer : std::uint8_t { none, no, yes };

struct AssemblyModel {
    enum class Kind : std::uint8_t { array, strict, asking, group, shared, crypt, pieces };
    Kind kind = Kind::array;
    std::string key;
    std::vector<DeviceId> members;
    std::vector<DeviceId> makes;
    unsigned tolerates = 0; // absent members
    bool tells_expected = true;
    bool tells_provides = false;
    bool is_named = false; // a volume that an importer names
    bool is_eager = false; // started as soon as it exists, whoever needs it
    unsigned retries = 0;
    Facts shows; // of a shared file system: facts of its first member, once it is active
    Plan plan;

    [[nodiscard]] std::string unit() const;
    [[nodiscard]] std::size_t needed() const { return members.size() - tolerates; }
};

// A unit that is not an assembly; its text is made from this.
struct JobModel {
    enum class Source : std::uint8_t { file, import, root }; // root: read from the mounted root
    std::string name;
    UnitKind kind = UnitKind::job;
    std::string plugin = "fs";
    Source source = Source::import;
    std::vector<std::string> required;
    std::vector<std::string> before;
    std::vector<std::string> conflicts;
    std::vector<std::string> milestones;
    std::vector<std::string> any_of;
    bool race = false;
    std::string reference; // device
    std::optional<Duration> device_timeout;
    Duration timeout = std::chrono::seconds(90);
    unsigned retries = 0;
    std::optional<unsigned> other_retries; // by a drop-in
    bool writes = false;
    bool is_goal = false;
    bool is_never = false;   // wanted = "never"
    bool is_skipped = false; // by a condition on the kernel command line
    bool reads_root = false; // its job emits the units of Source::root
    Params resources;
    AtSwitch at_switch = AtSwitch::cancel;
    Plan plan;

    [[nodiscard]] bool has_job() const { return kind != UnitKind::target; }
};

struct Machine {
    std::uint64_t seed = 0;
    std::vector<DeviceModel> devices;
    std::vector<AssemblyModel> assemblies;
    std::vector<JobModel> jobs; // "sysroot" is one of them
    Plan fs_import;             // of root, goals and jobs
    Plan crypt_import;          // of named volumes
    std::optional<Duration> device_timeout;
    Duration degraded_wait{0}; // for all policies
    std::map<std::string, std::uint64_t, std::less<>> resources;
    std::map<std::string, std::string, std::less<>> options;
    std::string overrides; // a drop-in, TOML
    Answer answer = Answer::none;
    Duration answer_takes{0};
    bool names_device = false; // named volumes have a device reference

    [[nodiscard]] const JobModel *job(std::string_view name) const;
    [[nodiscard]] const AssemblyModel *assembly(std::string_view unit) const;
    // Devices that answer to a reference once they are probed.
    [[nodiscard]] std::vector<DeviceId> answering(std::string_view reference) const;
    // Shared file systems whose members do so once it is active.
    [[nodiscard]] std::vector<AssemblyId> showing(std::string_view reference) const;
    // The TOML of the units with this source; of the importer of volumes.
    [[nodiscard]] std::string units_of(JobModel::Source source) const;
    [[nodiscard]] std::string named_volumes() const;
};

// "UUID=…" of a volume, as an importer names its device.
[[nodiscard]] std::string volume_reference(const AssemblyModel &volume);

} // namespace slipway::sim
