// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nfs/option_words.h"

namespace slipway::nfs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MountOptions options_of(const std::vector<std::string> &words, bool is_v4 = false) {
    const auto options = read_mount_options(words, is_v4);
    EXPECT_TRUE(options) << options.error().message();
    return options.value_or(MountOptions{});
}

TEST(Versions, are_tried_from_the_best_one_down) {
    EXPECT_THAT(options_of({}).versions, ElementsAre("4.2", "4.1", "4.0", "3"));
    EXPECT_THAT(options_of({}, true).versions, ElementsAre("4.2", "4.1", "4.0"));
}

TEST(Versions, are_what_an_option_says) {
    EXPECT_THAT(options_of({"vers=3"}).versions, ElementsAre("3"));
    EXPECT_THAT(options_of({"nfsvers=4"}).versions, ElementsAre("4.2", "4.1", "4.0"));
    EXPECT_THAT(options_of({"v4.1"}).versions, ElementsAre("4.1"));
    EXPECT_THAT(options_of({"vers=4", "minorversion=0"}).versions, ElementsAre("4.0"));
    EXPECT_THAT(options_of({"vers=4", "vers=3"}).versions, ElementsAre("3")) << "the later one";
    EXPECT_THAT(options_of({"vers=3"}, true).versions, ElementsAre("3"));
    EXPECT_THAT(options_of({"vers=3"}).kernel, IsEmpty()) << "whoever mounts says it";
    EXPECT_THAT(options_of({"udp"}).versions, ElementsAre("3"));
    for (const char *word : {"vers=2", "vers=5", "v2"})
        EXPECT_FALSE(read_mount_options({word}, false)) << word;
    EXPECT_FALSE(read_mount_options({"vers=4", "minorversion=9"}, false));
}

TEST(MountOptions, go_where_they_are_understood) {
    const MountOptions options = options_of({"wsize=4096", "nosuid", "ro", "noatime", "retry=3",
                                             "bg", "_netdev", "x-systemd.automount", "rw", "soft"});
    EXPECT_THAT(options.kernel, ElementsAre("wsize=4096", "soft"));
    EXPECT_THAT(options.attributes, ElementsAre("nosuid", "noatime"));
    EXPECT_EQ(options.writable, true);
    EXPECT_FALSE(options_of({}).writable.has_value());
}

TEST(MountOptions, later_attributes_win) {
    EXPECT_THAT(options_of({"nodev", "dev"}).attributes, IsEmpty());
    EXPECT_THAT(options_of({"noatime", "strictatime"}).attributes, ElementsAre("strictatime"));
    EXPECT_THAT(options_of({"strictatime", "relatime"}).attributes, IsEmpty());
    EXPECT_THAT(options_of({"nodiratime", "noatime"}).attributes,
                ElementsAre("nodiratime", "noatime"));
    EXPECT_THAT(options_of({"nodiratime", "diratime"}).attributes, IsEmpty());
}

TEST(MountOptions, tell_how_the_server_is_reached) {
    EXPECT_TRUE(options_of({}).uses_tcp());
    EXPECT_TRUE(options_of({}).admits(true));
    EXPECT_TRUE(options_of({}).admits(false));
    const MountOptions six = options_of({"proto=tcp6", "port=20490", "mountport=20048"});
    EXPECT_TRUE(six.uses_tcp());
    EXPECT_TRUE(six.admits(true));
    EXPECT_FALSE(six.admits(false));
    EXPECT_EQ(six.port, 20490);
    EXPECT_EQ(six.mount_port, 20048);
    EXPECT_FALSE(options_of({"proto=rdma"}).uses_tcp());
    EXPECT_FALSE(options_of({"udp"}).admits(true));
    EXPECT_TRUE(options_of({"sec=krb5"}).chooses_security);
    EXPECT_TRUE(options_of({"lock"}).chooses_locking);
    EXPECT_FALSE(options_of({"port=99999"}).port.has_value()) << "the kernel will refuse it";
}

} // namespace
} // namespace slipway::nfs
