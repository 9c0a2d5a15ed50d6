// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/emergency.h"

#include <format>
#include <utility>

#include "boot/handover.h"

namespace slipway {

namespace {

std::string_view action_name(PowerAction action) {
    switch (action) {
    case PowerAction::reboot:
        return "reboots";
    case PowerAction::poweroff:
        return "powers off";
    case PowerAction::halt:
        return "halts";
    }
    return "halts";
}

std::string reason_without_shell(const EmergencyPolicy &policy, EmergencyStep step) {
    switch (step) {
    case EmergencyStep::shell_forbidden:
        return "There is no shell: " + policy.why_no_shell + ".";
    case EmergencyStep::shell_missing:
        return "There is no shell: this image holds none that can be started.";
    case EmergencyStep::shell_did_not_help:
        return "Nothing more was done since the last shell.";
    case EmergencyStep::shell:
        break;
    }
    return {};
}

std::string closing(const EmergencyPolicy &policy, EmergencyStep step) {
    const std::string_view action = action_name(policy.action);
    if (step == EmergencyStep::shell)
        return std::format("A shell follows{}. Devices that appear meanwhile are still taken in.\n"
                           "\"exit\" goes on with the boot where it failed; if that brings nothing "
                           "new,\nthe machine {}.\n",
                           policy.needs_password ? ", for whoever knows the password of root" : "",
                           action);
    const Duration delay = policy.delay.value_or(EmergencyPolicy::kDefaultDelay);
    const std::string when =
        delay > Duration(0) ? std::format(" in {}", format_duration(delay)) : std::string(" now");
    return std::format("{}\nThe machine {}{}.\n", reason_without_shell(policy, step), action, when);
}

} // namespace

std::string emergency_text(const EmergencyReport &report, const EmergencyPolicy &policy,
                           EmergencyStep step) {
    return std::format("\nslipway: the boot cannot go on: {}\n", printable(report.headline)) +
           text_section("Why:", report.why) + text_section("What helps:", report.remedies) + "\n" +
           closing(policy, step) +
           std::format("The report is in /run/slipway/report/ (emergency.txt, log.txt{}).\n\n",
                       report.record.empty() ? "" : ", record.txt");
}

void Emergency::enter(const EmergencyReport &report, const EmergencyPolicy &policy,
                      std::function<void()> go_on) {
    if (std::exchange(is_open_, true))
        return;
    policy_ = policy;
    go_on_ = std::move(go_on);
    const EmergencyStep step = choose_step(report, policy);
    log_.error("the boot cannot go on: " + report.headline);
    prompts_.suspend();
    const std::string text = emergency_text(report, policy, step);
    consoles_.write(text);
    leave_report(text, report.record);
    if (step != EmergencyStep::shell)
        return end_machine_after(policy.delay.value_or(EmergencyPolicy::kDefaultDelay));
    progress_at_last_shell_ = report.progress;
    shells_.open("\nslipway: the shell ended, the boot goes on where it failed.\n",
                 [this](ConsoleShells::End end) { shells_ended(end); });
}

EmergencyStep Emergency::choose_step(const EmergencyReport &report, const EmergencyPolicy &policy) {
    if (!policy.is_shell_allowed)
        return EmergencyStep::shell_forbidden;
    if (!shells_.are_possible())
        return EmergencyStep::shell_missing;
    if (progress_at_last_shell_ && report.progress <= *progress_at_last_shell_)
        return EmergencyStep::shell_did_not_help;
    return EmergencyStep::shell;
}

void Emergency::leave_report(const std::string &text, std::string_view record) {
    const auto warn = [this](const Result<> &result) {
        if (!result)
            log_.warning("the report of the emergency is incomplete: " + result.error().message());
    };
    warn(system_.make_directories("/run/slipway/report"));
    warn(system_.replace_file("/run/slipway/report/emergency.txt", text, 0600));
    warn(system_.replace_file("/run/slipway/report/log.txt", log_text(log_), 0600));
    if (!record.empty())
        warn(system_.replace_file("/run/slipway/report/record.txt", record, 0600));
}

void Emergency::shells_ended(ConsoleShells::End end) {
    if (end == ConsoleShells::End::none_could) {
        consoles_.write("slipway: no console can hold a shell; the machine " +
                        std::string(action_name(policy_.action)) + ".\n");
        return end_machine_after(policy_.delay.value_or(EmergencyPolicy::kDefaultDelay));
    }
    is_open_ = false;
    // A copy: the next emergency, which this may lead to, replaces go_on_.
    const auto go_on = std::exchange(go_on_, nullptr);
    go_on();
}

// Through the loop: meanwhile the consoles get their text, and a person can read it.
void Emergency::end_machine_after(Duration delay) {
    auto timer = loop_.at(loop_.now() + delay, [this] { end_machine(); });
    if (timer)
        timer_ = std::move(*timer);
    else
        end_machine();
}

void Emergency::end_machine() {
    if (!system_.sync_file_systems(System::kSyncLimit))
        consoles_.write(std::string("slipway: ") + System::kNotSynced + "\n");
    const Error error = system_.end_machine(policy_.action);
    log_.error("the machine does not end: " + error.message());
    consoles_.write("slipway: the machine does not end (" + error.message() +
                    "): switch it off by hand.\n");
}

} // namespace slipway
