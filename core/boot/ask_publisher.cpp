// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/ask_publisher.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "boot/local_socket.h"

namespace slipway {

namespace {

// systemd's agents run as root, but the file holds nothing that others may not read.
constexpr mode_t kForAll = 0644;

struct alignas(cmsghdr) CredentialsBuffer {
    std::array<std::byte, CMSG_SPACE(sizeof(ucred))> bytes{};
};

std::optional<uid_t> sender_of(msghdr &header) {
    for (cmsghdr *part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS &&
            part->cmsg_len >= CMSG_LEN(sizeof(ucred))) {
            ucred sender{};
            std::memcpy(&sender, CMSG_DATA(part), sizeof(sender));
            return sender.uid;
        }
    }
    return std::nullopt;
}

} // namespace

AskPublisher::AskPublisher(System &system, EventLoop &loop, Log &log, Answer answer,
                           std::string directory)
    : system_(system), loop_(loop), log_(log), answer_(std::move(answer)),
      directory_(std::move(directory)) {}

void AskPublisher::shown(PromptId id, const Prompt &prompt, std::optional<Duration> until) {
    hidden();
    const std::string number = std::to_string(prompt.number);
    prompt_ = id;
    socket_path_ = directory_ + "/" + kOwnSocketPrefix + number;
    file_ = directory_ + "/" + kOwnAskPrefix + number;
    auto published = system_.make_directories(directory_);
    if (published)
        published = open_socket();
    if (published)
        published = system_.replace_file(file_,
                                         write_ask_file({.pid = ::getpid(),
                                                         .socket = socket_path_,
                                                         .message = prompt.message,
                                                         .id = prompt.id,
                                                         .echo = prompt.echo,
                                                         .accept_cached = prompt.accepts_typed,
                                                         .not_after = until.value_or(Duration(0))}),
                                         kForAll);
    if (published)
        return;
    log_.warning("only the consoles ask, not the splash nor other password agents: " +
                 published.error().message());
    hidden();
}

void AskPublisher::hidden() {
    if (std::exchange(prompt_, 0) == 0)
        return;
    reader_.reset();
    socket_.reset();
    // The file first: an agent must not find it without its socket.
    for (const std::string &path : {file_, socket_path_}) {
        if (const auto removed = system_.remove_file(path); !removed)
            log_.debug(removed.error().message());
    }
}

Result<> AskPublisher::open_socket() {
    auto socket = bind_local_socket(SOCK_DGRAM, socket_path_, "password agents");
    if (!socket)
        return std::unexpected(std::move(socket.error()));
    const int on = 1;
    if (::setsockopt(socket->get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0)
        return errno_failure("ask for the senders of passwords", errno);
    auto reader = loop_.watch_fd(socket->get(), EPOLLIN, [this](std::uint32_t) { receive(); });
    if (!reader)
        return std::unexpected(std::move(reader.error()));
    socket_ = std::move(*socket);
    reader_ = std::move(*reader);
    return {};
}

// One datagram a time; the loop comes back for the next. This object shows another question, or
// none, when the answer has been handed on.
void AskPublisher::receive() {
    std::array<char, Secret::kMaxBytes + 2> buffer{};
    iovec data{buffer.data(), buffer.size()};
    CredentialsBuffer control;
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
    const ssize_t size = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0)
        return;
    Result<AgentReply> reply = failure("a password agent sent something that is too long");
    if ((header.msg_flags & MSG_TRUNC) == 0)
        reply = parse_agent_reply({buffer.data(), static_cast<std::size_t>(size)});
    wipe_memory(std::as_writable_bytes(std::span(buffer)));
    const auto sender = sender_of(header);
    if (sender != ::geteuid())
        return log_.warning("an answer by a process that is not root's is ignored");
    if (!reply)
        return log_.warning(reply.error().message());
    answer_(prompt_, {reply->is_answered ? AnswerStatus::answered : AnswerStatus::cancelled,
                      std::move(reply->secret)});
}

} // namespace slipway
