// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "unit/device_reference.h"
#include "unit/facts.h"

// The graph as it is written, before anything runs: what the TOML files say (docs/units.md), with
// defaults filled in. Plain values, made by the unit loader and by importers, read by the engine.
namespace slipway {

enum class UnitKind : std::uint8_t { target, job, service, assembly, mount };
enum class Wanted : std::uint8_t {
    named,     // only when somebody writes an instance out
    automatic, // as soon as it may lead to an unmet goal
    always,    // as soon as there is an instance
    never,     // only when another unit requires or wants it
};
enum class AtSwitch : std::uint8_t {
    cancel,
    finish,
    run, // starts only when every goal is reached and all other jobs have ended
};
// Who turns kernel devices into slipway's devices, docs/architecture.md.
enum class DeviceBackend : std::uint8_t {
    native, // PID 1 hears the kernel, makes the links and writes the host's udev database
    udevd,  // PID 1 hears udevd, which does all that
};

// Where something was written, for messages: "units/fs.toml:12". Line 0: unknown.
struct Origin {
    std::string file;
    unsigned line = 0;
    [[nodiscard]] std::string text() const {
        return line == 0 ? file : file + ":" + std::to_string(line);
    }
};

// When an assembly may start without all its members.
struct DegradedPolicy {
    enum class Then : std::uint8_t { start, ask, fail };
    Duration wait = std::chrono::seconds(30);
    Then then = Then::start;
};

using Params = std::map<std::string, std::string, std::less<>>;

// What must hold: option of the kernel command line, or fact of the unit's device or of one of its
// members → pattern, as in claims ("*" any text, "!" absent; for options also "yes" and "no", which
// compare booleans). Empty: always holds.
using UnitCondition = Params;

// `values`: options or facts; list-valued ones hold one value per line, of which one must match.
[[nodiscard]] bool holds(const UnitCondition &condition, const Facts &values);

struct Unit {
    std::string name; // "group@" is a template, "group@key" an instance
    UnitKind kind = UnitKind::target;
    std::string description;
    std::string hint;   // what a person can do when this keeps a boot waiting; {key} is replaced
    std::string plugin; // empty for targets
    Wanted wanted = Wanted::automatic;
    std::optional<DegradedPolicy> degraded;
    std::optional<Duration> timeout = std::chrono::seconds(90); // nothing: no limit
    unsigned retries = 0;
    // Replaces `retries`: so long since the first one may a try begin. Zero: as long as a device
    // may be waited for.
    std::optional<Duration> retry_for;
    Duration backoff = std::chrono::seconds(1);
    std::optional<Duration> backoff_limit; // of the pauses that double
    std::vector<std::string> required;     // "requires" is a keyword in C++
    std::vector<std::string> wants;
    std::vector<std::string> after;
    std::vector<std::string> before;
    std::vector<std::string> conflicts;  // never active at the same time as these
    std::vector<std::string> milestones; // as `required` until reached once, then nothing
    std::vector<std::string> any_of;     // one of these must be ready
    std::optional<DeviceReference> device;
    // Of the wait for `device`. Outer nothing: the boot's default; zero: no limit.
    std::optional<Duration> device_timeout;
    // Of assemblies that bring only what was waited for when they were started: run again when
    // something else is waited for that may lie in them.
    bool on_demand = false;
    // Of assemblies that may bring some of what is in them before all members are there: run with
    // the first one, and after "incomplete" again with each that arrives.
    bool piecemeal = false;
    // Of assemblies whose members are what people mount when it is up, as those of a file system on
    // several devices. Otherwise members never answer to references.
    bool members_answer = false;
    bool writes = false;
    bool barrier = false;
    bool goal = false; // the switch waits for this unit, whoever brought it in
    bool race = false; // any_of: all at once instead of one after the other
    // An instance that somebody wrote out, as opposed to one made by a claim.
    bool is_explicit = true;
    AtSwitch at_switch = AtSwitch::cancel;
    UnitCondition if_option; // of the command line; fails: the unit ends as skipped
    UnitCondition if_fact;   // of its device or members; fails: the unit ends as skipped
    UnitCondition always_if; // options under which `wanted` is "always"
    // Resource → amount, a number or "{fact}" of a member; taken before the job starts.
    Params resources;
    Params params;
    Origin origin;

    [[nodiscard]] bool is_template() const noexcept { return name.ends_with('@'); }
};

// What a template makes under this name: "{key}" in names of units, in the device and in params is
// replaced.
[[nodiscard]] Unit instance_of(const Unit &base, std::string_view name);

// "group@key" → "group@"; empty if the name has no '@'.
[[nodiscard]] std::string template_name(std::string_view unit_name);
// "group@key" → "key"; empty if the name has no '@'.
[[nodiscard]] std::string instance_key(std::string_view unit_name);

struct Claim {
    std::string plugin;
    std::vector<std::pair<std::string, std::string>> match; // fact, pattern; "!" means absent
    std::string unit;                                       // empty: ask inspect
    std::string name;
    unsigned members = 1;
    bool lazy = false; // nobody is asked while nothing that is wanted is missed
    Origin origin;

    [[nodiscard]] bool matches(const Facts &facts) const;
};

// A kernel command line key that a plugin reads.
struct OptionSpec {
    std::string key;
    bool list = false;   // every occurrence counts
    bool bare = false;   // may stand without "=value"
    bool import = false; // its presence makes the import operation run
    std::string join;    // occurrences are joined with this
    std::string help;
};

struct PluginSpec {
    std::string name;
    std::string library; // file name below the plugin directory
    unsigned abi = 1;
    unsigned workers = 0; // 0: a process of its own per operation
    bool always_import = false;
    std::vector<std::string> import_files;
    // Files of the real root that it reads at boot; import is asked about them when an image is
    // made.
    std::vector<std::string> root_files;
    std::vector<std::string> imports; // names (patterns) of the units that import may define
    std::vector<OptionSpec> options;
    Origin origin;
};

// A drop-in: the keys that it names replace those of the unit, whoever defines that one.
struct Override {
    Unit values; // name and the keys below
    std::vector<std::string> keys;
};

// A point at which a person may stop the boot (rd.break=). Until that break is over, the units that
// it holds are not started.
struct Breakpoint {
    enum class At : std::uint8_t {
        units,      // opens when one of the held units could start, see `after`
        start,      // before anything is started
        switch_root // when all is done but the switch
    };
    std::vector<std::string> names; // several words for the same point
    std::string description;        // "before …"
    At at = At::units;
    // Opens when these have ended instead, as far as they are wanted.
    std::vector<std::string> after;
    std::vector<std::string> held; // "holds": patterns; with '!' in front: not those
    Origin origin;

    [[nodiscard]] bool holds(std::string_view unit) const;
};

// Everything the files said.
struct UnitSet {
    std::vector<PluginSpec> plugins;
    std::vector<Claim> claims;
    std::vector<Unit> units;
    std::vector<Override> overrides;
    std::vector<Breakpoint> breakpoints; // in the order of the files
    // Capacities of resources beyond those that the boot measures ("memory", "cpu", "console").
    std::map<std::string, std::uint64_t, std::less<>> resources;
    DeviceBackend devices = DeviceBackend::native;
};

// One problem found while loading or checking: "units/fs.toml:12: …remedy".
struct UnitProblem {
    Origin origin;
    std::string message;
    // The unit or plugin that is unusable because of it; empty if the whole file is.
    std::string subject;
    [[nodiscard]] std::string text() const { return origin.text() + ": " + message; }
};

} // namespace slipway
