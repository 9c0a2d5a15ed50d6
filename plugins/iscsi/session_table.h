// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::iscsi {

// A session as the kernel has it.
struct Session {
    std::string id; // "session3"
    std::string target;
    std::string address; // of the portal, as it was asked for
    std::string port;
    std::string interface_id; // of open-iscsi's interface record: "default"
    bool is_logged_in = false;
    bool has_failed = false; // the kernel waits for iscsid to log in once more
    bool had_disks = false;  // a login has succeeded once
};

// Reads the kernel's sessions and their disks from sysfs.
class SessionTable {
public:
    // `root`: what stands in front of "/sys"; tests hand in a folder of their own.
    explicit SessionTable(std::string root = "") : root_(std::move(root)) {}

    [[nodiscard]] std::vector<Session> sessions() const;
    // Of a disk or partition by its syspath; nothing if it does not hang on a session.
    [[nodiscard]] std::optional<Session> session_of(std::string_view syspath) const;
    // What the kernel calls the driver of its own connections (iscsi_tcp) in messages.
    [[nodiscard]] std::optional<std::uint64_t> transport_handle() const;
    // Of a partition's disk: how many partitions the kernel knows on it.
    [[nodiscard]] std::size_t count_partitions(std::string_view disk_syspath) const;

private:
    [[nodiscard]] std::optional<Session> read_session(const std::string &id) const;
    [[nodiscard]] std::string read(const std::string &path) const;

    std::string root_;
};

// The 3 of "session3".
[[nodiscard]] std::optional<std::uint32_t> number_of(const Session &session);

// The LUN in ".../2:0:0:1/block/sda".
[[nodiscard]] std::optional<std::uint64_t> lun_of(std::string_view disk_syspath);

} // namespace slipway::iscsi
