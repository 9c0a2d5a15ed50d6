// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "boot/console.h"
#include "boot/console_shells.h"
#include "boot/prompt_broker.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

struct EmergencyReport {
    std::string headline;              // one sentence: what the boot cannot do
    std::vector<std::string> why;      // the chain from the goal to the missing thing, a line each
    std::vector<std::string> remedies; // what a person can do about it, a line each
    // Grows whenever something got done (jobs that ended well, say). If it did not grow between
    // two emergencies, the shell changed nothing.
    std::uint64_t progress = 0;
    // What led here, for `slipway replay`; empty: nobody recorded it. Must live as
    // long as the call.
    std::string_view record = {};
};

// What the user's command line says about failures; the caller maps it from the boot
// configuration.
struct EmergencyPolicy {
    static constexpr Duration kDefaultDelay = Duration(10'000'000);

    bool is_shell_allowed = true;
    std::string why_no_shell = {};
    bool needs_password = false;                // of root, before the shell
    PowerAction action = PowerAction::poweroff; // without a shell, and after one that did not help
    std::optional<Duration> delay = std::nullopt; // before it; nothing: time to read the screen
};

// What follows the text: a shell, or the reason why there is none.
enum class EmergencyStep { shell, shell_forbidden, shell_missing, shell_did_not_help };

// The whole screen, ending with a newline. Pure.
[[nodiscard]] std::string emergency_text(const EmergencyReport &report,
                                         const EmergencyPolicy &policy, EmergencyStep step);

// The end of a boot that cannot go on: says why on every console, leaves the report in
// /run/slipway/report/, then gives a shell or ends the machine, as the policy says. PID 1 never
// exits (that would be a kernel panic): if even the end fails, it says so and goes on living.
// Owned by main; at most one emergency at a time.
class Emergency {
public:
    // All outlive this object.
    Emergency(System &system, EventLoop &loop, Consoles &consoles, PromptBroker &prompts,
              ConsoleShells &shells, Log &log)
        : system_(system), loop_(loop), consoles_(consoles), prompts_(prompts), shells_(shells),
          log_(log) {}

    // `go_on` runs from the loop after the shell, with the prompts back: the caller takes up the
    // boot at the failed point. A second emergency without progress in between ends the machine:
    // nothing runs in circles. Ignored while an emergency is open.
    void enter(const EmergencyReport &report, const EmergencyPolicy &policy,
               std::function<void()> go_on);

    [[nodiscard]] bool is_open() const noexcept { return is_open_; }

private:
    [[nodiscard]] EmergencyStep choose_step(const EmergencyReport &report,
                                            const EmergencyPolicy &policy);
    void leave_report(const std::string &text, std::string_view record);
    void shells_ended(ConsoleShells::End end);
    void end_machine_after(Duration delay);
    void end_machine();

    System &system_;
    EventLoop &loop_;
    Consoles &consoles_;
    PromptBroker &prompts_;
    ConsoleShells &shells_;
    Log &log_;
    bool is_open_ = false;
    std::optional<std::uint64_t> progress_at_last_shell_;
    EmergencyPolicy policy_;
    std::function<void()> go_on_;
    EventSourcePtr timer_;
};

} // namespace slipway
