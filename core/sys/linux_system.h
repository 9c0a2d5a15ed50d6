// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "sys/system.h"

namespace slipway {

// The System that PID 1 runs on. Without state; lives in main.
class LinuxSystem final : public System {
public:
    [[nodiscard]] Result<> mount(const MountRequest &request) override;
    [[nodiscard]] Result<> unmount(const std::string &target, int flags) override;

    [[nodiscard]] Result<std::string> read_file(const std::string &path,
                                                std::size_t max_bytes = 1U << 20U) override;
    // The umask applies to new files.
    [[nodiscard]] Result<> write_file(const std::string &path, std::string_view content,
                                      mode_t mode = 0644) override;
    // The mode is set as given, whatever the umask.
    [[nodiscard]] Result<> replace_file(const std::string &path, std::string_view content,
                                        mode_t mode = 0644) override;
    [[nodiscard]] Result<> make_directories(const std::string &path, mode_t mode = 0755) override;
    [[nodiscard]] Result<> replace_symlink(const std::string &target,
                                           const std::string &link) override;
    [[nodiscard]] Result<std::string> read_symlink(const std::string &path) override;
    [[nodiscard]] Result<> remove_file(const std::string &path) override;
    [[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string &path) override;
    [[nodiscard]] Result<FileStatus> status(const std::string &path) override;
    [[nodiscard]] bool is_executable(const std::string &path) override;
    [[nodiscard]] Result<UniqueFd> open(const std::string &path, int flags,
                                        mode_t mode = 0) override;

    [[nodiscard]] Result<> change_directory(const std::string &path) override;
    [[nodiscard]] Result<> change_root(const std::string &path) override;
    [[nodiscard]] Result<std::size_t> delete_contents(UniqueFd directory) override;
    [[nodiscard]] Result<UniqueFd> memory_file(const std::string &name,
                                               std::string_view content) override;
    [[nodiscard]] Error execute(const Program &program, const std::string &console,
                                int kept_fd) override;
    [[nodiscard]] Result<pid_t> spawn_on_terminal(const Program &program,
                                                  const std::string &terminal) override;
    [[nodiscard]] Result<pid_t> write_in_child(const std::string &path,
                                               const std::string &content) override;
    [[nodiscard]] Result<pid_t> write_on_partition_in_child(const PartitionFile &file) override;
    [[nodiscard]] Result<pid_t>
    spawn_with_descriptors(const Program &program, const std::vector<int> &descriptors) override;
    [[nodiscard]] Result<> send_signal(pid_t process, int signal) override;
    [[nodiscard]] bool sync_file_systems(Duration limit) override;
    [[nodiscard]] Error end_machine(PowerAction action) override;

    [[nodiscard]] std::int64_t monotonic_usec() override;
    [[nodiscard]] std::int64_t realtime_usec() override;
};

} // namespace slipway
