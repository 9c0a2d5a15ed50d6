// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string_view>

namespace slipway::sim {

// How often, in percent of the boots (or of the places where it could be), the generator makes
// something. Zero switches a thing off. The defaults are what the engine is held to.
struct Weights {
    unsigned missing = 4;      // of disks: they never come
    unsigned late = 2;         // … or after the deadline
    unsigned vanishing = 3;    // … or go away, and mostly come back
    unsigned changing = 8;     // … or are announced again
    unsigned bad_probe = 2;    // of devices: the first inspection crashes or hangs
    unsigned faults = 5;       // of jobs: crash, hang, too many retries
    unsigned retries = 12;     // of jobs: answers "retry", but not too often
    unsigned odd_answers = 10; // of jobs: answers twice, or "done" after its cancellation
    unsigned prompts = 60;     // of volumes: a person is asked
    unsigned alone = 8;        // of prompts: nobody answers
    unsigned unnamed = 4;      // of volumes below the root: locked, and nothing names them
    unsigned duplicates = 4;   // of boots: two devices answer to root=
    unsigned privates = 4;     // of boots: a private layer answers to root= as well
    unsigned resume = 50;      // of boots: a job before the barrier
    unsigned unlimited = 5;    // of boots: no limit for devices
    unsigned large = 1;        // of boots: up to 200 devices
    unsigned bad_import = 2;   // of imports
    unsigned never = 20;       // of boots: a unit that nobody wants, with a job

    unsigned shared = 10;           // of layers: a file system on several devices
    unsigned asking = 10;           // of layers: a person decides about absent members
    unsigned piecemeal = 15;        // of layers: started with some of its members
    unsigned eager = 10;            // of boots: assembled on sight, by option
    unsigned late_goals = 25;       // of boots: /usr and others, read from the root
    unsigned alternatives = 10;     // of boots: several places for the root
    unsigned conflicts = 15;        // of boots: jobs that exclude each other
    unsigned milestones = 15;       // of boots
    unsigned services = 15;         // of boots: the root needs a service
    unsigned resources = 40;        // of boots: volumes share memory
    unsigned conditions = 15;       // of boots: a job that would fail, but is skipped
    unsigned overrides = 15;        // of boots: a drop-in gives a job more tries
    unsigned memberless = 3;        // of boots: a named volume whose device never comes
    unsigned assembly_retries = 12; // of assemblies: they answer "retry", but not too often
    unsigned sure_return = 100;     // 100: a device that came back counts as there

    struct Row {
        std::string_view name;
        unsigned Weights::*field;
    };
};

inline constexpr std::array kWeightRows = {
    Weights::Row{"missing", &Weights::missing},
    Weights::Row{"late", &Weights::late},
    Weights::Row{"vanishing", &Weights::vanishing},
    Weights::Row{"changing", &Weights::changing},
    Weights::Row{"bad-probe", &Weights::bad_probe},
    Weights::Row{"faults", &Weights::faults},
    Weights::Row{"retries", &Weights::retries},
    Weights::Row{"odd-answers", &Weights::odd_answers},
    Weights::Row{"prompts", &Weights::prompts},
    Weights::Row{"alone", &Weights::alone},
    Weights::Row{"unnamed", &Weights::unnamed},
    Weights::Row{"duplicates", &Weights::duplicates},
    Weights::Row{"privates", &Weights::privates},
    Weights::Row{"resume", &Weights::resume},
    Weights::Row{"unlimited", &Weights::unlimited},
    Weights::Row{"large", &Weights::large},
    Weights::Row{"bad-import", &Weights::bad_import},
    Weights::Row{"never", &Weights::never},
    Weights::Row{"shared", &Weights::shared},
    Weights::Row{"asking", &Weights::asking},
    Weights::Row{"piecemeal", &Weights::piecemeal},
    Weights::Row{"eager", &Weights::eager},
    Weights::Row{"late-goals", &Weights::late_goals},
    Weights::Row{"alternatives", &Weights::alternatives},
    Weights::Row{"conflicts", &Weights::conflicts},
    Weights::Row{"milestones", &Weights::milestones},
    Weights::Row{"services", &Weights::services},
    Weights::Row{"resources", &Weights::resources},
    Weights::Row{"conditions", &Weights::conditions},
    Weights::Row{"overrides", &Weights::overrides},
    Weights::Row{"memberless", &Weights::memberless},
    Weights::Row{"assembly-retries", &Weights::assembly_retries},
    Weights::Row{"sure-return", &Weights::sure_return},
};

// Invariants that the engine does not keep yet: not checked unless --strict says so. To become
// empty, like the zeros above.
inline constexpr std::array<std::string_view, 0> kNotKeptYet = {};

} // namespace slipway::sim
