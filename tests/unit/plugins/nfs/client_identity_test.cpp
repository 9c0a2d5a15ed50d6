// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "nfs/client_identity.h"

namespace slipway::nfs {
namespace {

class ClientIdentity : public testing::Test {
protected:
    ClientIdentity() {
        std::string name = (std::filesystem::temp_directory_path() / "nfs-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        sysfs_ = name;
    }
    ClientIdentity(const ClientIdentity &) = delete;
    ClientIdentity &operator=(const ClientIdentity &) = delete;
    ClientIdentity(ClientIdentity &&) = delete;
    ClientIdentity &operator=(ClientIdentity &&) = delete;
    ~ClientIdentity() override { std::filesystem::remove_all(sysfs_); }

    void write(const std::string &path, std::string_view text) {
        std::filesystem::create_directories(std::filesystem::path(sysfs_ + path).parent_path());
        std::ofstream(sysfs_ + path) << text;
    }
    std::string identifier() {
        std::ifstream file(sysfs_ + kIdentifier);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static constexpr const char *kIdentifier = "/fs/nfs/net/nfs_client/identifier";
    static constexpr const char *kParameter = "/module/nfs/parameters/nfs4_unique_id";
    std::string sysfs_;
};

TEST_F(ClientIdentity, IsSetWhenThereIsNone) {
    for (const char *nothing : {"", "\n", "(null)\n"}) {
        write(kIdentifier, nothing);
        write(kParameter, "\n");
        ASSERT_TRUE(identify_client(sysfs_, "52:54:00:12:34:00"));
        EXPECT_TRUE(identifier().starts_with("52:54:00:12:34:00")) << nothing;
    }
}

TEST_F(ClientIdentity, LeavesWhatWasSet) {
    write(kIdentifier, "mine\n");
    ASSERT_TRUE(identify_client(sysfs_, "x"));
    EXPECT_EQ(identifier(), "mine\n");
    write(kIdentifier, "(null)\n");
    write(kParameter, "rack-7\n");
    ASSERT_TRUE(identify_client(sysfs_, "x"));
    EXPECT_EQ(identifier(), "(null)\n");
}

TEST_F(ClientIdentity, SaysThatTheModuleIsMissing) {
    const auto result = identify_client(sysfs_, "x");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ENOENT);
}

} // namespace
} // namespace slipway::nfs
