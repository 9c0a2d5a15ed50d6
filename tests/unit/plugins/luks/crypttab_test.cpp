// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/crypttab.h"

#include <gmock/gmock.h>

namespace slipway::luks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Crypttab, ReadsFieldsAndLineNumbers) {
    const Crypttab table = parse_crypttab("/etc/crypttab", "# comment\n\n"
                                                           "cryptroot UUID=ab none luks,discard\r\n"
                                                           "\tdata\t/dev/sdb1 /etc/key\n"
                                                           "bare /dev/sdc");
    EXPECT_THAT(table.problems, IsEmpty());
    ASSERT_THAT(table.entries, SizeIs(3));
    EXPECT_EQ(table.entries[0].line, 3U);
    EXPECT_EQ(table.entries[0].name, "cryptroot");
    EXPECT_EQ(table.entries[0].source, "UUID=ab");
    EXPECT_EQ(table.entries[0].keyfile, "");
    EXPECT_EQ(table.entries[0].options, "luks,discard");
    EXPECT_EQ(table.entries[1].keyfile, "/etc/key");
    EXPECT_EQ(table.entries[2].source, "/dev/sdc");
}

TEST(Crypttab, NamesFileLineAndRemedyOfABadLine) {
    const Crypttab table =
        parse_crypttab("/etc/crypttab", "only\na/b UUID=x\nfive a b c d\ngood UUID=y\n");
    EXPECT_THAT(table.problems,
                ElementsAre(HasSubstr("/etc/crypttab:1: a line needs a name and a device"),
                            HasSubstr("/etc/crypttab:2: \"a/b\""), HasSubstr("/etc/crypttab:3:")));
    EXPECT_THAT(table.entries, SizeIs(1));
}

TEST(Crypttab, BoundsTheNumberOfEntries) {
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += "v" + std::to_string(i) + " UUID=x\n";
    const Crypttab table = parse_crypttab("f", text);
    EXPECT_THAT(table.entries, SizeIs(1024));
    EXPECT_THAT(table.problems, SizeIs(1));
}

TEST(MappingName, FollowsTheLimitsOfTheDeviceMapper) {
    EXPECT_TRUE(is_mapping_name("luks-5a1e0000-0000-4000-8000-00000000c0de"));
    EXPECT_FALSE(is_mapping_name(""));
    EXPECT_FALSE(is_mapping_name("a/b"));
    EXPECT_FALSE(is_mapping_name(".."));
    EXPECT_FALSE(is_mapping_name("control"));
    EXPECT_FALSE(is_mapping_name("a\nb"));
    EXPECT_FALSE(is_mapping_name("a b"));
    EXPECT_TRUE(is_mapping_name("gerät"));
    // The unit of such a name would have another one: TOML is UTF-8.
    EXPECT_FALSE(is_mapping_name("a\xff"));
    EXPECT_TRUE(is_mapping_name(std::string(127, 'x')));
    EXPECT_FALSE(is_mapping_name(std::string(128, 'x')));
}

} // namespace
} // namespace slipway::luks
