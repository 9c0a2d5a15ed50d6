// SPDX-License-Identifier: LGPL-2.1-or-later
#include "login/password_check.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::seconds;

// Made with mkpasswd(1): "harbour", SHA-512 with 1000 rounds.
const std::string kHash = "$6$rounds=1000$slipwaysalt$a3IMQSuytaiCRiLG9ulkx/"
                          "zEl3vRhvcFvvpYv0faVL9.wNiP81R4sIkNA6iAAM5qeb0AoNcJKorui2SEoCGLk/";
// The same password, yescrypt, which Debian writes.
const std::string kYescrypt =
    "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$6yUUovwQGrOFzOLo4IFkKnU4TJ9D8P4yZd.R7epU7B4";

TEST(HasHash, KnowsTheRightPassword) {
    EXPECT_TRUE(has_hash(Secret("harbour"), kHash));
    EXPECT_TRUE(has_hash(Secret("harbour"), kYescrypt));
}

TEST(HasHash, RefusesEveryOther) {
    EXPECT_FALSE(has_hash(Secret("harbou"), kHash));
    EXPECT_FALSE(has_hash(Secret("harbour "), kHash));
    EXPECT_FALSE(has_hash(Secret(""), kHash));
    EXPECT_FALSE(has_hash(Secret(std::string_view("harbour\0x", 9)), kHash));
    EXPECT_FALSE(has_hash(Secret(std::string(5000, 'x')), kHash));
    EXPECT_FALSE(has_hash(Secret(std::string(Secret::kMaxBytes, 'x')), kHash));
}

TEST(HasHash, ALockedOrBrokenHashMatchesNothing) {
    for (const std::string hash :
         {"", "*", "!", "*0", "*1", "x", "$9$unknown$x", "$6$", "!$6$salt$x"}) {
        EXPECT_FALSE(has_hash(Secret(""), hash)) << hash;
        EXPECT_FALSE(has_hash(Secret("harbour"), hash)) << hash;
    }
}

TEST(PauseAfter, GrowsAndHasALimit) {
    EXPECT_EQ(pause_after(0), seconds(0));
    EXPECT_EQ(pause_after(1), seconds(1));
    EXPECT_EQ(pause_after(2), seconds(2));
    EXPECT_EQ(pause_after(4), seconds(8));
    EXPECT_EQ(pause_after(6), seconds(30));
    EXPECT_EQ(pause_after(4000000000U), seconds(30));
}

} // namespace
} // namespace slipway
