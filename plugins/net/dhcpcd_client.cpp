// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/dhcpcd_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <format>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "base/text.h"
#include "net/carrier_watch.h"
#include "net/written_file.h"
#include "system/child_program.h"

namespace slipway::net {

namespace {

constexpr std::size_t kMaxLogBytes = 4096;

std::chrono::microseconds now_since_boot() {
    timespec time{};
    (void)::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) +
           std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::nanoseconds(time.tv_nsec));
}

// Only this user's programs may send to it.
Result<UniqueFd> listen_at(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return failure(path + " is too long for a socket", ENAMETOOLONG);
    std::memcpy(address.sun_path, path.data(), path.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::unlink(path.c_str());
    // The mode of a socket's file is that of the socket, less the mask.
    if (!socket || ::fchmod(socket.get(), 0600) != 0 ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0)
        return errno_failure("listen at " + path, errno);
    return socket;
}

// While it lives, the kernel lets IPv6 addresses be used without waiting 1 s or more for somebody
// who has the same one (ip-sysctl: accept_dad). Somebody who has would have lost us the boot
// anyway.
class DadPause {
public:
    explicit DadPause(const std::string &interface)
        : path_("/proc/sys/net/ipv6/conf/" + interface + "/accept_dad") {
        std::ifstream(path_) >> before_;
        set(0);
    }
    DadPause(const DadPause &) = delete;
    DadPause &operator=(const DadPause &) = delete;
    DadPause(DadPause &&) = delete;
    DadPause &operator=(DadPause &&) = delete;
    ~DadPause() { set(before_); }

private:
    void set(int value) const { std::ofstream(path_) << value; }

    std::string path_;
    int before_ = 1;
};

// One run of the client, from the start of the program to its end.
class Session {
public:
    Session(const DhcpRequest &request, std::vector<std::string> argv, UniqueFd socket,
            CarrierWatch carrier, const DhcpClient::Callback &callback)
        : request_(request), argv_(std::move(argv)), socket_(std::move(socket)),
          carrier_(std::move(carrier)), callback_(callback) {
        if (request.uses_advertisements || request.uses_dhcp6)
            dad_pause_.emplace(request.interface);
    }
    Result<> run();

private:
    using Clock = std::chrono::steady_clock;

    Result<> start();
    // Nothing: go on.
    std::optional<Result<>> wait_and_see();
    // False: the callback has enough.
    bool read_messages();
    bool read_log();
    bool take(DhcpMessage message);
    bool note(std::string_view line);
    Result<> see_carrier();
    bool tell_of_cable();
    Result<> begin_anew();
    void plan_next_try();
    [[nodiscard]] int milliseconds_left() const;

    const DhcpRequest &request_;
    std::vector<std::string> argv_;
    UniqueFd socket_;
    CarrierWatch carrier_;
    bool is_cable_told_ = true; // as the callback knows it
    std::optional<sdk::ChildProgram> program_;
    const DhcpClient::Callback &callback_;
    std::optional<DadPause> dad_pause_; // until there is an IPv6 address
    std::map<LeaseSource, Lease> leases_;
    std::string log_;       // of the program: the beginning of a line
    std::string last_line_; // of the same, for the reason of its end
    std::random_device random_;
    unsigned tries_ = 0;
    Clock::time_point next_try_;
};

void Session::plan_next_try() {
    next_try_ = Clock::now() + pause_before_try(tries_, random_());
}

Result<> Session::start() {
    program_.reset();
    auto program = sdk::ChildProgram::start({.argv = argv_, .has_output = true});
    if (!program)
        return std::unexpected(
            std::move(program.error())
                .with_context(std::format(
                    "ask for an address on {}; build the image again with dhcpcd (package "
                    "dhcpcd-base)",
                    printable(request_.interface))));
    program_.emplace(std::move(*program));
    plan_next_try();
    return {};
}

// A new process sends the first message at once. SIGHUP would do the same, but dhcpcd 10.1 loses
// its privileged half when a signal comes at the wrong moment.
Result<> Session::begin_anew() {
    ++tries_;
    return start();
}

// With a lease the cable may lead to another network: have it confirmed (SIGUSR1: renew).
Result<> Session::see_carrier() {
    if (!carrier_.has_come())
        return {};
    if (leases_.empty())
        return begin_anew();
    program_->send(SIGUSR1);
    return {};
}

// False: the callback has enough.
bool Session::tell_of_cable() {
    if (carrier_.is_there() == is_cable_told_)
        return true;
    is_cable_told_ = carrier_.is_there();
    return callback_({.kind = DhcpEvent::Kind::cable, .has_cable = is_cable_told_});
}

int Session::milliseconds_left() const {
    if (!leases_.empty())
        return -1;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(next_try_ - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

bool Session::note(std::string_view line) {
    // dhcpcd complains that the image has no user for its privilege separation. On purpose: that
    // takes three more processes, and the kernel would forget who ends them with us.
    if (trimmed(line).empty() || line.contains("no such user"))
        return true;
    last_line_ = printable(line, 300);
    return callback_({.kind = DhcpEvent::Kind::note, .text = last_line_});
}

bool Session::read_log() {
    std::array<char, kMaxLogBytes> block{};
    const ssize_t size = ::read(program_->output(), block.data(), block.size());
    if (size > 0)
        log_.append(block.data(), static_cast<std::size_t>(size));
    while (!log_.empty()) {
        const std::size_t end = log_.find('\n');
        if (end == std::string::npos && log_.size() < kMaxLogBytes)
            return true;
        const std::string line = log_.substr(0, end);
        log_.erase(0, end == std::string::npos ? end : end + 1);
        if (!note(line))
            return false;
    }
    return true;
}

bool Session::take(DhcpMessage message) {
    DhcpEvent event{.kind = DhcpEvent::Kind::note,
                    .lease = std::move(message.lease),
                    .complaints = std::move(message.complaints)};
    const auto known = leases_.find(event.lease.source);
    if (message.news == DhcpNews::lost) {
        if (known == leases_.end())
            return true;
        event.kind = DhcpEvent::Kind::lost;
        leases_.erase(known);
        tries_ = 0;
        plan_next_try();
    } else if (message.news == DhcpNews::lease) {
        event.lease.acquired = now_since_boot();
        event.kind = known == leases_.end()                      ? DhcpEvent::Kind::got
                     : is_same_lease(known->second, event.lease) ? DhcpEvent::Kind::renewed
                                                                 : DhcpEvent::Kind::changed;
        // What has no address is no reason to stop asking.
        if (!event.lease.addresses.empty()) {
            if (event.lease.is_ipv6())
                dad_pause_.reset();
            leases_.insert_or_assign(event.lease.source, event.lease);
        } else if (known != leases_.end()) {
            leases_.erase(known);
        }
    } else {
        return true;
    }
    return callback_(event);
}

bool Session::read_messages() {
    std::string datagram(kMaxDatagramBytes, '\0');
    while (true) {
        // MSG_TRUNC: the whole length, also of what does not fit.
        const ssize_t size = ::recv(socket_.get(), datagram.data(), datagram.size(), MSG_TRUNC);
        if (size < 0)
            return true;
        if (static_cast<std::size_t>(size) > datagram.size())
            continue;
        auto message = parse_dhcp_message(
            std::string_view(datagram).substr(0, static_cast<std::size_t>(size)));
        if (!message) {
            if (!note(message.error().message()))
                return false;
        } else if (message->interface == request_.interface && !take(std::move(*message))) {
            return false;
        }
    }
}

std::optional<Result<>> Session::wait_and_see() {
    std::array<pollfd, 4> polls = {{{socket_.get(), POLLIN, 0},
                                    {program_->pidfd(), POLLIN, 0},
                                    {program_->output(), POLLIN, 0},
                                    {carrier_.fd(), POLLIN, 0}}};
    const int count = ::poll(polls.data(), polls.size(), milliseconds_left());
    if (count < 0 && errno != EINTR)
        return errno_failure("wait for dhcpcd", errno);
    if ((polls[2].revents != 0 && !read_log()) || (polls[0].revents != 0 && !read_messages()))
        return Result<>();
    if (polls[1].revents != 0) {
        const std::string end = program_->reap();
        return failure(std::format("the DHCP client of {} {}{}", printable(request_.interface), end,
                                   last_line_.empty() ? "" : ": " + last_line_));
    }
    if (auto seen = polls[3].revents != 0 ? see_carrier() : Result<>(); !seen)
        return seen;
    if (!tell_of_cable())
        return Result<>();
    if (count == 0 && leases_.empty()) {
        if (auto begun = begin_anew(); !begun)
            return begun;
    }
    return std::nullopt;
}

Result<> Session::run() {
    auto end = std::optional(start());
    if (*end && tell_of_cable())
        end.reset();
    while (!end)
        end = wait_and_see();
    return std::move(*end);
}

class DhcpcdClient final : public DhcpClient {
public:
    explicit DhcpcdClient(DhcpcdPlaces places) : places_(std::move(places)) {}

    Result<> run(const DhcpRequest &request, const Callback &callback) override {
        const auto config = write_dhcpcd_config(request, places_);
        if (!config)
            return std::unexpected(config.error());
        if (auto written =
                write_file(places_.config_of(request.interface), *config, FileReaders::owner);
            !written)
            return written;
        auto socket = listen_at(places_.socket_of(request.interface));
        if (!socket)
            return std::unexpected(socket.error());
        auto carrier = CarrierWatch::open(request.interface);
        if (!carrier)
            return std::unexpected(carrier.error());
        return Session(request, dhcpcd_arguments(request, places_), std::move(*socket),
                       std::move(*carrier), callback)
            .run();
    }

private:
    DhcpcdPlaces places_;
};

} // namespace

std::unique_ptr<DhcpClient> make_dhcpcd_client(DhcpcdPlaces places) {
    return std::make_unique<DhcpcdClient>(std::move(places));
}

} // namespace slipway::net
