// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/crash_handler.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

namespace slipway {

namespace {

constexpr std::array kFaults = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
constexpr int kReadingMilliseconds = 10'000;

// A handler has no other way to its settings; written once, before it is installed.
volatile sig_atomic_t reboot_command = RB_POWER_OFF;
alignas(16) std::array<char, 16384> handler_stack;

int to_reboot_command(PowerAction action) {
    switch (action) {
    case PowerAction::reboot:
        return RB_AUTOBOOT;
    case PowerAction::halt:
        return RB_HALT_SYSTEM;
    case PowerAction::poweroff:
        break;
    }
    return static_cast<int>(RB_POWER_OFF);
}

void write_to(const char *path, const char *text) {
    const int fd = ::open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (::write(fd, text, ::strlen(text)) < 0) {
        // Nobody is left to be told.
    }
    ::close(fd);
}

// Async-signal-safe functions only (signal-safety(7)), and nothing that needs a sound heap.
[[noreturn]] void on_fault(int) {
    write_to("/dev/kmsg", "<2>slipway: PID 1 has crashed; this is an error in slipway\n");
    write_to("/dev/console", "\nslipway: PID 1 has crashed; this is an error in slipway, please "
                             "report it. The machine ends in ten seconds.\n");
    (void)::poll(nullptr, 0, kReadingMilliseconds);
    (void)::reboot(static_cast<int>(reboot_command));
    while (true)
        ::pause();
}

} // namespace

void install_crash_handler(PowerAction action) {
    reboot_command = to_reboot_command(action);
    stack_t stack{};
    stack.ss_sp = handler_stack.data();
    stack.ss_size = handler_stack.size();
    (void)::sigaltstack(&stack, nullptr);
    struct sigaction handler{};
    handler.sa_handler = on_fault;
    handler.sa_flags = SA_ONSTACK | SA_RESETHAND;
    for (const int fault : kFaults)
        (void)::sigaction(fault, &handler, nullptr);
}

} // namespace slipway
