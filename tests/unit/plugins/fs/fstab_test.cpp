// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/fstab.h"

#include <gmock/gmock.h>

namespace slipway::fs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Fstab parse(std::string_view text) {
    return parse_fstab("/etc/fstab", text);
}

TEST(Fstab, ReadsTheFieldsOfALine) {
    const Fstab table = parse("# a comment\n\n  UUID=1\t/usr  ext4 ro,noatime 0 2\n"
                              "tmpfs /tmp tmpfs\n");
    EXPECT_THAT(table.problems, IsEmpty());
    ASSERT_THAT(table.entries, SizeIs(2));
    EXPECT_EQ(table.entries[0], (FstabEntry{3, "UUID=1", "/usr", "ext4", "ro,noatime", 2}));
    EXPECT_EQ(table.entries[1], (FstabEntry{4, "tmpfs", "/tmp", "tmpfs", "", 0}));
}

TEST(Fstab, DecodesOctalEscapesOnly) {
    const Fstab table = parse("LABEL=my\\040disk /a\\011b\\134 ext4 x=\\9\\04 0 0");
    ASSERT_THAT(table.entries, SizeIs(1));
    EXPECT_EQ(table.entries[0].source, "LABEL=my disk");
    EXPECT_EQ(table.entries[0].target, "/a\tb\\");
    EXPECT_EQ(table.entries[0].options, "x=\\9\\04");
}

TEST(Fstab, NamesTheLineAndTheRemedyOfWhatIsMalformed) {
    const Fstab table = parse("/dev/vda1 /a\n/dev/vda2 / ext4 rw 0 first\n"
                              "/dev/vda3 /my disk ext4 rw 0 0\n/a /b c d 0 0 extra\n"
                              "/dev/\\000 /c ext4\n/dev/vda4 /good ext4 rw 0 1 # comment\n");
    EXPECT_THAT(table.problems,
                ElementsAre(AllOf(HasSubstr("/etc/fstab:1: "), HasSubstr("three fields")),
                            AllOf(HasSubstr("/etc/fstab:2: "), HasSubstr("\"first\"")),
                            AllOf(HasSubstr("/etc/fstab:3: "), HasSubstr("\\040")),
                            AllOf(HasSubstr("/etc/fstab:4: "), HasSubstr("more than six")),
                            AllOf(HasSubstr("/etc/fstab:5: "), HasSubstr("byte 0"))));
    ASSERT_THAT(table.entries, SizeIs(1));
    EXPECT_EQ(table.entries[0].target, "/good");
}

TEST(Fstab, IsBounded) {
    std::string many;
    for (std::size_t i = 0; i <= kMaxFstabEntries; ++i)
        many += "a /b c\n";
    EXPECT_THAT(parse(many).entries, SizeIs(kMaxFstabEntries));
    EXPECT_THAT(parse(many).problems, ElementsAre(HasSubstr("/etc/fstab:1025: only the first")));

    const Fstab large = parse("a /b c\n" + std::string(kMaxFstabBytes, '#') + "\na /b c\n");
    EXPECT_THAT(large.entries, SizeIs(1));
    EXPECT_THAT(large.problems, ElementsAre(HasSubstr("larger than 256 KiB")));

    const Fstab wide = parse("a /" + std::string(5000, 'b') + " c\n");
    EXPECT_THAT(wide.entries, IsEmpty());
    EXPECT_THAT(wide.problems, ElementsAre(HasSubstr("longer than 4096")));
}

TEST(Fstab, TextWithoutALastNewlineOrWithCarriageReturnsIsReadAsWell) {
    EXPECT_EQ(parse("a /b c\r\nd /e f").entries[1].type, "f");
    EXPECT_EQ(parse("a /b c\r\n").entries[0].type, "c");
    EXPECT_THAT(parse("").entries, IsEmpty());
}

} // namespace
} // namespace slipway::fs
