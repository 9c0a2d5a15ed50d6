// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/secret.h"

#include <string>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace slipway {
namespace {

Secret typed(std::string_view text) {
    Secret secret;
    for (const char character : text)
        EXPECT_TRUE(secret.append(character));
    return secret;
}

TEST(Secret, HoldsWhatWasTyped) {
    EXPECT_EQ(typed("correct horse").view(), "correct horse");
    EXPECT_EQ(Secret("battery").view(), "battery");
    EXPECT_EQ(Secret().size(), 0U);
}

TEST(Secret, IsFullAtItsFixedCapacity) {
    Secret secret(std::string(Secret::kMaxBytes, 'x'));
    EXPECT_FALSE(secret.is_truncated());
    EXPECT_FALSE(secret.append('y'));
    EXPECT_EQ(secret.size(), Secret::kMaxBytes);
}

TEST(Secret, SaysThatLongerInputWasCut) {
    const Secret secret(std::string(Secret::kMaxBytes + 1, 'x'));
    EXPECT_TRUE(secret.is_truncated());
    EXPECT_EQ(secret.size(), Secret::kMaxBytes);
}

TEST(Secret, CanBeReadInto) {
    Secret secret = typed("ab");
    EXPECT_EQ(secret.room().size(), Secret::kMaxBytes - 2);
    secret.room()[0] = std::byte{'c'};
    secret.fill(1);
    EXPECT_EQ(secret.view(), "abc");
    secret.fill(Secret::kMaxBytes);
    EXPECT_EQ(secret.size(), Secret::kMaxBytes);
    EXPECT_TRUE(secret.room().empty());
}

TEST(Secret, RemovesTheLastCharacterWithAllItsBytes) {
    Secret secret = typed("a€");
    secret.remove_last();
    EXPECT_EQ(secret.view(), "a");
    secret.remove_last();
    secret.remove_last();
    EXPECT_EQ(secret.size(), 0U);
}

TEST(Secret, IsEmptyAfterItWasMovedFrom) {
    Secret from = typed("x");
    const Secret to = std::move(from);
    EXPECT_EQ(to.view(), "x");
    EXPECT_EQ(from.size(), 0U); // NOLINT(bugprone-use-after-move): that is what is tested
    Secret assigned = typed("old");
    assigned = typed("new");
    EXPECT_EQ(assigned.view(), "new");
}

TEST(Secret, CanBeUsedAgainAfterAWipe) {
    Secret secret = typed("x");
    secret.wipe();
    EXPECT_EQ(secret.size(), 0U);
    EXPECT_TRUE(secret.append('y'));
    EXPECT_EQ(secret.view(), "y");
}

TEST(Secret, IsNotInheritedByAChild) {
    const Secret secret = typed("hidden");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0)
        ::_exit(secret.view().find_first_not_of('\0') == std::string_view::npos ? 0 : 1);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(secret.view(), "hidden");
}

TEST(WipeMemory, OverwritesEveryByte) {
    std::string text = "secret";
    wipe_memory(std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(text, std::string(6, '\0'));
}

} // namespace
} // namespace slipway
