// SPDX-License-Identifier: LGPL-2.1-or-later
//
// slipway-bus, which PID 1 starts when the first client connects to /run/slipway/bus.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "boot/ask_publisher.h"
#include "boot/bus_packet.h"
#include "dbus/bus_server.h"
#include "event/sd_event_loop.h"
#include "sys/linux_system.h"

namespace {

using namespace slipway;

// The boot comes first; and what people answer stays in this process.
void be_modest() {
    constexpr int kNice = 10;
    (void)::setpriority(PRIO_PROCESS, 0, kNice);
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);
    (void)::prctl(PR_SET_DUMPABLE, 0);
}

bool is_socket(int fd) {
    int type = 0;
    socklen_t size = sizeof(type);
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

int serve(const std::string &ask_directory) {
    LinuxSystem system;
    PromptAgent agent(system, ask_directory);
    auto loop = SdEventLoop::create();
    if (!loop)
        return 1;
    const auto ended = (*loop)->watch_signal(SIGTERM, [&loop] { (*loop)->stop(0); });
    BusServer server(**loop, {UniqueFd(bus::kListenerFd), UniqueFd(bus::kChannelFd)}, agent);
    if (!ended || !server.start())
        return 1;
    return (*loop)->run().value_or(1);
}

} // namespace

// An argument is for tests: where the ask files are.
int main(int argc, char **argv) {
    if (!is_socket(bus::kListenerFd) || !is_socket(bus::kChannelFd)) {
        (void)std::fputs("slipway-bus is what PID 1 of the initrd starts. People want the program "
                         "slipway: see slipway --help.\n",
                         stderr);
        return 2;
    }
    be_modest();
    try {
        return serve(argc > 1 ? argv[1] : kAskDirectory);
    } catch (...) {
        return 1;
    }
}
