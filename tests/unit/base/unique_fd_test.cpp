// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/unique_fd.h"

#include <utility>

#include <fcntl.h>

#include <gtest/gtest.h>

namespace slipway {
namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

int open_null() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(UniqueFd, ClosesItsDescriptor) {
    const int fd = open_null();
    {
        const UniqueFd owner(fd);
        EXPECT_TRUE(owner);
        EXPECT_TRUE(is_open(fd));
    }
    EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, GivesItsDescriptorAway) {
    UniqueFd owner(open_null());
    UniqueFd next(std::move(owner));
    EXPECT_FALSE(owner); // NOLINT(bugprone-use-after-move): that is what is tested
    const int fd = next.release();
    EXPECT_FALSE(next);
    EXPECT_TRUE(is_open(fd));
    ::close(fd);
}

TEST(UniqueFd, ClosesTheOldDescriptorWhenItGetsAnother) {
    const int first = open_null();
    const int second = open_null();
    UniqueFd owner(first);
    owner = UniqueFd(second);
    EXPECT_FALSE(is_open(first));
    EXPECT_EQ(owner.get(), second);
    owner.reset();
    EXPECT_FALSE(is_open(second));
}

} // namespace
} // namespace slipway
