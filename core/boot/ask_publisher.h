// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/unique_fd.h"
#include "boot/ask_file.h"
#include "boot/prompt_broker.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

inline constexpr const char *kAskDirectory = "/run/systemd/ask-password";
// Files and sockets of ours begin with these, so that we do not answer ourselves.
inline constexpr const char *kOwnAskPrefix = "ask.slipway-";
inline constexpr const char *kOwnSocketPrefix = "sck.slipway-";

// Puts the question that is on the consoles where systemd's password agents look for it: a splash
// and agents for remote answers then ask for it as well. Who answers first, answers; only processes
// of the same user (root) may. Owned by the initrd, in PID 1; nothing here waits.
//
// The files of a question carry its number, ask.slipway-7 and sck.slipway-7: who knows it from the
// record cannot answer another one with the same text.
class AskPublisher final : public PromptOutlet {
public:
    using Answer = std::function<void(PromptId, PromptAnswer)>;

    // `answer` runs from the event loop. All references outlive the publisher.
    AskPublisher(System &system, EventLoop &loop, Log &log, Answer answer,
                 std::string directory = kAskDirectory);
    AskPublisher(const AskPublisher &) = delete;
    AskPublisher &operator=(const AskPublisher &) = delete;
    AskPublisher(AskPublisher &&) = delete;
    AskPublisher &operator=(AskPublisher &&) = delete;
    ~AskPublisher() override { AskPublisher::hidden(); }

    // What fails is logged: the consoles still ask.
    void shown(PromptId id, const Prompt &prompt, std::optional<Duration> until) override;
    void hidden() override;

private:
    [[nodiscard]] Result<> open_socket();
    void receive();

    System &system_;
    EventLoop &loop_;
    Log &log_;
    Answer answer_;
    std::string directory_;
    PromptId prompt_ = 0; // 0: nothing is shown
    std::string file_;
    std::string socket_path_;
    UniqueFd socket_;
    EventSourcePtr reader_;
};

} // namespace slipway
