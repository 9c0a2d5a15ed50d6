// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/events.h"

namespace slipway {

// What people call a job: its unit, "import:PLUGIN", or "inspect:PLUGIN:DEVICE" with the last part
// of the device's path.
[[nodiscard]] std::string title_of(const StartJob &job);

// The same for timelines and messages: the unit, "import PLUGIN", or "inspect DEVICE" with the
// device node.
[[nodiscard]] std::string step_title(const StartJob &job);
[[nodiscard]] std::string_view operation_name(Operation operation) noexcept;

// What only keeps clocks and links going. Left out where people read decisions; records keep it,
// because another timer is another decision.
[[nodiscard]] bool is_bookkeeping(const Action &action);

// Puts decisions into words: one language for simulated boots, records and `slipway replay`.
// Stateful because actions name jobs by number: it remembers the titles of the running ones.
class DecisionLog {
public:
    // One line without a newline; of an emergency, the chain of reasons follows as further lines,
    // as why() gives it.
    [[nodiscard]] std::string describe(const Action &action);
    // The job ended: nothing names it any more.
    void forget(JobId job) { titles_.erase(job); }

private:
    [[nodiscard]] std::string title(JobId job) const;
    [[nodiscard]] std::string text(const StartJob &action);
    [[nodiscard]] std::string text(const CancelJob &action);
    [[nodiscard]] std::string text(const DeviceUpdated &action);
    [[nodiscard]] std::string text(const ArmTimer &action);
    [[nodiscard]] std::string text(const LogMessage &action);
    [[nodiscard]] std::string text(const EnterRealRoot &action);
    [[nodiscard]] std::string text(const EnterEmergency &action);
    [[nodiscard]] std::string text(const ShowPrompt &action);
    [[nodiscard]] std::string text(const AskQuestion &action);
    [[nodiscard]] std::string text(const WithdrawQuestion &action);
    [[nodiscard]] std::string text(const ResourceGranted &action);
    [[nodiscard]] std::string text(const ShowForeignPrompt &action);
    [[nodiscard]] std::string text(const OpenBreak &action);

    std::map<JobId, std::string> titles_;
};

} // namespace slipway
