// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace slipway::test {

// A folder with files of /sys, /run and /etc, gone with the object.
class FakeTree {
public:
    FakeTree() {
        static std::atomic<int> count = 0;
        root_ = std::filesystem::path(::testing::TempDir()) /
                ("iscsi-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(root_);
    }
    FakeTree(const FakeTree &) = delete;
    FakeTree &operator=(const FakeTree &) = delete;
    FakeTree(FakeTree &&) = delete;
    FakeTree &operator=(FakeTree &&) = delete;
    ~FakeTree() {
        std::error_code error;
        std::filesystem::remove_all(root_, error);
    }

    [[nodiscard]] std::string root() const { return root_.string(); }
    void file(const std::string &path, const std::string &text) const {
        const std::filesystem::path place = root() + path;
        std::filesystem::create_directories(place.parent_path());
        std::ofstream(place, std::ios::binary) << text;
    }
    // "" if there is no such file.
    [[nodiscard]] std::string read(const std::string &path) const {
        std::ifstream file(root() + path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    // The session session1, as the kernel shows it.
    void session(const std::string &target, const std::string &address,
                 const std::string &state) const {
        const std::string place = "/sys/class/iscsi_session/session1/";
        file(place + "targetname", target + "\n");
        file(place + "state", state + "\n");
        file(place + "ifacename", "default\n");
        file(place + "device/power", "");
        const std::string connection = "/sys/class/iscsi_connection/connection1:0/";
        file(connection + "persistent_address", address + "\n");
        file(connection + "persistent_port", "3260\n");
    }
    // A target of the firmware's table; flags: 1 used, 2 booted from.
    void firmware_target(const std::string &name, const std::string &target,
                         const std::string &address, const std::string &flags) const {
        const std::string place = "/sys/firmware/ibft/" + name + "/";
        file(place + "target-name", target + "\n");
        file(place + "ip-addr", address + "\n");
        file(place + "port", "3260\n");
        file(place + "lun", "0000000000000000\n");
        file(place + "flags", flags + "\n");
        file(place + "chap-type", "0\n");
    }

private:
    std::filesystem::path root_;
};

} // namespace slipway::test
