// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/leftovers.h"

#include <charconv>
#include <csignal>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

constexpr pid_t kSelf = 1;

pid_t number_of(const std::string &name) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc() && end == name.data() + name.size() ? pid : 0;
}

} // namespace

std::vector<LeftoverProcess> find_leftovers(System &system) {
    std::vector<LeftoverProcess> found;
    const auto names = system.list_directory("/proc");
    if (!names)
        return found;
    for (const std::string &name : *names) {
        const pid_t pid = number_of(name);
        if (pid <= kSelf)
            continue;
        const auto line = system.read_file("/proc/" + name + "/cmdline");
        // Kernel threads have none, nor have processes that only wait to be reaped.
        if (line && !line->empty() && line->front() != '@')
            found.push_back({pid, line->substr(0, line->find('\0'))});
    }
    return found;
}

void Leftovers::send(const std::vector<LeftoverProcess> &processes, int signal) {
    for (const LeftoverProcess &process : processes) {
        log_.warning(std::format("process {} ({}) is {} before the real root is entered",
                                 process.pid, printable(process.name, 80),
                                 signal == SIGTERM ? "ended" : "killed"));
        // It may have ended by itself.
        (void)system_.send_signal(process.pid, signal);
    }
}

void Leftovers::end(std::function<void()> done) {
    const auto processes = find_leftovers(system_);
    if (processes.empty())
        return done();
    send(processes, SIGTERM);
    done_ = std::move(done);
    auto timer = loop_.at(loop_.now() + kPatience, [this] {
        send(find_leftovers(system_), SIGKILL);
        std::exchange(done_, nullptr)();
    });
    if (timer) {
        timer_ = std::move(*timer);
        return;
    }
    send(find_leftovers(system_), SIGKILL);
    std::exchange(done_, nullptr)();
}

} // namespace slipway
