// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/bus_host.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "boot/local_socket.h"

namespace slipway {

namespace {

// Clients do not wait for a place in the queue, they fail with EAGAIN: one that connects behind a
// thousand others is served as well. Who waits there costs the kernel a little, and PID 1 nothing.
constexpr int kBacklog = 1024;

// Secrets pass through the bus process on their way from clients: freed memory is overwritten, and
// none is kept aside for reuse as it is.
constexpr const char *kAllocator =
    "GLIBC_TUNABLES=glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";

std::string directory_of(const std::string &path) {
    return path.substr(0, path.rfind('/'));
}

Result<std::pair<UniqueFd, UniqueFd>> make_channel() {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return errno_failure("make a socket pair for the bus process", errno);
    return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

} // namespace

BusHost::BusHost(System &system, EventLoop &loop, Log &log, Sources sources, Paths paths)
    : system_(system), loop_(loop), log_(log), sources_(std::move(sources)),
      paths_(std::move(paths)) {}

// ---- the socket ---------------------------------------------------------------------------------

Result<> BusHost::open() {
    if (listener_ || !system_.is_executable(paths_.program))
        return {};
    auto opened = system_.make_directories(directory_of(paths_.socket));
    if (opened)
        opened = listen();
    if (opened)
        opened = watch_listener();
    if (!opened)
        close_listener();
    return opened;
}

Result<> BusHost::listen() {
    // Nobody can connect before it is root's alone.
    auto socket = bind_local_socket(SOCK_STREAM, paths_.socket, "the status interface");
    if (!socket)
        return std::unexpected(std::move(socket).error());
    if (::listen(socket->get(), kBacklog) != 0)
        return errno_failure("listen on " + paths_.socket, errno);
    listener_ = std::move(*socket);
    return {};
}

Result<> BusHost::watch_listener() {
    auto source = loop_.watch_fd(listener_.get(), EPOLLIN, [this](std::uint32_t) { start(); });
    if (!source)
        return std::unexpected(std::move(source).error());
    listener_source_ = std::move(*source);
    return {};
}

void BusHost::close_listener() {
    listener_source_.reset();
    pause_.reset();
    if (!std::exchange(listener_, UniqueFd()))
        return;
    if (const auto removed = system_.remove_file(paths_.socket); !removed)
        log_.debug(removed.error().message());
}

// Clients that come now are told at once that nobody listens, and do not wait.
void BusHost::give_up(const std::string &why) {
    log_.error("there is no status interface (slipway status, D-Bus) any more: " + why);
    close_listener();
}

// ---- the process --------------------------------------------------------------------------------

// The first client has come. From now on the bus process accepts.
void BusHost::start() {
    listener_source_.reset();
    ++starts_;
    const auto process = spawn();
    if (!process)
        return give_up(process.error().message());
    process_ = *process;
    auto source = loop_.watch_child(process_, [this](ChildExit exit) { ended(exit); });
    if (!source) {
        (void)system_.send_signal(std::exchange(process_, 0), SIGKILL);
        channel_.reset();
        return give_up(source.error().message());
    }
    process_source_ = std::move(*source);
    record_sent_ = 0;
    log_sent_ = 0;
    watch_channel();
}

Result<pid_t> BusHost::spawn() {
    auto ends = make_channel();
    if (!ends)
        return std::unexpected(std::move(ends).error());
    const Program program{paths_.program, {"slipway-bus"}, {kAllocator}};
    auto process = system_.spawn_with_descriptors(program, {listener_.get(), ends->second.get()});
    if (process)
        channel_ = std::move(ends->first);
    return process;
}

void BusHost::ended(ChildExit exit) {
    process_ = 0;
    process_source_.reset();
    channel_source_.reset();
    channel_.reset();
    channel_events_ = 0;
    reply_.reset();
    pause_.reset();
    if (done_)
        return std::exchange(done_, nullptr)();
    const std::string how =
        (exit.code == CLD_EXITED ? "with status " : "by signal ") + std::to_string(exit.status);
    if (starts_ >= kMaxStarts)
        return give_up("the bus process ended " + std::to_string(starts_) +
                       " times, the last time " + how);
    log_.warning("the bus process ended " + how + "; the next client starts another one");
    auto pause = loop_.at(loop_.now() + kFirstPause * (1U << starts_), [this] {
        pause_.reset();
        if (const auto watched = watch_listener(); !watched)
            give_up(watched.error().message());
    });
    if (!pause)
        return give_up(pause.error().message());
    pause_ = std::move(*pause);
}

void BusHost::end(std::function<void()> done) {
    close_listener();
    if (process_ == 0)
        return done();
    done_ = std::move(done);
    (void)send(bus::Kind::farewell, "");
    channel_source_.reset();
    channel_.reset();
    auto timer = loop_.at(loop_.now() + kPatience, [this] {
        if (process_ != 0)
            (void)system_.send_signal(process_, SIGKILL);
    });
    if (timer)
        pause_ = std::move(*timer);
    else
        (void)system_.send_signal(process_, SIGKILL);
}

// ---- to the bus process -------------------------------------------------------------------------

void BusHost::feed() {
    // EPOLLOUT is watched: it has not taken yet what there was.
    if (!channel_ || (channel_events_ & EPOLLOUT) != 0)
        return;
    send_some();
    watch_channel();
}

bool BusHost::has_more() const {
    return reply_ || record_sent_ < sources_.record().size() ||
           log_sent_ < log_.dropped() + log_.records().size();
}

// Looked at after each round, so it is changed only when something else is waited for.
void BusHost::watch_channel() {
    const std::uint32_t events = (has_more() ? EPOLLOUT : 0U) | (reply_ ? 0U : EPOLLIN);
    if (events == channel_events_)
        return;
    channel_source_.reset(); // the loop takes a descriptor once
    auto source = loop_.watch_fd(channel_.get(), events,
                                 [this](std::uint32_t ready) { channel_is_ready(ready); });
    if (!source) {
        log_.warning("the bus process hears nothing more: " + source.error().message());
        channel_.reset();
        channel_source_.reset();
        return;
    }
    channel_source_ = std::move(*source);
    channel_events_ = events;
}

void BusHost::channel_is_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0)
        send_some();
    if ((events & EPOLLIN) != 0 && !reply_)
        receive();
    // It is gone; the end of the process follows.
    if (channel_ && (events & (EPOLLHUP | EPOLLERR)) != 0 && (events & EPOLLIN) == 0)
        channel_.reset();
    if (!channel_) {
        channel_source_.reset();
        channel_events_ = 0;
        return;
    }
    watch_channel();
}

