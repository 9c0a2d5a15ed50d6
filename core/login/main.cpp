// SPDX-License-Identifier: LGPL-2.1-or-later
//
// shell-login: stands before the shells of emergencies and breaks in images of systems whose root
// has a password (docs/images.md). PID 1 starts it on each console; it asks for the password and
// becomes the shell. Its end without one lets the boot go on, as the end of the shell does.
#include <poll.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "login/password_check.h"

namespace {

using namespace slipway;

constexpr const char *kHashFile = "/etc/slipway/shell-password";
constexpr std::array kShells = {"/bin/sh", "/usr/bin/sh"};

void say(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return;
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

// While it lives, what is typed is not shown. What was typed before is thrown away.
class SilentInput {
public:
    SilentInput() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= static_cast<tcflag_t>(ICANON | ECHONL);
        is_set_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    SilentInput(const SilentInput &) = delete;
    SilentInput &operator=(const SilentInput &) = delete;
    SilentInput(SilentInput &&) = delete;
    SilentInput &operator=(SilentInput &&) = delete;
    ~SilentInput() {
        if (is_set_)
            (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }

private:
    termios before_ = {};
    bool is_set_ = false;
};

// False: the person does not want to, or the terminal is gone.
bool read_line(Secret &line) {
    const SilentInput silence;
    char byte = 0;
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        if (byte == '\n')
            return true;
        (void)line.append(byte); // what is too long is wrong in any case
    }
}

// Nobody guesses fast. A signal cuts it short, and those that people can send are ignored.
void pause_for(std::chrono::milliseconds time) {
    (void)::poll(nullptr, 0, static_cast<int>(time.count()));
}

bool ask_for_password(const std::string &hash) {
    for (unsigned wrong = 0;;) {
        say("Password of root, for a shell (Ctrl-D: go on with the boot): ");
        Secret password;
        if (!read_line(password))
            return false;
        if (has_hash(password, hash))
            return true;
        ++wrong;
        say("That is not it.\n");
        pause_for(pause_after(wrong));
    }
}

void become_shell() {
    for (const int signal : {SIGINT, SIGQUIT, SIGTSTP})
        (void)::signal(signal, SIG_DFL);
    for (const char *path : kShells) {
        const std::array<const char *, 3> arguments = {"sh", "-i", nullptr};
        ::execve(path, const_cast<char *const *>(arguments.data()), environ);
    }
}

} // namespace

int main() {
    // The memory may hold a password.
    (void)::prctl(PR_SET_DUMPABLE, 0);
    // The keys that end a program would end the question.
    for (const int signal : {SIGINT, SIGQUIT, SIGTSTP})
        (void)::signal(signal, SIG_IGN);
    std::ifstream file(kHashFile);
    std::string hash;
    std::getline(file, hash);
    if (hash.empty()) {
        say(std::string("There is no shell: ") + kHashFile + " cannot be read.\n");
        return 1;
    }
    if (!ask_for_password(hash))
        return 0;
    become_shell();
    say("There is no shell in this image that can be started.\n");
    return 1;
}
