// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "sys/system.h"

namespace slipway {

// A password agent for one question: finds the ask file that says `text`, of PID 1 or of the
// program that asks, and sends the answer to its socket. The files are read as untrusted text.
class PromptAgent {
public:
    PromptAgent(System &system, std::string directory)
        : system_(system), directory_(std::move(directory)) {}

    // Error: nobody asks that any more, or the asker cannot be reached.
    [[nodiscard]] Result<> answer(std::string_view text, const Secret &secret);

private:
    [[nodiscard]] Result<std::string> socket_of(std::string_view text);

    System &system_;
    std::string directory_;
};

} // namespace slipway