void BusHost::send_some() {
    unsigned sent = 0;
    while (sent < kPacketsPerRound && has_more() && send_next())
        ++sent;
}

bool BusHost::send_next() {
    if (reply_) {
        if (!send(bus::Kind::reply, bus::encode(*reply_)))
            return false;
        reply_.reset();
        return true;
    }
    return record_sent_ < sources_.record().size() ? send_record() : send_log_line();
}

bool BusHost::send_record() {
    const std::string_view rest = sources_.record().substr(record_sent_);
    const std::string_view piece = rest.substr(0, bus::kMaxPiece);
    // Between two rounds the record ends with a whole step.
    const bool is_whole = piece.size() == rest.size();
    if (!send(is_whole ? bus::Kind::whole_record : bus::Kind::record, piece))
        return false;
    record_sent_ += piece.size();
    return true;
}

bool BusHost::send_log_line() {
    if (log_sent_ < log_.dropped()) {
        if (!send(bus::Kind::lost_log, std::to_string(log_.dropped() - log_sent_)))
            return false;
        log_sent_ = log_.dropped();
        return true;
    }
    if (!send(bus::Kind::log, bus::encode(log_.records().at(log_sent_ - log_.dropped()))))
        return false;
    ++log_sent_;
    return true;
}

bool BusHost::send(bus::Kind kind, std::string_view text) {
    char first = std::to_underlying(kind);
    const std::array<iovec, 2> parts = {
        {{&first, 1}, {const_cast<char *>(text.data()), text.size()}}}; // sendmsg(2) only reads
    msghdr header{};
    header.msg_iov = const_cast<iovec *>(parts.data());
    header.msg_iovlen = parts.size();
    return ::sendmsg(channel_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

// ---- from the bus process -----------------------------------------------------------------------

// One command a time; the loop comes back for the next.
void BusHost::receive() {
    std::array<char, bus::kMaxCommandBytes + 1> buffer{};
    const ssize_t size = ::recv(channel_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        return channel_.reset();
    const auto command = bus::decode_command({buffer.data(), static_cast<std::size_t>(size)});
    if (!command)
        return refuse_format();
    carry_out(*command);
}

void BusHost::refuse_format() {
    log_.error("the bus process sent what is no command; it is ended");
    channel_.reset();
    (void)system_.send_signal(process_, SIGKILL);
}

void BusHost::carry_out(const bus::Command &command) {
    using Verb = bus::Command::Verb;
    Result<> done;
    switch (command.verb) {
    case Verb::note:
        return log_.warning("bus: " + printable(command.text, 500));
    case Verb::go_on:
        done = handlers_.go_on ? handlers_.go_on() : failure("the boot does not stand at a break");
        break;
    case Verb::retry:
        handlers_.command({UserCommand::Verb::retry, command.text, Duration(0)});
        break;
    case Verb::skip:
        handlers_.command({UserCommand::Verb::skip, command.text, Duration(0)});
        break;
    case Verb::set_deadline:
        handlers_.command({UserCommand::Verb::set_deadline, command.text, command.time});
        break;
    }
    reply_ = bus::Reply{command.serial, done ? "" : done.error().message()};
}

} // namespace slipway
