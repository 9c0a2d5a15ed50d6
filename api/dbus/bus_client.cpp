// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/bus_client.h"

#include <sys/epoll.h>

#include <exception>
#include <utility>

namespace slipway {

BusClient::BusClient(const Parts &parts, std::function<void()> over)
    : parts_(parts), over_(std::move(over)) {}

Result<> BusClient::start(UniqueFd socket) {
    if (const auto trace = trace_of_peer(socket.get()))
        answers_refused_ = refusal_of(*trace);
    auto handshake = PeerHandshake::begin(std::move(socket));
    if (!handshake)
        return std::unexpected(std::move(handshake).error());
    handshake_ = std::move(*handshake);
    set_patience();
    watch(handshake_->fd(), handshake_->events());
    if (!source_ || !patience_)
        return failure("the event loop refuses the client");
    return {};
}

void BusClient::set_patience() {
    auto timer = parts_.loop.at(parts_.loop.now() + kPatience, [this] { lose_patience(); });
    patience_ = timer ? std::move(*timer) : nullptr;
}

// On a busy machine it may be this process that is late: what the client has sent meanwhile counts.
void BusClient::lose_patience() {
    if (session_)
        process();
    else
        proceed();
    if (!session_ || session_->is_backed_up())
        end();
}

void BusClient::watch(int fd, std::uint32_t events) {
    if (source_ && events == events_)
        return;
    source_.reset(); // the loop takes a descriptor once
    auto source = parts_.loop.watch_fd(fd, events, [this](std::uint32_t) {
        if (session_)
            process();
        else
            proceed();
    });
    source_ = source ? std::move(*source) : nullptr;
    events_ = events;
}

void BusClient::proceed() {
    switch (handshake_->proceed()) {
    case PeerHandshake::State::waiting:
        return watch(handshake_->fd(), handshake_->events());
    case PeerHandshake::State::failed:
        return end();
    case PeerHandshake::State::done:
        return open_session();
    }
}

void BusClient::open_session() {
    source_.reset();
    patience_.reset();
    try {
        session_ = std::make_unique<ClientSession>(handshake_->release(), parts_.board,
                                                   parts_.requests, answers_refused_);
    } catch (const std::exception &) {
        return end();
    }
    handshake_.reset();
    process(); // its first message may have come with the handshake
}

void BusClient::process() {
    soon_.reset();
    const auto progress = session_->process();
    if (progress == ClientSession::Progress::over || !session_->publish())
        return end();
    arm();
    if (progress != ClientSession::Progress::more)
        return;
    auto timer = parts_.loop.at(parts_.loop.now(), [this] { process(); });
    soon_ = timer ? std::move(*timer) : nullptr;
}

// A client that does not read is not read from either, and has a limit.
void BusClient::arm() {
    const bool is_backed_up = session_->is_backed_up();
    watch(session_->fd(), is_backed_up ? EPOLLOUT : EPOLLIN);
    if (!is_backed_up)
        patience_.reset();
    else if (!patience_)
        set_patience();
    if (!source_)
        end();
}

void BusClient::publish() {
    if (!session_ || !over_)
        return;
    if (session_->publish())
        arm();
    else
        end();
}

// From a callback of this object: its owner destroys it later.
void BusClient::end() {
    source_.reset();
    patience_.reset();
    soon_.reset();
    if (over_)
        std::exchange(over_, nullptr)();
}

} // namespace slipway
