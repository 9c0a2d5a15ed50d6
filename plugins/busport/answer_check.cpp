// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/answer_check.h"

#include <string_view>

#include "busport/ports.h"
#include "system/kernel_log.h"

namespace slipway::busport {

namespace {

constexpr std::string_view kBeginning = "mem auto-init: ";
constexpr std::string_view kIsOn = "heap free:on";
constexpr int kMaxMessages = 10000;

} // namespace

bool wipes_freed_memory(const std::string &kernel_log) {
    sdk::KernelLog log(kernel_log, sdk::KernelLog::From::beginning);
    for (int i = 0; i < kMaxMessages; ++i) {
        const auto message = log.next();
        if (!message)
            break;
        if (message->is_kernels_own && message->text.starts_with(kBeginning))
            return message->text.contains(kIsOn);
    }
    return false;
}

std::optional<AnswerTrace> trace_of_answers(bool wipes_freed_memory, const std::string &syspath) {
    if (!is_alone(syspath))
        return AnswerTrace::buffers;
    if (!wipes_freed_memory)
        return AnswerTrace::freed_memory;
    return std::nullopt;
}

} // namespace slipway::busport
