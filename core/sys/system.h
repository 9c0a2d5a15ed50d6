// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace slipway {

struct MountRequest {
    std::string source; // "" for none
    std::string target;
    std::string type;        // "" with MS_MOVE and MS_BIND
    unsigned long flags = 0; // MS_*, mount(2)
    std::string data;
};

// A program to run. Nothing is inherited but what stands here.
struct Program {
    std::string path;
    std::vector<std::string> arguments;   // with argv[0]
    std::vector<std::string> environment; // "NAME=value"
};

// How the machine ends when there is nothing to boot.
enum class PowerAction { reboot, poweroff, halt };

// A small text to be kept on a FAT file system, beside earlier ones of its kind: the newest is
// <directory>/<name>-1.txt.
struct PartitionFile {
    std::string device; // "/dev/vda1"
    std::string directory{};
    std::string name{};
    std::string content{};
    unsigned kept = 1; // how many there are afterwards at most
};

struct FileStatus {
    std::uint64_t device = 0;        // st_dev
    std::uint64_t device_number = 0; // st_rdev
    std::uint32_t mode = 0;
};

// The one door from PID 1 to the system: everything in core/boot and core/device that touches
// files, mounts or processes does it through here, so that tests can hand in a fake. No call blocks
// on a device: only the virtual file systems of the initrd are touched (law 1).
class System {
public:
    System() = default;
    System(const System &) = delete;
    System &operator=(const System &) = delete;
    System(System &&) = delete;
    System &operator=(System &&) = delete;
    virtual ~System() = default;

    // mount(2), umount2(2)
    [[nodiscard]] virtual Result<> mount(const MountRequest &request) = 0;
    [[nodiscard]] virtual Result<> unmount(const std::string &target, int flags) = 0;

    // Whole files, at most `max_bytes`; EFBIG beyond. Meant for /proc, /sys, /run and the image.
    [[nodiscard]] virtual Result<std::string> read_file(const std::string &path,
                                                        std::size_t max_bytes = 1U << 20U) = 0;
    // Truncates or creates; not atomic. For sysfs and procfs attributes, and new files.
    [[nodiscard]] virtual Result<> write_file(const std::string &path, std::string_view content,
                                              mode_t mode = 0644) = 0;
    // Through a temporary name and rename(2).
    [[nodiscard]] virtual Result<> replace_file(const std::string &path, std::string_view content,
                                                mode_t mode = 0644) = 0;
    // Directories on the way are made as well; an existing directory is success.
    [[nodiscard]] virtual Result<> make_directories(const std::string &path,
                                                    mode_t mode = 0755) = 0;
    // Replaces an existing link or file atomically.
    [[nodiscard]] virtual Result<> replace_symlink(const std::string &target,
                                                   const std::string &link) = 0;
    [[nodiscard]] virtual Result<std::string> read_symlink(const std::string &path) = 0;
    // A missing file is success.
    [[nodiscard]] virtual Result<> remove_file(const std::string &path) = 0;
    [[nodiscard]] virtual Result<std::vector<std::string>>
    list_directory(const std::string &path) = 0; // names without "." and "..", sorted
    [[nodiscard]] virtual Result<FileStatus> status(const std::string &path) = 0; // follows links
    [[nodiscard]] virtual bool is_executable(const std::string &path) = 0;
    [[nodiscard]] virtual Result<UniqueFd> open(const std::string &path, int flags,
                                                mode_t mode = 0) = 0; // adds O_CLOEXEC

    // --- processes: the switch to the real root, the emergency shell, the end -------------------
    // chdir(2), chroot(2)
    [[nodiscard]] virtual Result<> change_directory(const std::string &path) = 0;
    [[nodiscard]] virtual Result<> change_root(const std::string &path) = 0;
    // Empties a directory of a tmpfs or ramfs (EINVAL on any other file system), staying on its
    // device. What cannot be removed stays. The number of removed entries comes back.
    [[nodiscard]] virtual Result<std::size_t> delete_contents(UniqueFd directory) = 0;
    // memfd_create(2), at offset 0, inherited by execute().
    [[nodiscard]] virtual Result<UniqueFd> memory_file(const std::string &name,
                                                       std::string_view content) = 0;
    // Becomes another program. What this process changed is put back first: signals, umask,
    // standard streams (on `console`, else on /dev/null); every descriptor but `kept_fd` (-1:
    // none) is closed by the exec. Comes back only with the reason of its failure.
    [[nodiscard]] virtual Error execute(const Program &program, const std::string &console,
                                        int kept_fd) = 0;
    // A child in a session of its own with `terminal` as its controlling terminal and standard
    // streams. The caller watches it; it exits with kTerminalUnusable if the terminal or the
    // program cannot be used (the number that env(1) and timeout(1) have for their own failures).
    static constexpr int kTerminalUnusable = 125;
    [[nodiscard]] virtual Result<pid_t> spawn_on_terminal(const Program &program,
                                                          const std::string &terminal) = 0;
    // A child that writes the whole file with one write(2), and before that lifts the immutable
    // flag that efivarfs puts on its files. It exits with 0 or an errno value, and is killed after
    // some seconds. For what may block.
    [[nodiscard]] virtual Result<pid_t> write_in_child(const std::string &path,
                                                       const std::string &content) = 0;
    // A child that mounts the partition where only it can see that, and writes the file. Exits as
    // the one above; EUCLEAN: the file system was not unmounted cleanly, and is left alone.
    [[nodiscard]] virtual Result<pid_t> write_on_partition_in_child(const PartitionFile &file) = 0;
    // A child in a session of its own, whose standard streams are /dev/null and which inherits
    // `descriptors` as 3, 4, … and nothing else. The caller watches it.
    [[nodiscard]] virtual Result<pid_t>
    spawn_with_descriptors(const Program &program, const std::vector<int> &descriptors) = 0;
    // kill(2); for children that are not yet reaped.
    [[nodiscard]] virtual Result<> send_signal(pid_t process, int signal) = 0;
    static constexpr Duration kSyncLimit = std::chrono::seconds(10);
    // sync(2) by a child. A disk that does not answer holds it up for ever, so nobody waits longer
    // than `limit` for it; what has not been written then is lost. False: it was not written.
    [[nodiscard]] virtual bool sync_file_systems(Duration limit) = 0;
    // What people are told then.
    static constexpr const char *kNotSynced =
        "the disks have not taken everything within 10 s, so what was written last may be lost; a "
        "disk that does not answer is named by the kernel";
    // reboot(2); comes back only with the reason of its failure.
    [[nodiscard]] virtual Error end_machine(PowerAction action) = 0;

    // Microseconds of CLOCK_MONOTONIC and CLOCK_REALTIME.
    [[nodiscard]] virtual std::int64_t monotonic_usec() = 0;
    [[nodiscard]] virtual std::int64_t realtime_usec() = 0;
};

} // namespace slipway
