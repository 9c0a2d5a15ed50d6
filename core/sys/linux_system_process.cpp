// SPDX-License-Identifier: LGPL-2.1-or-later
// The part of LinuxSystem that ends, replaces or starts processes.
#include "sys/linux_system.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/argument_list.h"
#include "sys/partition_writer.h"

namespace slipway {

namespace {

// Deeper than any image; bounds the descriptors that are open at once.
constexpr int kMaxDepth = 64;

struct DirectoryCloser {
    void operator()(DIR *directory) const noexcept { ::closedir(directory); }
};

// Recursive and relative to descriptors: no path is walked twice, and no link is followed out of
// the tree. Another device below (a mount that was left behind) is not entered.
std::size_t delete_tree(UniqueFd fd, dev_t device, int depth) {
    struct stat status = {};
    if (::fstat(fd.get(), &status) != 0 || status.st_dev != device || depth > kMaxDepth)
        return 0;
    const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(fd.get()));
    if (!directory)
        return 0;
    const int parent = fd.release(); // closedir() closes it
    std::size_t removed = 0;
    while (const dirent *entry = ::readdir(directory.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        if (entry->d_type != DT_DIR) {
            removed += ::unlinkat(parent, entry->d_name, 0) == 0 ? 1 : 0;
            continue;
        }
        UniqueFd child(
            ::openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (child)
            removed += delete_tree(std::move(child), device, depth + 1);
        removed += ::unlinkat(parent, entry->d_name, AT_REMOVEDIR) == 0 ? 1 : 0;
    }
    return removed;
}

// Ignored signals and the mask survive an exec; a new program expects neither.
void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal)
        (void)::signal(signal, SIG_DFL); // SIGKILL and SIGSTOP refuse, which is right
    sigset_t none;
    ::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Reaps the child if it has ended.
bool ends_within(pid_t child, Duration limit) {
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    pollfd poll = {process.get(), POLLIN, 0};
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(limit);
    // PID 1 holds its signals back: nothing interrupts this.
    const int count = ::poll(&poll, 1, static_cast<int>(milliseconds.count()));
    return count > 0 && ::waitpid(child, nullptr, WNOHANG) == child;
}

void set_standard_streams(int fd) {
    for (int stream = 0; stream <= 2; ++stream) {
        if (fd != stream)
            (void)::dup2(fd, stream);
    }
    if (fd > 2)
        (void)::close(fd);
}

bool open_standard_streams(const char *path) {
    const int fd = ::open(path, O_RDWR | O_NOCTTY);
    if (fd >= 0)
        set_standard_streams(fd);
    return fd >= 0;
}

[[noreturn]] void become_terminal_program(const std::string &terminal, const char *path,
                                          char *const *arguments, char *const *environment) {
    reset_signals();
    (void)::umask(022);
    (void)::setsid();
    const int fd = ::open(terminal.c_str(), O_RDWR | O_NOCTTY);
    // 1: taken from another session if need be; PID 1's older children may still hold it.
    if (fd < 0 || ::ioctl(fd, TIOCSCTTY, 1) != 0)
        ::_exit(System::kTerminalUnusable);
    set_standard_streams(fd);
    (void)::close_range(3, ~0U, 0);
    // A cast does not silence warn_unused_result.
    if (::chdir("/") != 0)
        ::_exit(System::kTerminalUnusable);
    ::execve(path, arguments, environment);
    ::_exit(System::kTerminalUnusable);
}

// ioctl_iflags(2)
void lift_immutable_flag(const char *path) {
    const int fd = ::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int flags = 0;
    if (fd < 0)
        return;
    if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL) != 0) {
        flags &= ~FS_IMMUTABLE_FL;
        (void)::ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    (void)::close(fd);
}

constexpr unsigned kMaxSecondsOfWriters = 10;

[[noreturn]] void become_writer(const char *path, const char *content, std::size_t size) {
    reset_signals();
    (void)::alarm(kMaxSecondsOfWriters);
    lift_immutable_flag(path);
    const int fd = ::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        ::_exit(errno);
    const ssize_t written = ::write(fd, content, size);
    ::_exit(written < 0 ? errno : static_cast<std::size_t>(written) < size ? ENOSPC : 0);
}

// What posix_spawn(3) does in the child. It shares the memory of PID 1 until the exec, so nothing
// is copied, unlike by a fork.
class SpawnPlan {
public:
    SpawnPlan() {
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        (void)::posix_spawnattr_setsigmask(&attributes_, &none);
        (void)::posix_spawnattr_setsigdefault(&attributes_, &all);
        (void)::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                           POSIX_SPAWN_SETSIGDEF);
        (void)::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDWR, 0);
        give(0, 1);
        give(0, 2);
    }
    SpawnPlan(const SpawnPlan &) = delete;
    SpawnPlan &operator=(const SpawnPlan &) = delete;
    SpawnPlan(SpawnPlan &&) = delete;
    SpawnPlan &operator=(SpawnPlan &&) = delete;
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void give(int fd, int as) { note(::posix_spawn_file_actions_adddup2(&actions_, fd, as)); }
    void close_from(int fd) { note(::posix_spawn_file_actions_addclosefrom_np(&actions_, fd)); }

    // 0 or an errno value.
    [[nodiscard]] int start(pid_t &child, const char *path, const std::vector<char *> &arguments,
                            const std::vector<char *> &environment) const {
        return code_ != 0 ? code_
                          : ::posix_spawn(&child, path, &actions_, &attributes_, arguments.data(),
                                          environment.data());
    }

