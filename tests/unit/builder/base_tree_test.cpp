// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/base_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::TemporaryDirectory;

TEST(InitrdRelease, SaysWhatSystemItBelongsToAndThatItIsItsInitrd) {
    const std::string text =
        initrd_release("PRETTY_NAME=\"Debian 13\"\nID=debian\nVARIANT_ID=server\n");
    EXPECT_THAT(text, HasSubstr("PRETTY_NAME=\"Debian 13 (slipway initrd)\"\n"));
    EXPECT_THAT(text, HasSubstr("ID=debian\n"));
    EXPECT_THAT(text, HasSubstr("VARIANT_ID=initrd\n"));
    EXPECT_THAT(text, Not(HasSubstr("server")));
}

TEST(BaseTree, HoldsTheConsoleAndTheMarkOfAnInitrd) {
    const TemporaryDirectory directory;
    Problems problems;
    ImageTree image;
    add_base_tree(image, RootTree(directory.path()), problems);
    EXPECT_THAT(problems.problems(), IsEmpty());
    ASSERT_NE(image.find("dev/console"), nullptr);
    EXPECT_EQ(image.find("dev/console")->major, 5U);
    EXPECT_EQ(image.find("dev/console")->minor, 1U);
    EXPECT_NE(image.find("etc/initrd-release"), nullptr);
    EXPECT_EQ(image.find("bin")->target, "usr/bin");
    EXPECT_NE(image.find("sysroot"), nullptr);
}

TEST(BaseTree, MakesInitALinkToPid1) {
    const TemporaryDirectory directory;
    directory.write("usr/lib/slipway/slipway-init", "PID 1");
    directory.write("usr/sbin/modprobe", "modprobe");
    const RootTree root(directory.path());
    Problems problems;
    ImageTree image;
    FileCollector files(image, {&root}, problems);
    add_programs_of_the_base(image, files, problems);
    EXPECT_THAT(problems.problems(), IsEmpty());
    EXPECT_EQ(image.place("/init", true).value(), "usr/lib/slipway/slipway-init");
}

TEST(BaseTree, HoldsTheStatusProgramsWhereTheyAreInstalled) {
    const TemporaryDirectory directory;
    const RootTree root(directory.path());
    Problems problems;
    ImageTree without;
    FileCollector none(without, {&root}, problems);
    add_status_programs(without, none, problems);
    EXPECT_EQ(without.find("usr/bin/slipway"), nullptr);
    directory.write("usr/lib/slipway/slipway-bus", "bus");
    directory.write("usr/lib/slipway/slipway-live", "live");
    ImageTree image;
    FileCollector files(image, {&root}, problems);
    add_status_programs(image, files, problems);
    EXPECT_THAT(problems.problems(), IsEmpty());
    EXPECT_NE(image.find("usr/lib/slipway/slipway-bus"), nullptr);
    EXPECT_EQ(image.place("/usr/bin/slipway", true).value(), "usr/lib/slipway/slipway-live");
}

} // namespace
} // namespace slipway
