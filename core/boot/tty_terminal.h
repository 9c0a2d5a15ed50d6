// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <termios.h>

#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "boot/terminal.h"

namespace slipway {

// A Terminal on a tty of the kernel, opened with O_NONBLOCK and O_NOCTTY.
class TtyTerminal final : public Terminal {
public:
    TtyTerminal(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
    TtyTerminal(const TtyTerminal &) = delete;
    TtyTerminal &operator=(const TtyTerminal &) = delete;
    TtyTerminal(TtyTerminal &&) = delete;
    TtyTerminal &operator=(TtyTerminal &&) = delete;
    ~TtyTerminal() override { TtyTerminal::stop_input(); }

    [[nodiscard]] const std::string &path() const noexcept override { return path_; }
    [[nodiscard]] int fd() const noexcept override { return fd_.get(); }
    [[nodiscard]] unsigned columns() const noexcept override;
    [[nodiscard]] Result<std::size_t> write(std::string_view text) override;
    [[nodiscard]] Result<std::optional<char>> read_byte() override;
    [[nodiscard]] Result<> reopen() override;
    [[nodiscard]] Result<> start_input() override;
    void stop_input() noexcept override;

private:
    void drain() noexcept;

    std::string path_;
    UniqueFd fd_;
    std::optional<termios> saved_; // while input is on
};

} // namespace slipway
