// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitWords, DropsEmptyWords) {
    EXPECT_THAT(split_words("  a\tb\n\nc "), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split_words(""), IsEmpty());
    EXPECT_THAT(split_words("a,,b", ","), ElementsAre("a", "b"));
}

TEST(Join, PutsTheSeparatorBetweenWords) {
    EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
    EXPECT_EQ(join({"a"}, ", "), "a");
    EXPECT_EQ(join({}, ", "), "");
}

TEST(ParseDuration, TakesABareNumberAsSeconds) {
    EXPECT_EQ(parse_duration("90"), seconds(90));
    EXPECT_EQ(parse_duration("0"), seconds(0));
    EXPECT_EQ(parse_duration("1.5"), milliseconds(1500));
}

TEST(ParseDuration, AddsUpItsParts) {
    EXPECT_EQ(parse_duration("1min 30s"), seconds(90));
    EXPECT_EQ(parse_duration("1h30m"), minutes(90));
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration(" 2 min "), minutes(2));
    EXPECT_EQ(parse_duration("1d"), hours(24));
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
    for (const char *text : {"", " ", "s", "-1", "1x", "1e3", "nan", "inf", "infinity", "1s s",
                             "99999999999999999999", "1000000000000d"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << '"' << text << '"';
}

TEST(FormatDuration, UsesTheLargestFittingUnit) {
    EXPECT_EQ(format_duration(milliseconds(250)), "250 ms");
    EXPECT_EQ(format_duration(milliseconds(1500)), "1.5 s");
    EXPECT_EQ(format_duration(seconds(3)), "3 s");
    EXPECT_EQ(format_duration(seconds(90)), "90 s");
    EXPECT_EQ(format_duration(minutes(15)), "15 min");
}

TEST(ParseBoolean, KnowsTheWordsOfTheKernelAndOfSystemd) {
    for (const char *text : {"1", "yes", "true", "on"})
        EXPECT_EQ(parse_boolean(text), true) << text;
    for (const char *text : {"0", "no", "false", "off"})
        EXPECT_EQ(parse_boolean(text), false) << text;
    for (const char *text : {"", "2", "YES", "maybe"})
        EXPECT_EQ(parse_boolean(text), std::nullopt) << text;
}

TEST(Printable, ReplacesControlCharacters) {
    EXPECT_EQ(printable("a\nb\x1b[2Jc\x7f"), "a?b?[2Jc?");
}

TEST(Printable, KeepsWellFormedUtf8AndReplacesTheRest) {
    EXPECT_EQ(printable("Gerät €"), "Gerät €");
    EXPECT_EQ(printable("a\xffz"), "a?z");
    EXPECT_EQ(printable("\xe2\x82"), "??");
    // CSI as one character of two bytes drives some terminals as well.
    EXPECT_EQ(printable("\xc2\x9b"), "??");
    // An overlong ESC, a surrogate, and a character beyond the last one.
    EXPECT_EQ(printable("\xe0\x80\x9b"), "???");
    EXPECT_EQ(printable("\xf0\x80\x80\x9b"), "????");
    EXPECT_EQ(printable("\xed\xa0\x80"), "???");
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");
    EXPECT_EQ(printable("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf");
}

TEST(Printable, CutsBetweenCharacters) {
    EXPECT_EQ(printable("abcdef", 3), "abc");
    EXPECT_EQ(printable("ab€", 4), "ab");
}

TEST(NearestWord, FindsALikelyTypingError) {
    const std::vector<std::string> words = {"requires", "wants", "timeout"};
    EXPECT_EQ(nearest_word("require", words), "requires");
    EXPECT_EQ(nearest_word("timout", words), "timeout");
}

TEST(NearestWord, FindsNothingWhenAllAreFarAway) {
    EXPECT_EQ(nearest_word("banana", {"requires", "wants"}), std::nullopt);
    EXPECT_EQ(nearest_word("a", {}), std::nullopt);
}

TEST(MatchesPattern, TreatsOnlyTheStarAsSpecial) {
    EXPECT_TRUE(matches_pattern("virtio*", "virtio_blk"));
    EXPECT_TRUE(matches_pattern("*", ""));
    EXPECT_TRUE(matches_pattern("a*c*e", "abcde"));
    EXPECT_TRUE(matches_pattern("*.conf", "a.conf.conf"));
    EXPECT_FALSE(matches_pattern("virtio*", "scsi"));
    EXPECT_FALSE(matches_pattern("a?c", "abc"));
    EXPECT_FALSE(matches_pattern("", "a"));
    EXPECT_FALSE(matches_pattern("abc", "ab"));
}

TEST(Text, TrimsAndTakesOnePairOfQuotesAway) {
    EXPECT_EQ(trimmed(" \ta b\r"), "a b");
    EXPECT_EQ(trimmed(" \t"), "");
    EXPECT_EQ(without_quotes("\"a\""), "a");
    EXPECT_EQ(without_quotes("'a'"), "a");
    EXPECT_EQ(without_quotes("\"\"a\"\""), "\"a\"");
    EXPECT_EQ(without_quotes("\"a'"), "\"a'");
    EXPECT_EQ(without_quotes("\""), "\"");
}

} // namespace
} // namespace slipway
