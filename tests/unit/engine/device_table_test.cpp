// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/device_table.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

TEST(DeviceTable, LinksOfAllPluginsCount) {
    const std::vector<Claim> claims;
    DeviceTable table(claims);
    table.announce("/sys/a", {{"devnode", "/dev/a"}});
    EXPECT_TRUE(table.publish("one", "/sys/a", {{"links", "/dev/x\n/dev/y"}, {"ready", "1"}}));
    EXPECT_TRUE(table.publish("two", "/sys/a", {{"links", "/dev/z"}, {"ready", "0"}}));
    EXPECT_EQ(table.find("/sys/a")->facts.at("links"), "/dev/x\n/dev/y\n/dev/z");
    EXPECT_EQ(table.find("/sys/a")->facts.at("ready"), "1"); // of anything else there is one
    EXPECT_TRUE(table.publish("one", "/sys/a", {}));
    EXPECT_EQ(table.find("/sys/a")->facts.at("links"), "/dev/z");
}

TEST(DeviceTable, TheKernelsWordStands) {
    const std::vector<Claim> claims;
    DeviceTable table(claims);
    table.announce("/sys/a", {{"devnode", "/dev/a"}, {"links", "/dev/k"}});
    EXPECT_TRUE(table.publish("one", "/sys/a", {{"devnode", "/dev/b"}, {"links", "/dev/x"}}));
    EXPECT_EQ(table.find("/sys/a")->facts.at("devnode"), "/dev/a");
    EXPECT_EQ(table.find("/sys/a")->facts.at("links"), "/dev/k");
}

TEST(DeviceTable, LazyClaimsRestAndLeaveTheDeviceInDoubt) {
    Claim claim;
    claim.plugin = "raid";
    claim.match = {{"fs_type", "member"}};
    claim.lazy = true;
    const std::vector<Claim> claims = {claim};
    DeviceTable table(claims);
    table.announce("/sys/a", {{"fs_type", "member"}});
    EXPECT_TRUE(table.take_claims("/sys/a", false).empty());
    EXPECT_TRUE(table.find("/sys/a")->is_in_doubt());
    EXPECT_EQ(table.take_claims("/sys/a", true), std::vector<std::size_t>{0});
    EXPECT_FALSE(table.find("/sys/a")->is_in_doubt());
    EXPECT_TRUE(table.take_claims("/sys/a", true).empty());
    table.announce("/sys/a", {{"fs_type", "ext4"}});
    EXPECT_TRUE(table.take_claims("/sys/a", false).empty());
    EXPECT_FALSE(table.find("/sys/a")->is_in_doubt());
}

} // namespace
} // namespace slipway
