// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sim/explorer/diary.h"

#include <array>
#include <format>

namespace slipway::sim {

namespace {

std::string facts_text(const Facts &facts) {
    std::string text;
    for (const auto &[key, value] : facts)
        text += std::format(" {}={}", key, value);
    return text;
}

// What happens, in words.
struct EventText {
    std::string operator()(const DeviceChanged &event) const {
        return "device " + event.syspath + facts_text(event.facts);
    }
    std::string operator()(const DeviceGone &event) const { return "gone " + event.syspath; }
    std::string operator()(const JobFinished &event) const {
        constexpr std::array<std::string_view, 4> kOutcomes = {"done", "incomplete", "failed",
                                                               "retry"};
        std::string text =
            std::format("job {} answers {} {}", event.job,
                        kOutcomes[static_cast<std::size_t>(event.outcome)], event.reason);
        for (const auto &[syspath, facts] : event.published)
            text += " " + syspath + facts_text(facts);
        for (const Membership &member : event.memberships)
            text += std::format(" member of {} ({})", member.unit, member.expected);
        for (const std::string &units : event.units)
            text += "\n" + units;
        return text;
    }
    std::string operator()(const PromptOpened &event) const {
        return std::format("job {} asks a person", event.job);
    }
    std::string operator()(const PromptClosed &event) const {
        return std::format("job {} asks no more", event.job);
    }
    std::string operator()(const TimePassed &) const { return "the timer fires"; }
    std::string operator()(const RetryFailed &) const { return "another try"; }
    std::string operator()(const ServiceReady &event) const {
        return std::format("job {} is ready and goes on", event.job);
    }
    std::string operator()(const QuestionAnswered &event) const {
        return std::format("question {}: {}", event.question, event.is_yes ? "yes" : "no");
    }
    std::string operator()(const ResourceRequested &event) const {
        return std::format("job {} needs {} {}", event.job, event.amount, event.resource);
    }
    std::string operator()(const ResourceReleased &event) const {
        return std::format("job {} gives back", event.job);
    }
    std::string operator()(const ForeignPromptOpened &event) const {
        return std::format("a program asks: {}, job {}", event.number, event.job);
    }
    std::string operator()(const ForeignPromptClosed &event) const {
        return std::format("a program asks no more: {}", event.number);
    }
    std::string operator()(const UserCommand &event) const { return "command for " + event.unit; }
    std::string operator()(const JobProgressed &event) const {
        return std::format("job {} is at: {}", event.job, event.text);
    }
    std::string operator()(const BreakContinued &event) const { return "on from " + event.name; }
};

// What the engine wants, in words.
struct ActionText {
    std::string operator()(const StartJob &action) const {
        std::string text = std::format("start {}: {} {}", action.job, action.plugin, action.unit);
        if (action.mode == Mode::degraded)
            text += " degraded";
        for (const DeviceView &device : action.devices)
            text += " " + device.syspath;
        return text;
    }
    std::string operator()(const CancelJob &action) const {
        return std::format("cancel {}: {}", action.job, action.reason);
    }
    std::string operator()(const DeviceUpdated &action) const {
        return "updated " + action.syspath;
    }
    std::string operator()(const ArmTimer &action) const {
        return action.when
                   ? std::format("timer {:.6f}", static_cast<double>(action.when->count()) / 1e6)
                   : std::string("no timer");
    }
    std::string operator()(const LogMessage &action) const { return "log " + action.text; }
    std::string operator()(const EnterRealRoot &) const { return "switch root"; }
    std::string operator()(const EnterEmergency &action) const {
        return "emergency\n" + action.why;
    }
    std::string operator()(const ShowPrompt &action) const {
        return std::format("show the prompt of {}", action.job);
    }
    std::string operator()(const AskQuestion &action) const {
        return std::format("question {}: {}", action.question, action.text);
    }
    std::string operator()(const WithdrawQuestion &action) const {
        return std::format("question {} is withdrawn", action.question);
    }
    std::string operator()(const ResourceGranted &action) const {
        return std::format("job {} gets what it needs", action.job);
    }
    std::string operator()(const ShowForeignPrompt &action) const {
        return std::format("show the prompt of a program: {}", action.number);
    }
    std::string operator()(const OpenBreak &action) const { return "break " + action.name; }
};

std::string line(Duration now, std::string_view sign, const std::string &text) {
    return std::format("{:>12.6f} {} {}", static_cast<double>(now.count()) / 1e6, sign, text);
}

} // namespace

void Diary::write(Duration now, const Event &event) {
    if (is_kept_)
        lines_.push_back(line(now, ">", std::visit(EventText{}, event)));
}

void Diary::write(Duration now, const Action &action) {
    if (is_kept_)
        lines_.push_back(line(now, "<", std::visit(ActionText{}, action)));
}

} // namespace slipway::sim
