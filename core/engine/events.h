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
// Every question of a boot has a number of its own, whoever asks: a job, a program or the engine.
using QuestionId = std::uint32_t; // 0: none

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
    std::vector<std::string> units;         // of import and activate: TOML texts (docs/units.md)
};

// The job of a service says that what it stands for can be used; the job itself goes on. It may say
// so again, with other facts.
struct ServiceReady {
    JobId job = 0;
    std::map<std::string, Facts> published; // by syspath; all that the plugin knows of each
};

// A job asks a person: from now on no wait for a device counts, nor the job's own time. The
// question is to be shown when the engine answers with ShowPrompt.
struct PromptOpened {
    JobId job = 0;
    std::string text;        // for why(): "Passphrase for cryptroot (/dev/vda2)"
    QuestionId question = 0; // Engine::next_question(); 0: not known, as in old records
};
// Answered, cancelled, timed out: the job goes on.
struct PromptClosed {
    JobId job = 0;
};

// A person answered a Question of the engine.
struct QuestionAnswered {
    QuestionId question = 0;
    bool is_yes = false;
};

// A job needs `amount` of a resource for its next step, and stands still until ResourceGranted.
struct ResourceRequested {
    JobId job = 0;
    std::string resource;
    std::uint64_t amount = 1;
};
// It gives back what it asked for. The end of the job does so as well.
struct ResourceReleased {
    JobId job = 0;
};

// A timer that the engine armed has expired; also sent when nothing else happened.
struct TimePassed {};

// A person wants another try after an emergency: failed units become waiting ones again.
struct RetryFailed {};

// What a person asks for while the boot runs. Unknown units and commands that make no sense in the
// unit's state are answered with a LogMessage.
struct UserCommand {
    enum class Verb : std::uint8_t {
        retry,       // a failed unit is tried again
        skip,        // the unit counts as ready, whatever it waits for
        set_deadline // its present wait ends after `time`, in runnable time; zero: no limit
    };
    Verb verb = Verb::retry;
    std::string unit;
    Duration time{0};
};

// A program asks a person on its own, with an ask file: from now on no wait for a device counts. If
// it works for a job, that job's own time does not count either. The question is to be shown when
// the engine answers with ShowForeignPrompt.
struct ForeignPromptOpened {
    std::uint32_t number = 0; // of whoever reports it, no QuestionId
    JobId job = 0;
    std::string text;
    QuestionId question = 0; // as in PromptOpened
    std::string file = {};   // name of the ask file; empty: not known
};
struct ForeignPromptClosed {
    std::uint32_t number = 0;
};

// A job says what it is doing now: for people, decides nothing.
struct JobProgressed {
    JobId job = 0;
    std::string text;
};

// A person lets the boot go on after OpenBreak.
struct BreakContinued {
    std::string name;
};

// The order is that of the record's format: only append.
using Event = std::variant<DeviceChanged, DeviceGone, JobFinished, PromptOpened, PromptClosed,
                           TimePassed, RetryFailed, ServiceReady, QuestionAnswered,
                           ResourceRequested, ResourceReleased, UserCommand, ForeignPromptOpened,
                           ForeignPromptClosed, JobProgressed, BreakContinued>;

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

// The console is free for the question of this job (see PromptOpened).
struct ShowPrompt {
    JobId job = 0;
};

// The engine itself asks a person: yes or no. Shown at once.
struct AskQuestion {
    QuestionId question = 0;
    std::string text;
};
// It is not of interest any more; QuestionAnswered is ignored from now on.
struct WithdrawQuestion {
    QuestionId question = 0;
};

// The answer to ResourceRequested.
struct ResourceGranted {
    JobId job = 0;
};

// The console is free for the question of a program (see ForeignPromptOpened).
struct ShowForeignPrompt {
    std::uint32_t number = 0;
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

// The boot has come to a point at which a person wants to stop: until BreakContinued, nothing
// behind it is started, and no wait counts.
struct OpenBreak {
    std::string name;        // as the person wrote it
    std::string description; // "before …"
};

using Action = std::variant<StartJob, CancelJob, DeviceUpdated, ArmTimer, LogMessage, EnterRealRoot,
                            EnterEmergency, ShowPrompt, AskQuestion, WithdrawQuestion,
                            ResourceGranted, ShowForeignPrompt, OpenBreak>;

} // namespace slipway
