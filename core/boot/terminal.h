// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/system.h"

namespace slipway {

// One console, for output at any time and for input on request. No call blocks.
class Terminal {
public:
    Terminal() = default;
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;
    Terminal(Terminal &&) = delete;
    Terminal &operator=(Terminal &&) = delete;
    virtual ~Terminal() = default;

    // The device: "/dev/ttyS0".
    [[nodiscard]] virtual const std::string &path() const noexcept = 0;
    // To be watched by the event loop; stays the terminal's.
    [[nodiscard]] virtual int fd() const noexcept = 0;

    // How many characters have room in a line, as far as the kernel knows.
    static constexpr unsigned kUsualColumns = 80;
    [[nodiscard]] virtual unsigned columns() const noexcept { return kUsualColumns; }

    // How many bytes were taken; 0 when there is no room now.
    [[nodiscard]] virtual Result<std::size_t> write(std::string_view text) = 0;
    // Nothing when no byte is there now; an error when the terminal is gone.
    [[nodiscard]] virtual Result<std::optional<char>> read_byte() = 0;

    // After somebody else had the terminal: when the leader of a session ends, the kernel hangs its
    // terminal up, also for those who had it open before (tty_ioctl(4), TIOCNOTTY). The descriptor
    // changes; nobody may be watching the old one.
    [[nodiscard]] virtual Result<> reopen() = 0;

    // Bytes as they are typed, without echo and without signals; what was typed before is thrown
    // away. Undone by stop_input(), which throws away what nobody read, so that a passphrase typed
    // too late does not end up in a shell or at the login prompt.
    [[nodiscard]] virtual Result<> start_input() = 0;
    virtual void stop_input() noexcept = 0;
};

// The consoles that the kernel writes to, from /sys/class/tty/console/active; /dev/console if that
// says nothing.
[[nodiscard]] std::vector<std::string> console_paths(System &system);

// Opens them. Those that cannot be opened (a port without hardware behind it) are left out; if none
// can, /dev/console is tried. Empty if even that fails: then there is nobody to talk to.
[[nodiscard]] std::vector<std::unique_ptr<Terminal>> open_consoles(System &system);

// What TERM is for a program on this terminal: "linux" on the virtual ones, otherwise "vt220",
// which nearly everything at the other end of a serial line understands (as systemd does).
[[nodiscard]] std::string terminal_type(std::string_view path);

// Can a line on it be written again in place, and have colours? True of virtual terminals. What is
// at the other end of a serial line is often a file.
[[nodiscard]] bool can_redraw(std::string_view path);

} // namespace slipway
