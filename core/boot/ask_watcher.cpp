// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/ask_watcher.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace slipway {

namespace {

constexpr std::string_view kAskPrefix = "ask.";
// Renamed or removed files end a question; written or renamed ones begin it.
constexpr std::uint32_t kBegins = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t kEnds = IN_DELETE | IN_MOVED_FROM;

bool is_foreign_question(std::string_view name) {
    return name.starts_with(kAskPrefix) && !name.starts_with(kOwnAskPrefix);
}

// A plain file and not, say, a FIFO, on which a read would hang.
Result<std::string> read_plain_file(const UniqueFd &fd) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0)
        return errno_failure("look at it", errno);
    if (!S_ISREG(status.st_mode))
        return failure("it is not a plain file");
    std::string text(AskFile::kMaxBytes + 1, '\0');
    const ssize_t size = ::read(fd.get(), text.data(), text.size());
    if (size < 0)
        return errno_failure("read it", errno);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

// pidfd_open(2); the header of older C libraries is of no use to C++.
UniqueFd open_process(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
}

Result<> send_datagram(const std::string &path, const Secret &datagram) {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return errno_failure("make a socket", errno);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const std::string_view bytes = datagram.view();
    if (::sendto(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr *>(&address), sizeof(address)) < 0)
        return errno_failure("send to " + printable(path), errno);
    return {};
}

} // namespace

AskWatcher::AskWatcher(System &system, EventLoop &loop, Log &log, Listener listener,
                       std::string directory)
    : system_(system), loop_(loop), log_(log), listener_(std::move(listener)),
      directory_(std::move(directory)) {}

Result<> AskWatcher::start() {
    if (auto made = system_.make_directories(directory_); !made)
        return made;
    UniqueFd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!inotify)
        return errno_failure("watch directories", errno);
    if (::inotify_add_watch(inotify.get(), directory_.c_str(), kBegins | kEnds | IN_ONLYDIR) < 0)
        return errno_failure("watch " + directory_, errno);
    auto source = loop_.watch_fd(inotify.get(), EPOLLIN, [this](std::uint32_t) { read_changes(); });
    if (!source)
        return std::unexpected(std::move(source.error()));
    inotify_ = std::move(inotify);
    on_change_ = std::move(*source);
    take_in_all();
    return {};
}

std::size_t AskWatcher::open_count() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(questions_, [](const auto &entry) { return entry.second.is_open; }));
}

// One read; the loop comes back for the rest.
void AskWatcher::read_changes() {
    constexpr std::size_t kBytes = 4096;
    alignas(inotify_event) std::array<char, kBytes> buffer{};
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size <= 0)
        return;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(size);) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof(event));
        const std::string name(event.len == 0 ? "" : buffer.data() + at + sizeof(event));
        at += sizeof(event) + event.len;
        if ((event.mask & IN_Q_OVERFLOW) != 0)
            take_in_all();
        else if (is_foreign_question(name) && (event.mask & kBegins) != 0)
            take_in(name);
        else if ((event.mask & kEnds) != 0)
            drop(name);
    }
    if (has_skipped_some_ && questions_.size() < kMaxQuestions)
        take_in_all();
}

void AskWatcher::take_in_all() {
    has_skipped_some_ = false;
    const auto names = system_.list_directory(directory_);
    if (!names)
        return log_.warning("questions of other programs are not seen: " + names.error().message());
    std::vector<std::string> gone;
    for (const auto &[name, question] : questions_) {
        if (!std::ranges::contains(*names, name))
            gone.push_back(name);
    }
    for (const std::string &name : gone)
        drop(name);
    for (const std::string &name : *names) {
        if (is_foreign_question(name) && !questions_.contains(name))
            take_in(name);
    }
}

Result<AskFile> AskWatcher::read(const std::string &name) {
    const auto fd =
        system_.open(directory_ + "/" + name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (!fd)
        return std::unexpected(fd.error());
    const auto text = read_plain_file(*fd);
    if (!text)
        return std::unexpected(text.error());
    return parse_ask_file(*text);
}

// A file that is written again is a new question.
void AskWatcher::take_in(const std::string &name) {
    drop(name);
    if (questions_.size() >= kMaxQuestions) {
        if (!std::exchange(has_skipped_some_, true))
            log_.warning("more questions than can be shown are in " + directory_);
        return;
    }
    auto ask = read(name);
    if (!ask) {
        // Withdrawn at once, or not meant for agents: nothing that people need to know.
        return log_.debug("the question " + printable(name, 80) +
                          " is not asked: " + ask.error().message());
    }
    if (ask->pid == ::getpid())
        return;
    if (ask->not_after != Duration(0) && ask->not_after <= loop_.now())
        return;
    Question question;
    question.number = ++last_number_;
    question.socket = ask->socket;
    if (const auto watched = watch_end(question, *ask, name); !watched)
        return log_.debug("the question " + printable(name, 80) +
                          " is not asked: " + watched.error().message());
    const std::uint32_t number = question.number;
    ask->file = name;
    questions_.insert_or_assign(name, std::move(question));
    listener_.opened(number, *ask);
}

Result<> AskWatcher::watch_end(Question &question, const AskFile &ask, const std::string &name) {
    if (ask.pid > 0) {
        question.process = open_process(ask.pid);
        if (!question.process)
            return errno_failure("find its process " + std::to_string(ask.pid), errno);
        auto source = loop_.watch_fd(question.process.get(), EPOLLIN,
                                     [this, name](std::uint32_t) { drop(std::string(name)); });
        if (!source)
            return std::unexpected(std::move(source.error()));
        question.process_end = std::move(*source);
    }
    if (ask.not_after == Duration(0))
        return {};
    auto timer = loop_.at(ask.not_after, [this, name] { drop(std::string(name)); });
    if (!timer)
        return std::unexpected(std::move(timer.error()));
    question.time_over = std::move(*timer);
    return {};
}

void AskWatcher::drop(const std::string &name) {
    const auto question = questions_.extract(name);
    if (!question.empty() && question.mapped().is_open)
        listener_.closed(question.mapped().number);
}

void AskWatcher::answer(std::uint32_t number, bool is_answered, const Secret &secret) {
    const auto found = std::ranges::find_if(questions_, [number](const auto &entry) {
        return entry.second.number == number && entry.second.is_open;
    });
    if (found == questions_.end())
        return;
    // The entry stays until the file is gone: the same file is not asked twice.
    found->second.is_open = false;
    found->second.time_over.reset();
    const auto sent = send_datagram(found->second.socket, agent_datagram(is_answered, secret));
    if (!sent)
        log_.warning("the answer does not reach who asked: " + sent.error().message());
}

} // namespace slipway
