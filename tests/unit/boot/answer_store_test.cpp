// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/answer_store.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "support/fake_event_loop.h"

namespace slipway {
namespace {

class AnswerStoreTest : public testing::Test {
protected:
    // "given word", "typed word" or "".
    std::string find(std::string_view id, bool accepts_typed = true) {
        const auto found = store_.find(id, accepts_typed);
        if (!found)
            return "";
        return (found->kind == AnswerStore::Kind::given ? "given " : "typed ") +
               std::string(found->secret.view());
    }

    test::FakeEventLoop loop_;
    Log log_;
    AnswerStore store_{loop_, log_};
};

TEST_F(AnswerStoreTest, what_was_given_answers_its_question_once) {
    EXPECT_EQ(store_.give("luks:1", Secret("key")), 0);
    EXPECT_EQ(find("luks:2", false), "");
    EXPECT_EQ(find("luks:1", false), "given key");
    EXPECT_EQ(find("luks:1", false), "");
}

TEST_F(AnswerStoreTest, the_last_one_given_counts) {
    EXPECT_EQ(store_.give("luks:1", Secret("old")), 0);
    EXPECT_EQ(store_.give("luks:1", Secret("new")), 0);
    EXPECT_EQ(find("luks:1"), "given new");
    EXPECT_EQ(find("luks:1"), "");
}

TEST_F(AnswerStoreTest, what_is_given_is_bounded) {
    for (std::size_t i = 0; i < AnswerStore::kMaxGiven; ++i)
        EXPECT_EQ(store_.give("id" + std::to_string(i), Secret("x")), 0);
    EXPECT_EQ(store_.give("one more", Secret("x")), ENOSPC);
    EXPECT_EQ(store_.give("id3", Secret("other")), 0);
    EXPECT_EQ(store_.give("", Secret("x")), EINVAL);
    EXPECT_EQ(store_.give(std::string(AnswerStore::kMaxIdBytes + 1, 'i'), Secret("x")), EINVAL);
}

TEST_F(AnswerStoreTest, what_was_typed_is_offered_once_to_each_other_question) {
    store_.typed("a", Secret("word"));
    EXPECT_EQ(find("a"), "") << "it was typed for this one";
    EXPECT_EQ(find("b", false), "") << "this one wants a person";
    EXPECT_EQ(find("b"), "typed word");
    EXPECT_EQ(find("b"), "");
    EXPECT_EQ(find("c"), "typed word");
}

TEST_F(AnswerStoreTest, every_secret_gets_its_turn_the_newest_first) {
    store_.typed("a", Secret("one"));
    store_.typed("b", Secret("two"));
    EXPECT_EQ(find("c"), "typed two");
    EXPECT_EQ(find("c"), "typed one");
    EXPECT_EQ(find("c"), "");
}

TEST_F(AnswerStoreTest, a_question_that_comes_again_shows_that_its_answer_was_wrong) {
    store_.typed("a", Secret("wrong"));
    store_.asked("a");
    EXPECT_EQ(find("b"), "");
    store_.typed("a", Secret("right"));
    EXPECT_EQ(find("b"), "typed right");
}

TEST_F(AnswerStoreTest, the_same_words_are_not_offered_twice) {
    store_.typed("a", Secret("word"));
    EXPECT_EQ(find("b"), "typed word");
    store_.typed("b", Secret("word"));
    store_.typed("c", Secret("word"));
    EXPECT_EQ(find("b"), "");
    EXPECT_EQ(find("c"), "");
    EXPECT_EQ(find("d"), "typed word");
}

TEST_F(AnswerStoreTest, only_the_newest_are_kept) {
    for (std::size_t i = 0; i <= AnswerStore::kMaxTyped; ++i)
        store_.typed("id" + std::to_string(i), Secret("word" + std::to_string(i)));
    std::size_t offers = 0;
    while (!find("z").empty())
        ++offers;
    EXPECT_EQ(offers, AnswerStore::kMaxTyped);
    EXPECT_EQ(find("id0"), "typed word4");
}

TEST_F(AnswerStoreTest, what_was_typed_is_forgotten_after_a_while_and_what_was_given_is_not) {
    store_.typed("a", Secret("one"));
    EXPECT_EQ(store_.give("g", Secret("key")), 0);
    loop_.advance(std::chrono::seconds(100));
    store_.typed("b", Secret("two"));
    loop_.advance(std::chrono::seconds(50));
    EXPECT_EQ(find("c"), "typed two");
    EXPECT_EQ(find("c"), "");
    loop_.advance(std::chrono::seconds(100));
    EXPECT_EQ(find("d"), "");
    EXPECT_EQ(loop_.timer_count(), 0U);
    EXPECT_EQ(find("g"), "given key");
}

TEST_F(AnswerStoreTest, nothing_is_left_after_a_wipe) {
    store_.typed("a", Secret("one"));
    EXPECT_EQ(store_.give("g", Secret("key")), 0);
    store_.wipe();
    EXPECT_EQ(find("b"), "");
    EXPECT_EQ(find("g"), "");
    EXPECT_EQ(loop_.timer_count(), 0U);
}

TEST_F(AnswerStoreTest, a_question_without_an_id_takes_part_in_nothing) {
    store_.typed("a", Secret("one"));
    store_.typed("", Secret("two"));
    EXPECT_EQ(find(""), "");
    EXPECT_EQ(find("b"), "typed one");
    EXPECT_EQ(find("b"), "");
}

} // namespace
} // namespace slipway
