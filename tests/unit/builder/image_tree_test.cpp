// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_tree.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(ImageTree, PutsAFileBehindADirectoryLinkWhereTheLinkLeads) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_link("/lib", "usr/lib", ""));
    ASSERT_TRUE(tree.add_text("/lib/a.conf", "x", ""));
    EXPECT_NE(tree.find("usr/lib/a.conf"), nullptr);
    EXPECT_EQ(tree.find("lib/a.conf"), nullptr);
}

TEST(ImageTree, MakesTheDirectoriesOnTheWay) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_text("/a/b/c", "x", ""));
    ASSERT_NE(tree.find("a/b"), nullptr);
    EXPECT_EQ(tree.find("a/b")->kind, ImageEntryKind::directory);
    EXPECT_EQ(tree.entries().begin()->first, "a");
}

TEST(ImageTree, KeepsTheFirstOfTwoFilesOfOneName) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_text("/a", "first", "why first"));
    ASSERT_TRUE(tree.add_text("/a", "second", "why second"));
    EXPECT_EQ(tree.find("a")->content, "first");
}

TEST(ImageTree, RefusesAFileWhereADirectoryIs) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_text("/a/b", "x", ""));
    const Result<> added = tree.add_text("/a", "x", "");
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code(), EEXIST);
}

TEST(ImageTree, RefusesAFileBelowAFile) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_text("/a", "x", ""));
    const Result<> added = tree.add_text("/a/b", "x", "");
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code(), ENOTDIR);
}

TEST(ImageTree, NeverLeavesTheImageByDoubleDots) {
    const ImageTree tree;
    EXPECT_EQ(tree.place("/../../etc/../x").value(), "x");
}

TEST(ImageTree, EndsALoopOfLinks) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_link("/a", "b", ""));
    ASSERT_TRUE(tree.add_link("/b", "a", ""));
    const Result<std::string> placed = tree.place("/a/x");
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().code(), ELOOP);
}

TEST(ImageTree, DropsTheSetUserIdBit) {
    ImageTree tree;
    ASSERT_TRUE(tree.add_file("/a", "/nowhere", 0104755, ""));
    EXPECT_EQ(tree.find("a")->mode, 0755U);
}

} // namespace
} // namespace slipway
