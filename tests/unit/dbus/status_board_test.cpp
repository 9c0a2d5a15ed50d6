// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/status_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/dbus/recorded_boot.h"

namespace slipway {
namespace {

using test::RecordedBoot;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StatusBoardTest : public testing::Test {
protected:
    void follow() {
        ASSERT_TRUE(board_.mirror().feed(std::string_view(boot_.text()).substr(sent_), true));
        sent_ = boot_.text().size();
    }

    RecordedBoot boot_;
    Duration now_{100};
    StatusBoard board_{[this] { return now_; }};
    std::size_t sent_ = 0;
};

TEST_F(StatusBoardTest, only_what_has_changed_gets_another_version) {
    EXPECT_FALSE(board_.refresh());
    follow();
    EXPECT_TRUE(board_.refresh());
    EXPECT_FALSE(board_.refresh());
    const auto target = board_.units().at("switch-root").version;
    const auto root = board_.units().at("root").version;
    boot_.disk_appears(1'000);
    follow();
    EXPECT_TRUE(board_.refresh());
    EXPECT_EQ(board_.units().at("switch-root").version, target);
    EXPECT_GT(board_.units().at("root").version, root);
    EXPECT_EQ(board_.devices().size(), 1U);
    boot_.handle(2'000, DeviceGone{"/sys/devices/vda2"});
    follow();
    EXPECT_TRUE(board_.refresh());
    EXPECT_EQ(board_.devices().size(), 0U);
}

TEST_F(StatusBoardTest, texts_are_as_of_now) {
    follow();
    (void)board_.refresh();
    now_ = std::chrono::seconds(5) + Duration(100);
    EXPECT_THAT(board_.why("").value(), HasSubstr("15 s left"));
    EXPECT_THAT(board_.why("root").value(), HasSubstr("15 s left"));
    EXPECT_EQ(board_.why("absent"), std::nullopt);
    EXPECT_EQ(board_.time_left("root"), std::chrono::seconds(15));
    EXPECT_THAT(board_.headline(), HasSubstr("/dev/vda2"));
    EXPECT_EQ(board_.dump(), boot_.engine().dump());
}

TEST_F(StatusBoardTest, before_the_boot_has_begun_it_says_so) {
    EXPECT_EQ(board_.overall().value.state, "booting");
    EXPECT_THAT(board_.why("").value(), HasSubstr("not begun"));
    EXPECT_EQ(board_.time_left("root"), std::nullopt);
    EXPECT_EQ(board_.headline(), "");
    EXPECT_EQ(board_.dump(), "");
}

TEST_F(StatusBoardTest, after_the_farewell_the_boot_switches) {
    follow();
    (void)board_.refresh();
    EXPECT_EQ(board_.overall().value.state, "waiting");
    board_.set_farewell();
    EXPECT_TRUE(board_.refresh());
    EXPECT_EQ(board_.overall().value.state, "switching");
    EXPECT_THAT(board_.overall().value.goals, ElementsAre("switch-root"));
}

TEST_F(StatusBoardTest, a_boot_that_is_over_has_no_questions) {
    boot_.disk_appears(1'000);
    boot_.handle(2'000, PromptOpened{1, "Passphrase", 1});
    follow();
    (void)board_.refresh();
    EXPECT_EQ(board_.prompts().size(), 1U);
    EXPECT_FALSE(board_.is_over());
    board_.set_over();
    EXPECT_TRUE(board_.refresh());
    EXPECT_EQ(board_.prompts().size(), 0U);
    EXPECT_EQ(board_.overall().value.state, "booted");
    EXPECT_THAT(board_.timeline(), HasSubstr("\"unit\":\"root\""));
    board_.set_timeline("{}");
    EXPECT_EQ(board_.timeline(), "{}");
}

TEST_F(StatusBoardTest, the_log_is_bounded_and_its_lines_keep_their_numbers) {
    for (std::size_t i = 0; i < StatusBoard::kMaxLogLines + 5; ++i)
        board_.add_log_line({LogLevel::info, std::to_string(i), "", Duration(0)});
    EXPECT_EQ(board_.first_log_line(), 5U);
    EXPECT_EQ(board_.next_log_line(), StatusBoard::kMaxLogLines + 5);
    EXPECT_EQ(board_.log_line(5).text, "5");
    EXPECT_EQ(board_.log_line(board_.next_log_line() - 1).text,
              std::to_string(StatusBoard::kMaxLogLines + 4));
}

} // namespace
} // namespace slipway
