// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <slipway/toml.h>

namespace slipway::sdk {
namespace {

TEST(TomlString, QuotesPlainText) {
    EXPECT_EQ(toml_string("ext4"), "\"ext4\"");
}

TEST(TomlString, EscapesQuotesAndBackslashes) {
    EXPECT_EQ(toml_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
}

TEST(TomlString, EscapesControlCharactersSoThatNoLineCanBeForged) {
    EXPECT_EQ(toml_string("x\n[[unit]]\t\x7f"), "\"x\\u000A[[unit]]\\u0009\\u007F\"");
    EXPECT_EQ(toml_string(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(TomlString, KeepsWellFormedUtf8) {
    EXPECT_EQ(toml_string("Größe €\xF0\x9F\x90\xA7"), "\"Größe €\xF0\x9F\x90\xA7\"");
}

TEST(TomlString, ReplacesBytesThatAreNotUtf8) {
    EXPECT_EQ(toml_string("a\xFF"), "\"a?\"");
    EXPECT_EQ(toml_string("\xC3"), "\"?\"");                // cut off
    EXPECT_EQ(toml_string("\xC0\xAF"), "\"??\"");           // overlong
    EXPECT_EQ(toml_string("\xED\xA0\x80"), "\"???\"");      // a surrogate
    EXPECT_EQ(toml_string("\xF4\x90\x80\x80"), "\"????\""); // above U+10FFFF
    EXPECT_EQ(toml_string("\xE2\x82\""), "\"??\\\"\"");     // the quote is not swallowed
}

} // namespace
} // namespace slipway::sdk
