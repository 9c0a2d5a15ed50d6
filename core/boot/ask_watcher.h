// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/log.h"
#include "base/unique_fd.h"
#include "boot/ask_file.h"
#include "boot/ask_publisher.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// The other side of AskPublisher: sees the questions that programs leave in the directory
// (systemd-ask-password, systemd-cryptsetup), tells of them, and sends the answers. A question ends
// when its file goes away, its time is over or its process has ended. Owned by the initrd, in PID
// 1; nothing here waits, and what stands in the files is not trusted.
class AskWatcher {
public:
    // More would be an attack or an accident; what is beyond is looked at when others have ended.
    static constexpr std::size_t kMaxQuestions = 16;

    struct Listener {
        std::function<void(std::uint32_t number, const AskFile &question)> opened;
        // Once per opened one, whatever ended it; not after answer().
        std::function<void(std::uint32_t number)> closed;
    };

    // All references outlive the watcher.
    AskWatcher(System &system, EventLoop &loop, Log &log, Listener listener,
               std::string directory = kAskDirectory);
    AskWatcher(const AskWatcher &) = delete;
    AskWatcher &operator=(const AskWatcher &) = delete;
    AskWatcher(AskWatcher &&) = delete;
    AskWatcher &operator=(AskWatcher &&) = delete;
    ~AskWatcher() = default;

    // Makes the directory and takes in what is there already. Error: questions of others will not
    // be seen.
    [[nodiscard]] Result<> start();

    // Sends the answer ("no" without `is_answered`); the question counts as ended. Failures are
    // logged: whoever asked is gone or asks again.
    void answer(std::uint32_t number, bool is_answered, const Secret &secret);

    // Of the ones that are not answered yet.
    [[nodiscard]] std::size_t open_count() const noexcept;

private:
    struct Question {
        std::uint32_t number = 0;
        std::string socket;
        bool is_open = true; // not answered yet
        UniqueFd process;    // pidfd
        EventSourcePtr process_end;
        EventSourcePtr time_over;
    };

    void read_changes();
    void take_in(const std::string &name);
    void take_in_all();
    [[nodiscard]] Result<AskFile> read(const std::string &name);
    [[nodiscard]] Result<> watch_end(Question &question, const AskFile &ask,
                                     const std::string &name);
    void drop(const std::string &name);

    System &system_;
    EventLoop &loop_;
    Log &log_;
    Listener listener_;
    std::string directory_;
    std::uint32_t last_number_ = 0;
    std::map<std::string, Question> questions_; // by the name of the file
    bool has_skipped_some_ = false;             // kMaxQuestions were there
    UniqueFd inotify_;
    EventSourcePtr on_change_;
};

} // namespace slipway
