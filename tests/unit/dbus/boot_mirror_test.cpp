// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/boot_mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/dbus/recorded_boot.h"

namespace slipway {
namespace {

using test::RecordedBoot;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(BootMirror, is_the_same_boot_wherever_the_pieces_end) {
    RecordedBoot boot;
    boot.go_wrong();
    const std::string &text = boot.text();
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        BootMirror mirror;
        ASSERT_TRUE(mirror.feed(text.substr(0, cut), false)) << cut;
        ASSERT_TRUE(mirror.feed(text.substr(cut), true)) << cut;
        ASSERT_NE(mirror.engine(), nullptr);
        ASSERT_EQ(mirror.engine()->dump(), boot.engine().dump()) << cut;
        ASSERT_EQ(mirror.engine()->why(), boot.engine().why()) << cut;
    }
}

TEST(BootMirror, follows_a_boot_step_by_step) {
    RecordedBoot boot;
    BootMirror mirror;
    std::size_t sent = 0;
    const auto follow = [&] {
        ASSERT_TRUE(mirror.feed(std::string_view(boot.text()).substr(sent), true));
        sent = boot.text().size();
        EXPECT_EQ(mirror.engine()->dump(), boot.engine().dump());
    };
    follow();
    EXPECT_EQ(mirror.steps(), 1U);
    boot.disk_appears(1'000);
    follow();
    EXPECT_EQ(mirror.steps(), 2U);
    EXPECT_THAT(mirror.timeline(Duration(1'500)),
                HasSubstr("\"unit\":\"root\",\"plugin\":\"fs\",\"operation\":\"activate\","
                          "\"start_us\":1000,\"end_us\":1500,\"outcome\":\"running\""));
}

TEST(BootMirror, before_the_boot_has_begun_there_is_nothing) {
    const BootMirror mirror;
    EXPECT_EQ(mirror.engine(), nullptr);
    EXPECT_THAT(mirror.prompts(), IsEmpty());
    EXPECT_THAT(mirror.timeline(Duration(5)), HasSubstr("\"steps\":["));
}

TEST(BootMirror, each_question_has_a_number_of_its_own) {
    RecordedBoot boot;
    boot.disk_appears(1'000);
    boot.handle(2'000, PromptOpened{1, "Passphrase", 4});
    BootMirror mirror;
    ASSERT_TRUE(mirror.feed(boot.text(), true));
    ASSERT_EQ(mirror.prompts().size(), 1U);
    EXPECT_EQ(mirror.prompts().at(4), (OpenPrompt{"Passphrase", "root", true, "ask.slipway-4"}));
    const std::size_t sent = boot.text().size();
    boot.handle(3'000, PromptClosed{1});
    boot.handle(4'000, PromptOpened{1, "Passphrase", 5});
    ASSERT_TRUE(mirror.feed(boot.text().substr(sent), true));
    ASSERT_EQ(mirror.prompts().size(), 1U);
    EXPECT_TRUE(mirror.prompts().contains(5));
}

TEST(BootMirror, questions_with_the_same_text_are_two) {
    RecordedBoot boot;
    boot.handle(2'000, ForeignPromptOpened{1, 0, "PIN", 1, "ask.x"});
    boot.handle(3'000, ForeignPromptOpened{2, 0, "PIN", 2, "ask.y"});
    BootMirror mirror;
    ASSERT_TRUE(mirror.feed(boot.text(), true));
    EXPECT_THAT(mirror.prompts(),
                testing::ElementsAre(std::pair(1U, OpenPrompt{"PIN", "", true, "ask.x"}),
                                     std::pair(2U, OpenPrompt{"PIN", "", false, "ask.y"})));
}

TEST(BootMirror, a_record_without_numbers_gets_some) {
    RecordedBoot boot;
    boot.disk_appears(1'000);
    boot.handle(2'000, PromptOpened{1, "Passphrase"});
    boot.handle(2'500, ForeignPromptOpened{1, 0, "PIN"});
    BootMirror mirror;
    ASSERT_TRUE(mirror.feed(boot.text(), true));
    EXPECT_THAT(mirror.prompts(),
                testing::ElementsAre(std::pair(1U, OpenPrompt{"Passphrase", "root", true}),
                                     std::pair(2U, OpenPrompt{"PIN", "", false})));
    const std::size_t sent = boot.text().size();
    boot.handle(3'000, PromptClosed{1});
    boot.handle(4'000, PromptOpened{1, "Passphrase"});
    ASSERT_TRUE(mirror.feed(boot.text().substr(sent), true));
    EXPECT_TRUE(mirror.prompts().contains(3)) << "none is used again";
}

TEST(BootMirror, the_end_of_a_job_ends_its_question) {
    RecordedBoot boot;
    boot.disk_appears(1'000);
    boot.handle(2'000, PromptOpened{1, "Passphrase"});
    JobFinished failed;
    failed.job = 1;
    boot.handle(3'000, failed);
    BootMirror mirror;
    ASSERT_TRUE(mirror.feed(boot.text(), true));
    EXPECT_THAT(mirror.prompts(), IsEmpty());
    EXPECT_THAT(mirror.timeline(Duration(9'000)),
                HasSubstr("\"end_us\":3000,\"outcome\":\"failed\",\"prompt_us\":1000"));
}

TEST(BootMirror, questions_of_programs_are_questions) {
    RecordedBoot boot;
    boot.handle(2'000, ForeignPromptOpened{7, 0, "PIN"});
    BootMirror mirror;
    ASSERT_TRUE(mirror.feed(boot.text(), true));
    ASSERT_EQ(mirror.prompts().size(), 1U);
    EXPECT_EQ(mirror.prompts().begin()->second, (OpenPrompt{"PIN", "", true}));
    const std::size_t sent = boot.text().size();
    boot.handle(3'000, ForeignPromptClosed{7});
    ASSERT_TRUE(mirror.feed(boot.text().substr(sent), true));
    EXPECT_THAT(mirror.prompts(), IsEmpty());
}

TEST(BootMirror, what_is_no_record_is_an_error) {
    BootMirror mirror;
    const auto fed = mirror.feed("hello\n", true);
    ASSERT_FALSE(fed);
    EXPECT_THAT(fed.error().message(), HasSubstr("this is no record of slipway"));
}

TEST(BootMirror, says_when_the_record_is_full) {
    RecordedBoot boot;
    BootMirror mirror;
    ASSERT_TRUE(mirror.feed(boot.text() + "truncated\n", true));
    EXPECT_TRUE(mirror.is_truncated());
    EXPECT_NE(mirror.engine(), nullptr);
}

} // namespace
} // namespace slipway
