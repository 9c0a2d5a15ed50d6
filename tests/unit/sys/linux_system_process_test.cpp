// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "sys/linux_system.h"

namespace slipway {
namespace {

std::string read_from(int fd) {
    std::array<char, 512> buffer = {};
    std::string text;
    for (;;) {
        const ssize_t size = ::read(fd, buffer.data(), buffer.size());
        if (size <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

int exit_status_of(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class TemporaryDirectory {
public:
    TemporaryDirectory() { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
    TemporaryDirectory(TemporaryDirectory &&) = delete;
    TemporaryDirectory &operator=(TemporaryDirectory &&) = delete;
    ~TemporaryDirectory() { (void)::rmdir(path_.c_str()); }
    [[nodiscard]] const std::string &path() const { return path_; }

private:
    std::string path_ = "/tmp/slipway-process-XXXXXX";
};

TEST(LinuxSystemProcess, a_memory_file_starts_at_its_beginning) {
    LinuxSystem system;
    const auto file = system.memory_file("state", "initrd-timestamp=1 2\n\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(read_from(file->get()), "initrd-timestamp=1 2\n\n");
}

TEST(LinuxSystemProcess, a_child_writes_what_is_unwritten_and_leaves_nothing) {
    LinuxSystem system;
    EXPECT_TRUE(system.sync_file_systems(std::chrono::minutes(1)));
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "it was reaped";
    EXPECT_EQ(errno, ECHILD);
    (void)system.sync_file_systems(Duration(0)); // comes back at once, whatever came of it
}

TEST(LinuxSystemProcess, only_temporary_file_systems_are_emptied) {
    LinuxSystem system;
    auto proc = system.open("/proc", O_RDONLY | O_DIRECTORY);
    ASSERT_TRUE(proc);
    const auto deleted = system.delete_contents(std::move(*proc));
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().code(), EINVAL);
}

// Nothing that is mounted below /tmp from now on is seen outside. Where "/" is only a changed root
// and not a mount (as in the sandbox), /tmp itself has to be one.
bool make_private() {
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ||
           ::mount(nullptr, "/tmp", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// In a namespace: a tmpfs with a tree, a link that leads out, and another mount inside.
[[noreturn]] void empty_a_tree(const std::string &base) {
    if ((::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ||
        !make_private() || ::mount("tmpfs", base.c_str(), "tmpfs", 0, nullptr) != 0)
        ::_exit(77);
    LinuxSystem system;
    const std::string root = base + "/root";
    bool is_ready = system.make_directories(root + "/a/b/c").has_value() &&
                    system.make_directories(root + "/mount").has_value() &&
                    system.write_file(root + "/a/b/file", "x").has_value() &&
                    system.make_directories(base + "/outside").has_value() &&
                    system.write_file(base + "/outside/file", "x").has_value() &&
                    system.replace_symlink("../outside", root + "/link").has_value() &&
                    ::mount("tmpfs", (root + "/mount").c_str(), "tmpfs", 0, nullptr) == 0;
    is_ready = is_ready && system.write_file(root + "/mount/file", "x").has_value();
    if (!is_ready)
        ::_exit(77);
    auto directory = system.open(root, O_RDONLY | O_DIRECTORY);
    const auto deleted = system.delete_contents(std::move(*directory));
    const auto left = system.list_directory(root);
    if (!deleted || *deleted != 5 || !left || *left != std::vector<std::string>{"mount"})
        ::_exit(1);
    if (!system.status(base + "/outside/file") || !system.status(root + "/mount/file"))
        ::_exit(2);
    ::_exit(0);
}

TEST(LinuxSystemProcess, emptying_stays_on_the_device_and_follows_no_link) {
    const TemporaryDirectory base;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0)
        empty_a_tree(base.path());
    const int status = exit_status_of(child);
    if (status == 77)
        GTEST_SKIP() << "mount namespaces are not permitted here";
    EXPECT_EQ(status, 0);
}

TEST(LinuxSystemProcess, a_program_starts_with_clean_signals_and_only_the_kept_descriptor) {
    std::array<int, 2> pipe = {-1, -1};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        (void)::signal(SIGUSR1, SIG_IGN);
        sigset_t all;
        ::sigfillset(&all);
        (void)::sigprocmask(SIG_SETMASK, &all, nullptr);
        LinuxSystem system;
        auto state = system.memory_file("state", "kept");
        const std::string fd = std::to_string(state->get());
        (void)system.execute(
            {"/bin/sh",
             {"sh", "-c",
              "exec 1>&2; cat <&" + fd + "; [ ! -e /proc/self/fd/" + std::to_string(pipe[1]) +
                  " ] && grep -q '^SigBlk:.0*$' /proc/self/status"
                  " && grep -q '^SigIgn:.0*$' /proc/self/status"
                  " && [ \"$A\" = b ] && exit 42"},
             {"A=b", "PATH=/usr/bin:/bin"}},
            "/dev/null", state->get());
        ::_exit(100);
    }
    (void)::close(pipe[0]);
    (void)::close(pipe[1]);
    EXPECT_EQ(exit_status_of(child), 42);
}

TEST(LinuxSystemProcess, a_failed_exec_comes_back_with_its_reason) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        LinuxSystem system;
        const Error error = system.execute({"/nonexistent/init", {"init"}, {}}, "/dev/null", -1);
        ::_exit(error.code() == ENOENT ? 42 : 1);
    }
    EXPECT_EQ(exit_status_of(child), 42);
}

TEST(LinuxSystemProcess, a_child_has_the_terminal_as_its_own) {
    int person = -1;
    int device = -1;
    std::array<char, 64> name = {};
    ASSERT_EQ(::openpty(&person, &device, name.data(), nullptr, nullptr), 0);
    const UniqueFd person_fd(person);
    UniqueFd device_fd(device);
    LinuxSystem system;
    const auto child = system.spawn_on_terminal({"/bin/sh",
                                                 {"sh", "-c", ": </dev/tty && tty && echo $TERM"},
                                                 {"TERM=vt220", "PATH=/usr/bin:/bin"}},
                                                name.data());
    ASSERT_TRUE(child);
    EXPECT_EQ(exit_status_of(*child), 0);
    device_fd.reset();
    EXPECT_EQ(read_from(person), std::string(name.data()) + "\r\nvt220\r\n");
}

TEST(LinuxSystemProcess, a_child_without_a_usable_terminal_says_so_by_its_status) {
    LinuxSystem system;
    const auto child = system.spawn_on_terminal({"/bin/sh", {"sh"}, {}}, "/dev/null");
    ASSERT_TRUE(child);
    EXPECT_EQ(exit_status_of(*child), System::kTerminalUnusable);
}

TEST(LinuxSystemProcess, a_child_gets_its_descriptors_and_nothing_else) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0); // not close-on-exec: the child must not get them as they are
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    LinuxSystem system;
    const auto input = system.memory_file("input", "given\n");
    ASSERT_TRUE(input);
    const auto child = system.spawn_with_descriptors(
        {"/bin/sh",
         {"sh", "-c",
          "cat <&3 >&4; echo $MARK >&4; for fd in 0 1 2 3 4 5 6 7 8 9 64 65 66; do "
          "[ -e /proc/$$/fd/$fd ] && echo $fd >&4; done; exit 0"},
         {"MARK=marked", "PATH=/usr/bin:/bin"}},
        {input->get(), writer.get()});
    ASSERT_TRUE(child) << child.error().message();
    EXPECT_EQ(exit_status_of(*child), 0);
    writer.reset();
    EXPECT_EQ(read_from(reader.get()), "given\nmarked\n0\n1\n2\n3\n4\n");
}

TEST(LinuxSystemProcess, a_child_starts_with_fresh_signals_in_a_session_of_its_own) {
    const auto before = ::signal(SIGPIPE, SIG_IGN);
    LinuxSystem system;
    const auto child =
        system.spawn_with_descriptors({"/bin/sh", {"sh", "-c", "kill -PIPE $$; exit 0"}, {}}, {});
    (void)::signal(SIGPIPE, before);
    ASSERT_TRUE(child);
    int status = 0;
    ASSERT_EQ(::waitpid(*child, &status, 0), *child);
    EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(LinuxSystemProcess, a_program_that_is_not_there_is_an_error_at_once) {
    LinuxSystem system;
    const auto child = system.spawn_with_descriptors({"/nonexistent", {"x"}, {}}, {});
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().code(), ENOENT);
}

TEST(LinuxSystemProcess, signals_reach_a_child_and_a_missing_process_is_an_error) {
    LinuxSystem system;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        for (;;)
            (void)::pause();
    }
    EXPECT_TRUE(system.send_signal(child, SIGKILL));
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(system.send_signal(child, SIGKILL));
}

TEST(LinuxSystemProcess, a_child_writes_a_file_and_reports_what_goes_wrong) {
    const TemporaryDirectory directory;
    LinuxSystem system;
    const std::string path = directory.path() + "/report";
    auto child = system.write_in_child(path, "some text");
    ASSERT_TRUE(child);
    EXPECT_EQ(exit_status_of(*child), 0);
    EXPECT_EQ(system.read_file(path).value_or(""), "some text");
    (void)::unlink(path.c_str());
    child = system.write_in_child(directory.path() + "/absent/report", "x");
    ASSERT_TRUE(child);
    EXPECT_EQ(exit_status_of(*child), ENOENT);
    child = system.write_in_child("/dev/full", "x");
    ASSERT_TRUE(child);
    EXPECT_EQ(exit_status_of(*child), ENOSPC);
}

} // namespace
} // namespace slipway
