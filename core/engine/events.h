// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "unit/unit.h"

// What goes into the engine and what comes out. Plain values: the same events drive PID 1, the
// simulator and `slipway replay`.
namespace slipway {

using JobId = std::uint32_t; // 0: none

enum class Operation : std::uint8_t { inspect, activate, deactivate, import };
enum class Mode : std::uint8_t { normal, degraded };
enum class JobOutcome : std::uint8_t { done, incomplete, failed, retry };

// ---- events -------------------------------------------------------------------------------------

// The kernel announced a device, or that it changed. `facts` are the kernel's; what plugins
// published about an earlier state stays until they have inspected the device again.
struct DeviceChanged {
    std::string syspath;
    Facts facts;
};

struct DeviceGone {
    std::string syspath;
};

struct Membership {
    std::string unit; // "group@key"
    std::string name;
    unsigned expected = 0; // 0: not known
    std::vector<std::string> provides;
};

// A worker ended, in whatever way. Also the answer to CancelJob.
struct JobFinished {
    JobId job = 0;
    JobOutcome outcome = JobOutcome::failed;
    std::string reason;
    std::vector<std::string> missing;
    std::map<std::string, Facts> published; // by syspath
    std::vector<Membership> memberships;    // of inspect
    std::vector<Unit> units;                // of import
};

// A job waits for a person: from now on no wait for a device counts, nor the job's own time.
struct PromptOpened {
    JobId job = 0;
};
struct PromptClosed {
    JobId job = 0;
};

// A timer that the engine armed has expired; also sent when nothing else happened.
struct TimePassed {};

// A person wants another try after an emergency: failed units become waiting ones again.
struct RetryFailed {};

using Event = std::variant<DeviceChanged, DeviceGone, JobFinished, PromptOpened, PromptClosed,
                           TimePassed, RetryFailed>;

// ---- actions ------------------------------------------------------------------------------------

struct DeviceView {
    std::string syspath;
    Facts facts;
};

struct StartJob {
    JobId job = 0;
    Operation operation = Operation::activate;
    Mode mode = Mode::normal;
    std::string plugin;
    std::string unit; // empty for inspect and import
    Params params;
    std::vector<DeviceView> devices;
    std::vector<std::string> wanted; // device references that goals still wait for
};

// End the worker; JobFinished must follow in bounded time, whatever the worker does.
struct CancelJob {
    JobId job = 0;
    std::string reason;
};

// Facts were published: links and the device database want an update.
struct DeviceUpdated {
    std::string syspath;
};

// There is one timer; this replaces it. Nothing: no timer.
struct ArmTimer {
    std::optional<Duration> when;
};

struct LogMessage {
    LogLevel level = LogLevel::info;
    std::string text;
};

// All goals are reached and no job runs: end what is left and switch root.
struct EnterRealRoot {};

// A goal cannot be reached. `why` is the chain of reasons, one per line.
struct EnterEmergency {
    std::string why;
};

using Action = std::variant<StartJob, CancelJob, DeviceUpdated, ArmTimer, LogMessage, EnterRealRoot,
                            EnterEmergency>;

} // namespace slipway
