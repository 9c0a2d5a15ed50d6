// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/saved_boot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/fake_system.h"
#include "unit/dbus/recorded_boot.h"

namespace slipway {
namespace {

using test::RecordedBoot;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SavedBootTest : public testing::Test {
protected:
    // A boot that has come to its end, with a question that nobody has answered.
    SavedBootTest() {
        boot_.disk_appears(1'000);
        boot_.handle(2'000, ForeignPromptOpened{1, 0, "PIN", 1, "ask.x"});
        boot_.handle(3'000'000, done());
        leave("record.txt", boot_.text());
        leave("timeline.json", "{\"saved\":true}\n");
        leave("log.txt", "notice: 2 older lines were dropped\nwarning: a: b\nnonsense\ndebug: c\n");
    }
    static JobFinished done() {
        JobFinished event;
        event.job = 1;
        event.outcome = JobOutcome::done;
        return event;
    }
    void leave(const std::string &name, const std::string &text) {
        system_.add_file("/run/slipway/" + name, text);
    }
    void lose(const std::string &name) { system_.fail("read", "/run/slipway/" + name, ENOENT); }
    void show() { show_saved_boot(system_, kSavedBoot, board_); }
    // Of a record, alone.
    std::string problem_of(const std::string &record) {
        leave("record.txt", record);
        StatusBoard board([] { return Duration(0); });
        show_saved_boot(system_, kSavedBoot, board);
        EXPECT_TRUE(board.is_over());
        return board.problem();
    }

    RecordedBoot boot_;
    test::FakeSystem system_;
    StatusBoard board_{[this] { return board_.mirror().last_step(); }};
};

TEST_F(SavedBootTest, is_the_boot_at_its_end) {
    show();
    EXPECT_EQ(board_.problem(), "");
    EXPECT_TRUE(board_.is_over());
    EXPECT_EQ(board_.overall().value.state, "booted");
    EXPECT_EQ(board_.dump(), boot_.engine().dump());
    EXPECT_EQ(board_.units().at("root").value.state, "ready");
    EXPECT_THAT(board_.devices(), SizeIs(1));
    EXPECT_EQ(board_.timeline(), "{\"saved\":true}\n");
    EXPECT_FALSE(board_.refresh()) << "nothing changes any more";
}

TEST_F(SavedBootTest, nobody_asks_any_more) {
    show();
    EXPECT_THAT(board_.mirror().prompts(), SizeIs(1));
    EXPECT_THAT(board_.prompts(), IsEmpty());
}

TEST_F(SavedBootTest, the_log_is_that_of_the_file) {
    show();
    ASSERT_EQ(board_.next_log_line(), 3U) << "what is no line of a log is left out";
    EXPECT_EQ(board_.log_line(1).level, LogLevel::warning);
    EXPECT_EQ(board_.log_line(1).text, "a: b");
    EXPECT_EQ(board_.log_line(2).level, LogLevel::debug);
}

TEST_F(SavedBootTest, does_without_timeline_and_log) {
    lose("timeline.json");
    lose("log.txt");
    show();
    EXPECT_EQ(board_.problem(), "");
    EXPECT_THAT(board_.timeline(), AllOf(HasSubstr("\"unit\":\"root\""), HasSubstr("3000000")));
    ASSERT_EQ(board_.next_log_line(), 1U);
    EXPECT_THAT(board_.log_line(0).text, HasSubstr("the log of this boot cannot be read"));
}

TEST_F(SavedBootTest, a_record_that_was_full_is_no_problem) {
    const std::string text = boot_.text();
    EXPECT_EQ(problem_of(text.substr(0, text.rfind("\n@") + 1) + "truncated\n"), "");
}

TEST_F(SavedBootTest, without_a_whole_record_it_says_why) {
    const std::string text = boot_.text();
    EXPECT_THAT(problem_of(text.substr(0, text.rfind("\n@") + 1)),
                AllOf(HasSubstr("/run/slipway/record.txt"), HasSubstr("it ends at 2 ms"),
                      HasSubstr("cut short"), HasSubstr("slipway report")));
    EXPECT_THAT(problem_of(text.substr(0, text.find("\n@") + 1)),
                HasSubstr("it ends before the boot begins"));
    EXPECT_THAT(problem_of(text.substr(0, text.rfind("finished") + 5)), HasSubstr("unknown event"));
    EXPECT_THAT(problem_of(""), HasSubstr("this is no record of slipway"));
    lose("record.txt");
    show();
    EXPECT_THAT(board_.problem(), AllOf(HasSubstr("/run/slipway/record.txt"),
                                        HasSubstr("was this system booted with slipway?")));
}

TEST_F(SavedBootTest, a_record_that_was_decided_otherwise_is_refused) {
    std::string text = boot_.text();
    const std::string decision = "> start root\n";
    ASSERT_NE(text.find(decision), std::string::npos);
    text.replace(text.find(decision), decision.size(), "> start other\n");
    EXPECT_THAT(problem_of(text), HasSubstr("this version of slipway decides otherwise"));
}

} // namespace
} // namespace slipway