private:
    void note(int code) { code_ = code_ != 0 ? code_ : code; }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
    int code_ = 0;
};

} // namespace

Result<> LinuxSystem::change_directory(const std::string &path) {
    if (::chdir(path.c_str()) != 0)
        return errno_failure("change directory to " + path, errno);
    return {};
}

Result<> LinuxSystem::change_root(const std::string &path) {
    if (::chroot(path.c_str()) != 0)
        return errno_failure("change root to " + path, errno);
    return {};
}

Result<std::size_t> LinuxSystem::delete_contents(UniqueFd directory) {
    struct statfs file_system = {};
    struct stat status = {};
    if (::fstatfs(directory.get(), &file_system) != 0 || ::fstat(directory.get(), &status) != 0)
        return errno_failure("look at the old root", errno);
    if (file_system.f_type != TMPFS_MAGIC && file_system.f_type != RAMFS_MAGIC)
        return failure("the old root is neither tmpfs nor ramfs: its files are left alone", EINVAL);
    return delete_tree(std::move(directory), status.st_dev, 0);
}

Result<UniqueFd> LinuxSystem::memory_file(const std::string &name, std::string_view content) {
    UniqueFd fd(::memfd_create(name.c_str(), MFD_CLOEXEC));
    if (!fd)
        return errno_failure("create the memory file " + name, errno);
    while (!content.empty()) {
        const ssize_t written = ::write(fd.get(), content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return errno_failure("write the memory file " + name, errno);
        content.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    (void)::lseek(fd.get(), 0, SEEK_SET);
    return fd;
}

Error LinuxSystem::execute(const Program &program, const std::string &console, int kept_fd) {
    if (!open_standard_streams(console.c_str()))
        (void)open_standard_streams("/dev/null");
    reset_signals();
    (void)::umask(022);
    (void)::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (kept_fd >= 0)
        (void)::fcntl(kept_fd, F_SETFD, 0);
    ::execve(program.path.c_str(), argument_list(program.arguments).data(),
             argument_list(program.environment).data());
    return Error::from_errno("execute " + program.path, errno);
}

Result<pid_t> LinuxSystem::spawn_on_terminal(const Program &program, const std::string &terminal) {
    const std::vector<char *> arguments = argument_list(program.arguments);
    const std::vector<char *> environment = argument_list(program.environment);
    const pid_t child = ::fork();
    if (child < 0)
        return errno_failure("start " + program.path, errno);
    if (child == 0)
        become_terminal_program(terminal, program.path.c_str(), arguments.data(),
                                environment.data());
    return child;
}

Result<pid_t> LinuxSystem::write_in_child(const std::string &path, const std::string &content) {
    const pid_t child = ::fork();
    if (child < 0)
        return errno_failure("write " + path, errno);
    if (child == 0)
        become_writer(path.c_str(), content.data(), content.size());
    return child;
}

// The child may allocate: PID 1 has one thread.
Result<pid_t> LinuxSystem::write_on_partition_in_child(const PartitionFile &file) {
    const pid_t child = ::fork();
    if (child < 0)
        return errno_failure("write to " + file.device, errno);
    if (child == 0) {
        reset_signals();
        (void)::alarm(kMaxSecondsOfWriters);
        ::_exit(write_on_partition(file));
    }
    return child;
}

Result<pid_t> LinuxSystem::spawn_with_descriptors(const Program &program,
                                                  const std::vector<int> &descriptors) {
    // Copies far above the numbers that they get in the child, so that no move overwrites another.
    constexpr int kFirstCopy = 64;
    constexpr int kFirst = 3;
    SpawnPlan plan;
    std::vector<UniqueFd> copies;
    for (const int fd : descriptors) {
        copies.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstCopy));
        if (!copies.back())
            return errno_failure("hand a descriptor to " + program.path, errno);
        plan.give(copies.back().get(), kFirst + static_cast<int>(copies.size()) - 1);
    }
    plan.close_from(kFirst + static_cast<int>(descriptors.size()));
    const std::vector<char *> arguments = argument_list(program.arguments);
    const std::vector<char *> environment = argument_list(program.environment);
    pid_t child = -1;
    if (const int code = plan.start(child, program.path.c_str(), arguments, environment); code != 0)
        return errno_failure("start " + program.path, code);
    return child;
}

Result<> LinuxSystem::send_signal(pid_t process, int signal) {
    if (::kill(process, signal) != 0)
        return errno_failure("send a signal to process " + std::to_string(process), errno);
    return {};
}

bool LinuxSystem::sync_file_systems(Duration limit) {
    const pid_t child = ::fork();
    if (child == 0) {
        reset_signals();
        ::sync();
        ::_exit(0);
    }
    if (child < 0)
        return false;
    return ends_within(child, limit);
}

Error LinuxSystem::end_machine(PowerAction action) {
    constexpr std::array<unsigned int, 3> kCommands = {RB_AUTOBOOT, RB_POWER_OFF, RB_HALT_SYSTEM};
    (void)::reboot(static_cast<int>(kCommands[static_cast<std::size_t>(action)]));
    return Error::from_errno("reboot(2)", errno);
}

} // namespace slipway
