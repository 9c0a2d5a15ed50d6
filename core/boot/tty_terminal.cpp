// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/tty_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <utility>

#include "base/secret.h"
#include "base/text.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxConsoles = 16;
constexpr cc_t kNoKey = 0xFF; // never part of UTF-8
constexpr const char *kDefaultConsole = "/dev/console";

bool would_block(int code) {
    return code == EAGAIN || code == EINTR;
}

std::unique_ptr<Terminal> open_console(System &system, const std::string &path) {
    auto fd = system.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (!fd)
        return nullptr;
    return std::make_unique<TtyTerminal>(path, std::move(*fd));
}

} // namespace

unsigned TtyTerminal::columns() const noexcept {
    winsize size = {};
    const bool is_known = ::ioctl(fd_.get(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : kUsualColumns;
}

Result<std::size_t> TtyTerminal::write(std::string_view text) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written < 0 && !would_block(errno))
        return errno_failure("write to " + path_, errno);
    return written < 0 ? 0 : static_cast<std::size_t>(written);
}

// What was typed and never read. Reading wipes it (see start_input), which a flush does not.
void TtyTerminal::drain() noexcept {
    // More than the kernel's buffer holds, so that somebody who leans on a key does not keep us.
    constexpr int kMaxReads = 128;
    std::array<std::byte, 64> buffer{};
    for (int i = 0; i < kMaxReads && ::read(fd_.get(), buffer.data(), buffer.size()) > 0; ++i)
        wipe_memory(buffer);
    (void)::tcflush(fd_.get(), TCIFLUSH);
}

// One byte at a time: what follows an answer stays in the kernel for the next question, and no
// buffer of ours ever holds more of a passphrase than this.
Result<std::optional<char>> TtyTerminal::read_byte() {
    char byte = 0;
    const ssize_t count = ::read(fd_.get(), &byte, 1);
    if (count == 1)
        return std::exchange(byte, '\0');
    const int code = errno;
    if (count < 0 && would_block(code))
        return std::nullopt;
    // The byte VEOF alone reads as nothing; so does a line that is hung up.
    pollfd state{fd_.get(), 0, 0};
    if (count == 0 && ::poll(&state, 1, 0) == 0)
        return std::nullopt;
    return errno_failure("read from " + path_, count == 0 ? EIO : code);
}

Result<> TtyTerminal::reopen() {
    UniqueFd fd(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!fd)
        return errno_failure("open " + path_ + " again", errno);
    // The settings belong to the line and were put back by stop_input() or by the hangup.
    saved_.reset();
    fd_ = std::move(fd);
    return {};
}

// ICANON without ECHO makes the kernel wipe each byte in its own buffer (N_TTY's, which it gives
// back unwiped when the terminal is closed) as it is read; EXTPROC lets the bytes through one by
// one in spite of ICANON, unchanged and without editing keys. The kernel's buffers below that are
// always wiped. ICANON alone would give whole lines only, and hide what is typed from the editor.
// TCSANOW, not TCSADRAIN: waiting for a stuck serial line would stop PID 1.
Result<> TtyTerminal::start_input() {
    if (saved_)
        return {};
    termios settings = {};
    if (::tcgetattr(fd_.get(), &settings) != 0)
        return errno_failure("read the settings of " + path_, errno);
    const termios before = settings;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ISIG | IEXTEN);
    settings.c_lflag |= static_cast<tcflag_t>(ICANON | EXTPROC);
    settings.c_iflag &= ~static_cast<tcflag_t>(INLCR | IGNCR | ISTRIP);
    settings.c_oflag |= static_cast<tcflag_t>(OPOST | ONLCR);
    // Without a key for the end of the file; the value that says so is a byte of no text.
    settings.c_cc[VEOF] = kNoKey;
    if (::tcsetattr(fd_.get(), TCSANOW, &settings) != 0)
        return errno_failure("change the settings of " + path_, errno);
    saved_ = before;
    drain();
    return {};
}

void TtyTerminal::stop_input() noexcept {
    if (!saved_)
        return;
    drain();
    (void)::tcsetattr(fd_.get(), TCSANOW, &*saved_);
    saved_.reset();
}

std::vector<std::string> console_paths(System &system) {
    std::vector<std::string> paths;
    const auto active = system.read_file("/sys/class/tty/console/active", 4096);
    for (const std::string &name : active ? split_words(*active) : std::vector<std::string>()) {
        const std::string path = "/dev/" + name;
        const bool is_name = std::ranges::all_of(
            name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
        if (is_name && std::ranges::find(paths, path) == paths.end() && paths.size() < kMaxConsoles)
            paths.push_back(path);
    }
    if (paths.empty())
        paths.emplace_back(kDefaultConsole);
    return paths;
}

std::vector<std::unique_ptr<Terminal>> open_consoles(System &system) {
    std::vector<std::unique_ptr<Terminal>> terminals;
    for (const std::string &path : console_paths(system)) {
        if (auto terminal = open_console(system, path))
            terminals.push_back(std::move(terminal));
    }
    if (terminals.empty()) {
        if (auto terminal = open_console(system, kDefaultConsole))
            terminals.push_back(std::move(terminal));
    }
    return terminals;
}

std::string terminal_type(std::string_view path) {
    constexpr std::string_view kVirtual = "/dev/tty";
    const bool is_virtual = path.starts_with(kVirtual) && path.size() > kVirtual.size() &&
                            path.find_first_not_of("0123456789", kVirtual.size()) == path.npos;
    return is_virtual ? "linux" : "vt220";
}

bool can_redraw(std::string_view path) {
    return terminal_type(path) == "linux";
}

} // namespace slipway
