// SPDX-License-Identifier: LGPL-2.1-or-later
#include "udevd/operations.h"

#include <gmock/gmock.h>

#include "unit/plugins/fake_host.h"

namespace slipway::udevd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(UdevdSteps, AreNamedByTheUnit) {
    EXPECT_EQ(step_of("serve"), Step::serve);
    EXPECT_EQ(step_of("announce"), Step::announce);
    EXPECT_EQ(step_of("clean-up"), Step::clean_up);
    EXPECT_EQ(step_of(""), std::nullopt);
    EXPECT_EQ(step_of("Serve"), std::nullopt);
}

TEST(UdevdBlacklist, HoldsTheWordsOfAllOptions) {
    EXPECT_EQ(blacklist_text({"nouveau,dm-crypt", "", "floppy\npcspkr, ,x_1"}),
              "blacklist nouveau\nblacklist dm-crypt\nblacklist floppy\nblacklist pcspkr\n"
              "blacklist x_1\n");
}

TEST(UdevdBlacklist, IsEmptyIfNothingIsListed) {
    EXPECT_EQ(blacklist_text({}), "");
    EXPECT_EQ(blacklist_text({"", " , "}), "");
}

// "install x /bin/sh …" would run a program.
TEST(UdevdBlacklist, TakesNoWordThatIsNoNameOfAModule) {
    EXPECT_EQ(blacklist_text({"a;b,../x,good,i=1,#c,\\,\xff\xfe"}), "blacklist good\n");
}

TEST(UdevdAnnouncement, TriggersAllDevicesAsTheHostDoes) {
    test::FakeHost host;
    host.on_run = [](const auto &) { return sdk::RunResult{0, "", ""}; };
    sdk::Context context(host.raw());
    EXPECT_EQ(announce(context), sdk::Outcome::done);
    EXPECT_THAT(host.programs, ElementsAre(ElementsAre("/usr/bin/udevadm", "trigger", "--type=all",
                                                       "--action=add", HasSubstr("module,block"))));
}

TEST(UdevdCleanUp, SaysWhyItFailed) {
    test::FakeHost host;
    host.on_run = [](const auto &) { return sdk::RunResult{1, "", "first\nno such thing\n"}; };
    sdk::Context context(host.raw());
    EXPECT_EQ(clean_up(context), sdk::Outcome::failed);
    EXPECT_EQ(host.reason, "/usr/bin/udevadm info ended with code 1: no such thing");
}

TEST(UdevdCleanUp, SaysSoIfTheProgramIsSilent) {
    test::FakeHost host;
    host.on_run = [](const auto &) { return sdk::RunResult{-1, "", ""}; };
    sdk::Context context(host.raw());
    EXPECT_EQ(clean_up(context), sdk::Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("it gave no reason"));
}

} // namespace
} // namespace slipway::udevd
