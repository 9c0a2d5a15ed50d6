// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/root_tree.h"

#include <sys/stat.h>

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using testing::TemporaryDirectory;

TEST(RootTree, ResolvesAnAbsoluteLinkInsideTheRoot) {
    const TemporaryDirectory directory;
    directory.write("etc/passwd", "inside");
    directory.link("/etc/passwd", "secret");
    const RootTree root(directory.path());
    EXPECT_EQ(root.read_file("/secret").value(), "inside");
}

TEST(RootTree, DoesNotLeaveTheRootByDoubleDotsInALink) {
    const TemporaryDirectory directory;
    directory.write("etc/hostname", "inside");
    directory.link("../../../../../../../../etc/hostname", "a/b/escape");
    const RootTree root(directory.path());
    const Result<RootFile> file = root.resolve("/a/b/escape");
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ(file->path, "/etc/hostname");
    EXPECT_EQ(root.read_file("/a/b/escape").value(), "inside");
}

TEST(RootTree, FindsNothingBehindALinkWhoseTargetIsOutsideOnly) {
    const TemporaryDirectory outside;
    outside.write("key", "secret");
    const TemporaryDirectory directory;
    directory.link(outside.path() + "/key", "key");
    const Result<RootFile> file = RootTree(directory.path()).resolve("/key");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code(), ENOENT);
}

TEST(RootTree, ReportsEveryLinkOnTheWay) {
    const TemporaryDirectory directory;
    directory.write("usr/lib/libfoo.so.1.2", "x");
    directory.link("libfoo.so.1.2", "usr/lib/libfoo.so.1");
    directory.link("usr/lib", "lib");
    const Result<RootFile> file = RootTree(directory.path()).resolve("/lib/libfoo.so.1");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->path, "/usr/lib/libfoo.so.1.2");
    ASSERT_EQ(file->links.size(), 2U);
    EXPECT_EQ(file->links[0].path, "/lib");
    EXPECT_EQ(file->links[1].path, "/usr/lib/libfoo.so.1");
    EXPECT_EQ(file->links[1].target, "libfoo.so.1.2");
    EXPECT_TRUE(S_ISREG(file->mode));
}

TEST(RootTree, EndsALoopOfLinks) {
    const TemporaryDirectory directory;
    directory.link("b", "a");
    directory.link("a", "b");
    const Result<RootFile> file = RootTree(directory.path()).resolve("/a");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code(), ELOOP);
}

TEST(RootTree, ExpandsPatternsInSortedOrder) {
    const TemporaryDirectory directory;
    directory.write("etc/m.d/b.conf", "");
    directory.write("etc/m.d/a.conf", "");
    directory.write("etc/m.d/c.txt", "");
    EXPECT_THAT(RootTree(directory.path()).matching("/etc/m.d/*.conf"),
                ElementsAre("/etc/m.d/a.conf", "/etc/m.d/b.conf"));
}

TEST(RootTree, RefusesAFileThatIsTooLarge) {
    const TemporaryDirectory directory;
    directory.write("big", std::string(100, 'x'));
    const Result<std::string> text = RootTree(directory.path()).read_file("/big", 99);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), EFBIG);
}

} // namespace
} // namespace slipway
