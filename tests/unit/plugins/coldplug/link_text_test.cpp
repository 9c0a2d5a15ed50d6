// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/link_text.h"

#include <gmock/gmock.h>

namespace slipway::coldplug {
namespace {

using namespace std::string_view_literals;

TEST(EncodedLinkPart, KeepsWhatUdevKeeps) {
    EXPECT_EQ(encode_link_part("aZ09#+-.:=@_"), "aZ09#+-.:=@_");
    EXPECT_EQ(encode_link_part("größe-日本"), "größe-日本");
    EXPECT_EQ(encode_link_part(""), "");
}

TEST(EncodedLinkPart, WritesEverythingElseInHexadecimal) {
    EXPECT_EQ(encode_link_part("my disk"), "my\\x20disk");
    EXPECT_EQ(encode_link_part("a/b\\c"), "a\\x2fb\\x5cc");
    EXPECT_EQ(encode_link_part("\x01\n\x1b[31m\x7f"), "\\x01\\x0a\\x1b\\x5b31m\\x7f");
}

TEST(EncodedLinkPart, HasNoSlashWhateverTheLabel) {
    EXPECT_EQ(encode_link_part("../../sda"), "..\\x2f..\\x2fsda");
}

TEST(EncodedLinkPart, ABackslashOfTheLabelIsNoEscape) {
    EXPECT_EQ(encode_link_part("\\x2f"), "\\x5cx2f");
}

TEST(EncodedLinkPart, WritesBrokenUtf8ByteByByte) {
    EXPECT_EQ(encode_link_part("a\xff"), "a\\xff");
    EXPECT_EQ(encode_link_part("\xe6\x97"), "\\xe6\\x97");          // cut off
    EXPECT_EQ(encode_link_part("\xc0\xaf"), "\\xc0\\xaf");          // an overlong slash
    EXPECT_EQ(encode_link_part("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // a surrogate
}

TEST(ReplacedLinkPart, BlanksAtTheEndsVanishAndRunsBecomeOneUnderscore) {
    EXPECT_EQ(replace_link_part("  QEMU   HARDDISK \n"), "QEMU_HARDDISK");
    EXPECT_EQ(replace_link_part("a \t b"), "a_b");
    EXPECT_EQ(replace_link_part("   "), "");
    EXPECT_EQ(replace_link_part(""), "");
}

TEST(ReplacedLinkPart, OtherCharactersBecomeOneUnderscoreEach) {
    EXPECT_EQ(replace_link_part("../../sda"), ".._.._sda");
    EXPECT_EQ(replace_link_part("a\x01\x1b(b)"), "a___b_");
    EXPECT_EQ(replace_link_part("a\xff\xfe"), "a__");
    EXPECT_EQ(replace_link_part("größe"), "größe");
}

TEST(ReplacedLinkPart, EndsAtAZeroByte) {
    EXPECT_EQ(replace_link_part("SERIAL\0\0\0rest"sv), "SERIAL");
    EXPECT_EQ(replace_link_part("\0x"sv), "");
}

TEST(ReplacedLinkPart, KeepsTheEscapesThatLibdevmapperWrote) {
    EXPECT_EQ(replace_link_part("my\\x20disk"), "my\\x20disk");
    EXPECT_EQ(replace_link_part("a\\b"), "a_b");
    EXPECT_EQ(replace_link_part("a\\"), "a_");
    EXPECT_EQ(replace_link_part("a\\x"), "a\\x");
}

} // namespace
} // namespace slipway::coldplug
