// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the benchmarks of boots have in their images: clients that besiege the status interface, and
// a last job that writes into the kernel's log what PID 1 has used.
#include <slipway/plugin.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "bench/mark.h"

namespace {

using namespace slipway::sdk;

constexpr std::string_view kBus = "/run/slipway/bus";
constexpr int kGarbageRhythm = 100; // ms
constexpr int kClientsPerGarbage = 50;

void say(const std::string &text) {
    const int log = ::open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    if (log < 0)
        return;
    const std::string line = "slipway-bench: " + text + "\n";
    (void)!::write(log, line.data(), line.size());
    ::close(log);
}

// Waits in the queue of the socket as long as others stand before it. -1: nobody listens.
int connect_to_bus() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    kBus.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (fd >= 0 &&
        ::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0)
        return fd;
    ::close(fd);
    return -1;
}

// Once as much as the other side takes.
void send_garbage() {
    const int fd = connect_to_bus();
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    (void)::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const std::string garbage(4096, '\xa5');
    for (int i = 0; i < 64 && ::send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL) > 0; ++i) {
    }
    ::close(fd);
}

void allow_files(rlim_t count) {
    const rlimit limit{count, count};
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

Outcome besiege(Context &context, std::string_view how_many) {
    int count = 0;
    (void)std::from_chars(how_many.data(), how_many.data() + how_many.size(), count);
    allow_files(static_cast<rlim_t>(count) + 100);
    context.ready();
    std::vector<int> clients;
    for (int i = 0; i < count; ++i) {
        if (i % kClientsPerGarbage == 0)
            send_garbage();
        if (const int client = connect_to_bus(); client >= 0)
            clients.push_back(client);
    }
    say(std::to_string(clients.size()) + " clients are connected");
    // The others only stay, as far as they are let.
    while (true) {
        send_garbage();
        (void)::poll(nullptr, 0, kGarbageRhythm);
    }
}

std::string memory_of_pid_1() {
    std::ifstream status("/proc/1/status");
    std::string text;
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:") || line.starts_with("VmHWM:"))
            text += " " + line;
    }
    return text;
}

class Bench final : public Plugin {
public:
    Outcome activate(Context &context, const Request &request) override {
        const std::string_view operation = request.params().get("operation");
        if (operation == "clients")
            return besiege(context, request.options().get("slipway.bench.clients"));
        say("PID 1" + memory_of_pid_1());
        SLIPWAY_MARK(SLIPWAY_MARK_END);
        return Outcome::done;
    }
};

} // namespace

SLIPWAY_PLUGIN("bench", Bench)
