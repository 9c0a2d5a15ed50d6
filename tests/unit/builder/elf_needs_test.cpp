// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/elf_needs.h"

#include <elf.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "builder/root_tree.h"
#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TemporaryDirectory;

TEST(ElfNeeds, OfAProgramHoldItsInterpreterAndTheCLibrary) {
    const Result<std::optional<ElfNeeds>> needs = read_elf_needs("/proc/self/exe");
    ASSERT_TRUE(needs) << needs.error().message();
    ASSERT_TRUE(needs->has_value());
    EXPECT_THAT((*needs)->interpreter, Not(IsEmpty()));
    EXPECT_THAT((*needs)->needed, ::testing::Contains(StartsWith("libc.so")));
    EXPECT_TRUE(is_elf_for("/proc/self/exe", (*needs)->machine, (*needs)->is_64bit));
    EXPECT_FALSE(is_elf_for("/proc/self/exe", (*needs)->machine, !(*needs)->is_64bit));
    EXPECT_FALSE(is_elf_for("/proc/self/exe", EM_AVR, (*needs)->is_64bit));
}

TEST(ElfNeeds, OfATextFileAreNothing) {
    const TemporaryDirectory directory;
    const Result<std::optional<ElfNeeds>> needs =
        read_elf_needs(directory.write("a", "#!/bin/sh\n"));
    ASSERT_TRUE(needs);
    EXPECT_FALSE(needs->has_value());
}

TEST(ElfNeeds, OfACutOffFileAreAnErrorThatNamesTheFile) {
    const TemporaryDirectory directory;
    const Result<std::string> whole = read_host_file("/proc/self/exe", 1U << 30U);
    ASSERT_TRUE(whole);
    const std::string file = directory.write("cut", whole->substr(0, 40));
    const Result<std::optional<ElfNeeds>> needs = read_elf_needs(file);
    ASSERT_FALSE(needs);
    EXPECT_THAT(needs.error().message(), ::testing::HasSubstr(file));
}

TEST(DlopenNote, IsReadWithItsPriority) {
    const std::vector<DlopenNote> notes = parse_dlopen_note(
        R"([{"feature":"tpm","priority":"required","soname":["libtss2.so.0","libtss2.so"]}])");
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0].priority, "required");
    EXPECT_THAT(notes[0].sonames, ElementsAre("libtss2.so.0", "libtss2.so"));
}

TEST(DlopenNote, IsRecommendedWithoutAPriority) {
    EXPECT_EQ(parse_dlopen_note(R"([{"soname":["libx.so"]}])").at(0).priority, "recommended");
}

TEST(DlopenNote, IsPassedOverWhenItIsDamaged) {
    EXPECT_THAT(parse_dlopen_note("[{\"soname\":"), IsEmpty());
    EXPECT_THAT(parse_dlopen_note("{}"), IsEmpty());
    EXPECT_THAT(parse_dlopen_note(R"([7, {"soname":7}, {"soname":[]}])"), IsEmpty());
}

} // namespace
} // namespace slipway
