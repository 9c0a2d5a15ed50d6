// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/decision_log.h"

#include <variant>

#include "unit/facts.h"

namespace slipway {

std::string title_of(const StartJob &job) {
    switch (job.operation) {
    case Operation::inspect: {
        const std::string path = job.devices.empty() ? "" : job.devices.front().syspath;
        return "inspect:" + job.plugin + ":" + path.substr(path.rfind('/') + 1);
    }
    case Operation::import:
        return "import:" + job.plugin;
    case Operation::activate:
    case Operation::deactivate:
        break;
    }
    return job.unit;
}

std::string step_title(const StartJob &job) {
    if (!job.unit.empty())
        return job.unit;
    const std::string operation(operation_name(job.operation));
    if (job.devices.empty())
        return operation + " " + job.plugin;
    const DeviceView &device = job.devices.front();
    const std::string_view devnode = fact(device.facts, "devnode");
    return operation + " " +
           std::string(devnode.empty() ? std::string_view(device.syspath) : devnode);
}

std::string_view operation_name(Operation operation) noexcept {
    switch (operation) {
    case Operation::inspect:
        return "inspect";
    case Operation::activate:
        return "activate";
    case Operation::deactivate:
        return "deactivate";
    case Operation::import:
        return "import";
    }
    return "?";
}

bool is_bookkeeping(const Action &action) {
    return std::holds_alternative<ArmTimer>(action) ||
           std::holds_alternative<DeviceUpdated>(action);
}

std::string DecisionLog::describe(const Action &action) {
    return std::visit([this](const auto &value) { return text(value); }, action);
}

std::string DecisionLog::title(JobId job) const {
    const auto found = titles_.find(job);
    return found == titles_.end() ? "job " + std::to_string(job) : found->second;
}

std::string DecisionLog::text(const StartJob &action) {
    std::string words = "start " + title_of(action);
    if (action.operation == Operation::deactivate)
        words += " deactivate";
    if (action.mode == Mode::degraded)
        words += " degraded";
    // Of inspections it is always the same, and of no use.
    for (const std::string &wanted : action.wanted)
        words += action.operation == Operation::activate ? " wanted=" + wanted : "";
    titles_.insert_or_assign(action.job, title_of(action));
    return words;
}

std::string DecisionLog::text(const CancelJob &action) {
    return "cancel " + title(action.job) + ": " + action.reason;
}

std::string DecisionLog::text(const DeviceUpdated &action) {
    return "update " + action.syspath;
}

std::string DecisionLog::text(const ArmTimer &action) {
    return "timer " + (action.when ? std::to_string(action.when->count()) : "none");
}

std::string DecisionLog::text(const LogMessage &action) {
    return (action.level <= LogLevel::warning ? "log " : "debug ") + action.text;
}

std::string DecisionLog::text(const EnterRealRoot & /*action*/) {
    return "switch-root";
}

std::string DecisionLog::text(const EnterEmergency &action) {
    return "emergency\n" + action.why;
}

std::string DecisionLog::text(const ShowPrompt &action) {
    return "prompt " + title(action.job);
}

std::string DecisionLog::text(const AskQuestion &action) {
    return "question " + std::to_string(action.question) + ": " + action.text;
}

std::string DecisionLog::text(const WithdrawQuestion &action) {
    return "withdraw question " + std::to_string(action.question);
}

std::string DecisionLog::text(const ResourceGranted &action) {
    return "grant " + title(action.job);
}

std::string DecisionLog::text(const ShowForeignPrompt &action) {
    return "foreign prompt " + std::to_string(action.number);
}

std::string DecisionLog::text(const OpenBreak &action) {
    return "break " + action.name;
}

} // namespace slipway
