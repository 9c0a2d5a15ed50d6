// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Plan, WritesOneInstancePerGroup) {
    Plan plan;
    plan.add("drivers", {"virtio_pci", "virtio_blk"});
    plan.add("fs", {"ext4"});
    const std::string text = plan.to_toml("modules@{group}");
    EXPECT_THAT(text, HasSubstr("[[unit]]\nname = \"modules@plan-drivers\"\n"
                                "params = { modules = \"virtio_pci virtio_blk\" }\n"));
    EXPECT_THAT(text, HasSubstr("name = \"modules@plan-fs\""));
}

TEST(Plan, LoadsAModuleOnce) {
    Plan plan;
    plan.add("luks", {"dm_mod", "dm_crypt", "dm_mod"});
    plan.add("lvm", {"dm_mod"});
    const std::string text = plan.to_toml("modules@{group}");
    EXPECT_THAT(text, HasSubstr("modules = \"dm_mod dm_crypt\""));
    EXPECT_THAT(text, Not(HasSubstr("plan-lvm")));
}

TEST(Plan, IsEmptyWithoutModules) {
    Plan plan;
    plan.add("fs", {});
    EXPECT_TRUE(plan.empty());
}

} // namespace
} // namespace slipway
