// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/overlay_option.h"

#include <gmock/gmock.h>

namespace slipway::fs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OverlayOption : public ::testing::Test {
protected:
    std::optional<Overlay> parsed(std::string_view value) {
        complaints.clear();
        auto overlay = parse_overlay(value, complaints);
        EXPECT_TRUE(overlay) << value;
        return overlay ? *overlay : std::nullopt;
    }
    std::string limits(std::string_view value) {
        const auto overlay = parsed(value);
        EXPECT_TRUE(overlay) << value;
        return overlay ? overlay->limits : "none";
    }

    std::vector<std::string> complaints;
};

TEST_F(OverlayOption, IsSwitchedOnAndOffByEverySpellingOfABoolean) {
    for (const char *value : {"", "1", "yes", "on", "true", "tmpfs", "tmpfs:", "\"1\""}) {
        EXPECT_EQ(limits(value), "") << value;
        EXPECT_THAT(complaints, IsEmpty()) << value;
    }
    for (const char *value : {"0", "no", "off", "false"}) {
        EXPECT_FALSE(parsed(value)) << value;
        EXPECT_THAT(complaints, IsEmpty()) << value;
    }
}

TEST_F(OverlayOption, TakesTheLimitsOfTmpfs) {
    EXPECT_EQ(limits("tmpfs:size=32M,nr_inodes=100000"), "size=32M,nr_inodes=100000");
    EXPECT_EQ(limits("tmpfs:size=25%,nr_blocks=1k"), "size=25%,nr_blocks=1k");
    EXPECT_EQ(limits("tmpfs:size=0"), "size=0");
    EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(OverlayOption, LeavesOutWhatIsNoLimitAndSaysSo) {
    EXPECT_EQ(limits("tmpfs:mode=0777,size=1G"), "size=1G");
    EXPECT_THAT(complaints, ElementsAre(HasSubstr("mode=0777 is ignored")));
    for (const char *value :
         {"size", "size=", "size=big", "size=1Gi", "size=-1", "size=1 ", "nr_inodes=5%",
          "size=1234567890123456", "size=1\x1b[2J", "size==1", "=1", "nr_inodes=%"}) {
        EXPECT_EQ(limits(std::string("tmpfs:") + value), "") << value;
        EXPECT_THAT(complaints, ElementsAre(HasSubstr("is ignored; accepted are"))) << value;
    }
    EXPECT_EQ(complaints.front().find('\x1b'), std::string::npos);
}

// What is written there is meant to stay.
TEST_F(OverlayOption, ADeviceIsRefusedWithTheWordsThatHelp) {
    for (const char *value : {"LABEL=persist", "UUID=1", "PARTUUID=1", "PARTLABEL=x", "/dev/vdb",
                              "/dev/vdb:/overlay", "LABEL=x:auto", "\"LABEL=x\""}) {
        const auto overlay = parse_overlay(value, complaints);
        ASSERT_FALSE(overlay) << value;
        EXPECT_THAT(overlay.error().message(), HasSubstr("write rd.overlay"));
        EXPECT_THAT(overlay.error().message(), HasSubstr("rd.overlay=0"));
    }
}

// Whoever wrote the word wants the root to stay as it is.
TEST_F(OverlayOption, AnUnknownWordStillProtectsTheRoot) {
    EXPECT_EQ(limits("tmpsf:size=1G"), "");
    EXPECT_THAT(complaints, ElementsAre(HasSubstr("changes are kept in memory")));
    EXPECT_FALSE(parsed("none"));
    EXPECT_THAT(complaints, ElementsAre(HasSubstr("no overlay is made")));
}

} // namespace
} // namespace slipway::fs
