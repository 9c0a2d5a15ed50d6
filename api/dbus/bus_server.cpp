// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/bus_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace slipway {

namespace {

// Of the sockets that wait, between two looks at other work.
constexpr int kAcceptedPerRound = 64;

} // namespace

BusServer::BusServer(EventLoop &loop, Sockets sockets, PromptAgent &agent)
    : loop_(loop), listener_(std::move(sockets.listener)), agent_(agent),
      board_([&loop] { return loop.now(); }),
      link_(loop, std::move(sockets.channel),
            {[this](std::string_view piece, bool is_whole) { record(piece, is_whole); },
             [this](LogRecord line) {
                 board_.add_log_line(std::move(line));
                 publish_soon();
             },
             [this](const bus::Reply &reply) { replied(reply); }, [this] { farewell(); }}) {}

Result<> BusServer::start() {
    auto after_round = loop_.after_each_round([this] { remove_ended(); });
    if (!after_round)
        return std::unexpected(std::move(after_round).error());
    after_round_ = std::move(*after_round);
    return link_.start();
}

// ---- PID 1 --------------------------------------------------------------------------------------

void BusServer::record(std::string_view piece, bool is_whole) {
    if (const auto fed = board_.mirror().feed(piece, is_whole); !fed) {
        note(fed.error().message());
        loop_.stop(1);
        return;
    }
    publish_soon();
    if (!is_whole || listener_source_ || !listener_)
        return;
    // The first clients must not see less than there is.
    (void)board_.refresh();
    auto source = loop_.watch_fd(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_all(); });
    if (source)
        listener_source_ = std::move(*source);
    else
        loop_.stop(1);
}

void BusServer::command(bus::Command command, Done done) {
    command.serial = ++last_serial_;
    if (const auto sent = link_.send(command); !sent)
        return done(sent.error().message());
    open_commands_.insert_or_assign(command.serial, std::move(done));
}

void BusServer::replied(const bus::Reply &reply) {
    if (auto open = open_commands_.extract(reply.serial); !open.empty())
        open.mapped()(reply.problem);
}

Result<> BusServer::answer(BootMirror::PromptNumber prompt, const Secret &secret) {
    const auto found = board_.prompts().find(prompt);
    if (found == board_.prompts().end())
        return failure("nobody asks this any more", ENOENT);
    if (!found->second.value.is_shown)
        return failure("another question is asked first", EBUSY);
    return agent_.answer(found->second.value, secret);
}

// One that PID 1 has no room for is lost.
void BusServer::note(const std::string &text) {
    (void)link_.send({0, bus::Command::Verb::note, text, Duration(0)});
}

void BusServer::farewell() {
    listener_source_.reset();
    listener_.reset();
    if (end_)
        return;
    board_.set_farewell();
    publish();
    auto timer = loop_.at(loop_.now() + (clients_.empty() ? Duration(0) : kFarewell),
                          [this] { loop_.stop(0); });
    if (timer)
        end_ = std::move(*timer);
    else
        loop_.stop(0);
}

// ---- clients ------------------------------------------------------------------------------------

void BusServer::accept_all() {
    for (int i = 0; i < kAcceptedPerRound; ++i) {
        UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket)
            return;
        accept(std::move(socket));
    }
}

// Whoever is refused finds the socket closed.
void BusServer::accept(UniqueFd socket) {
    if (!is_peer_of_own_user(socket.get()) || !make_room())
        return;
    Slot &slot = clients_.emplace_back();
    slot.client = std::make_unique<BusClient>(BusClient::Parts{loop_, board_, *this},
                                              [&slot] { slot.is_over = true; });
    if (!slot.client->start(std::move(socket)))
        slot.is_over = true;
}

// Those that only connect and say nothing must not keep others out: the oldest of them goes.
bool BusServer::make_room() {
    const auto counts = [](const Slot &slot) { return !slot.is_over; };
    if (std::ranges::count_if(clients_, counts) < static_cast<std::ptrdiff_t>(kMaxClients))
        return true;
    const auto oldest = std::ranges::find_if(
        clients_, [](const Slot &slot) { return !slot.is_over && !slot.client->has_session(); });
    if (oldest == clients_.end())
        return false;
    clients_.erase(oldest);
    return true;
}

void BusServer::remove_ended() {
    std::erase_if(clients_, [](const Slot &slot) { return slot.is_over; });
}

void BusServer::publish_soon() {
    if (publication_)
        return;
    auto timer = loop_.at(loop_.now() + kRhythm, [this] { publish(); });
    if (timer)
        publication_ = std::move(*timer);
    else
        publish();
}

void BusServer::publish() {
    publication_.reset();
    (void)board_.refresh();
    for (Slot &slot : clients_)
        slot.client->publish();
}

} // namespace slipway
