// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "boot/terminal.h"

namespace slipway::test {

// A terminal without a tty: the test types into `typed` and reads `shown`.
class FakeTerminal final : public Terminal {
public:
    // `fd`: a number that is never used as a descriptor, for FakeEventLoop::deliver_fd().
    FakeTerminal(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::string shown;
    std::deque<char> typed;
    std::size_t room = 1U << 20U; // how many bytes the line still takes
    bool is_gone = false;
    bool refuses_input = false;
    bool has_input = false;
    int input_starts = 0;
    int reopened = 0;

    void type(std::string_view text) { typed.insert(typed.end(), text.begin(), text.end()); }

    [[nodiscard]] const std::string &path() const noexcept override { return path_; }
    [[nodiscard]] int fd() const noexcept override { return fd_; }
    [[nodiscard]] Result<std::size_t> write(std::string_view text) override {
        if (is_gone)
            return errno_failure("write to " + path_, EIO);
        const std::size_t taken = std::min(room, text.size());
        shown += text.substr(0, taken);
        room -= taken;
        return taken;
    }
    [[nodiscard]] Result<std::optional<char>> read_byte() override {
        if (is_gone)
            return errno_failure("read from " + path_, EIO);
        if (typed.empty())
            return std::nullopt;
        const char byte = typed.front();
        typed.pop_front();
        return byte;
    }
    [[nodiscard]] Result<> reopen() override {
        ++reopened;
        is_gone = false;
        return {};
    }
    [[nodiscard]] Result<> start_input() override {
        ++input_starts;
        if (refuses_input)
            return errno_failure("change the settings of " + path_, ENOTTY);
        has_input = true;
        typed.clear();
        return {};
    }
    void stop_input() noexcept override {
        has_input = false;
        typed.clear();
    }

private:
    std::string path_;
    int fd_;
};

} // namespace slipway::test
