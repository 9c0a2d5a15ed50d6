// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "dbus/boot_mirror.h"
#include "sys/system.h"

namespace slipway {

// A password agent for one question: sends the answer to the socket that the question's ask file
// names, which is of PID 1 or of the program that asks. The file is read as untrusted text, and
// must say what the question says: its name may be used again.
class PromptAgent {
public:
    PromptAgent(System &system, std::string directory)
        : system_(system), directory_(std::move(directory)) {}

    // Error: nobody asks that any more, or the asker cannot be reached.
    [[nodiscard]] Result<> answer(const OpenPrompt &prompt, const Secret &secret);

private:
    [[nodiscard]] Result<std::string> socket_of(const OpenPrompt &prompt);

    System &system_;
    std::string directory_;
};

} // namespace slipway
