// SPDX-License-Identifier: LGPL-2.1-or-later
//
// slipway-bus. PID 1 starts it when the first client connects to /run/slipway/bus; with --system
// the system bus of the booted host does, and it shows how that boot went
// (system/slipway-bus.service).
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "boot/ask_publisher.h"
#include "boot/bus_packet.h"
#include "dbus/bus_server.h"
#include "dbus/host_bus.h"
#include "dbus/saved_boot.h"
#include "event/sd_event_loop.h"
#include "sys/linux_system.h"

namespace {

using namespace slipway;

constexpr int kUsage = 2;

int complain(std::string_view text, int status) {
    const std::string line = "slipway-bus: " + std::string(text) + "\n";
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
    return status;
}

// What people answer stays in this process.
void be_discreet() {
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);
    (void)::prctl(PR_SET_DUMPABLE, 0);
}

// ---- in the initrd ------------------------------------------------------------------------------

// The boot comes first.
void be_modest() {
    constexpr int kNice = 19;
    (void)::setpriority(PRIO_PROCESS, 0, kNice);
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

// ---- on a booted host ---------------------------------------------------------------------------

struct HostOptions {
    std::string folder = kSavedBoot;
    Duration idle = HostBus::kIdle;
};

std::optional<Duration> to_seconds(std::string_view text) {
    constexpr unsigned kDay = 24 * 3600;
    unsigned seconds = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (code != std::errc{} || end != text.data() + text.size() || seconds > kDay)
        return std::nullopt;
    return std::chrono::seconds(seconds);
}

// Nothing: wrong usage.
std::optional<HostOptions> parse(std::span<char *const> words) {
    HostOptions options;
    for (const std::string_view word : words) {
        constexpr std::string_view kFolder = "--folder=";
        constexpr std::string_view kIdle = "--idle=";
        const auto idle =
            word.starts_with(kIdle) ? to_seconds(word.substr(kIdle.size())) : std::nullopt;
        if (word.starts_with(kFolder))
            options.folder = word.substr(kFolder.size());
        else if (idle)
            options.idle = *idle;
        else
            return std::nullopt;
    }
    return options;
}

int serve_host(const HostOptions &options) {
    LinuxSystem system;
    StatusBoard board([&board] { return board.mirror().last_step(); });
    show_saved_boot(system, options.folder, board);
    // Clients are told; whoever reads the journal wants to know as well.
    if (!board.problem().empty())
        (void)complain(board.problem(), 1);
    auto loop = SdEventLoop::create();
    if (!loop)
        return complain(loop.error().message(), 1);
    const auto ended = (*loop)->watch_signal(SIGTERM, [&loop] { (*loop)->stop(0); });
    HostBus bus(**loop, board, options.idle);
    if (const auto started = bus.start(); !ended || !started)
        return complain(started ? ended.error().message() : started.error().message(), 1);
    return (*loop)->run().value_or(1);
}

int run(std::span<char *const> words) {
    if (!words.empty() && std::string_view(words.front()) == "--system") {
        const auto options = parse(words.subspan(1));
        if (!options)
            return complain("--system [--folder=FOLDER] [--idle=SECONDS]", kUsage);
        return serve_host(*options);
    }
    if (!is_socket(bus::kListenerFd) || !is_socket(bus::kChannelFd))
        return complain("this is what PID 1 of the initrd starts, and with --system the system bus "
                        "of a host. People want the program slipway: see slipway --help.",
                        kUsage);
    be_modest();
    // The argument is for tests: where the ask files are.
    return serve(words.empty() ? kAskDirectory : words.front());
}

} // namespace

int main(int argc, char **argv) {
    try {
        be_discreet();
        const std::span<char *const> words(argv, static_cast<std::size_t>(argc));
        return run(words.subspan(words.empty() ? 0 : 1));
    } catch (const std::exception &error) {
        return complain(error.what(), 1);
    }
}
