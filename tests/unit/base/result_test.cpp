// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/result.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "base/scope_exit.h"

namespace slipway {
namespace {

Result<int> inner() {
    return errno_failure("open /dev/vda", ENOENT);
}

Result<int> outer() {
    auto result = inner();
    if (!result)
        return std::unexpected(std::move(result.error()).with_context("mount sysroot"));
    return result;
}

TEST(Error, NamesTheOperationAndTheReasonOfAnErrno) {
    const Error error = Error::from_errno("open /dev/vda", ENOENT);
    EXPECT_EQ(error.message(), "open /dev/vda: No such file or directory");
    EXPECT_EQ(error.code(), ENOENT);
}

TEST(Error, PutsContextInFrontAndKeepsTheCode) {
    const auto result = outer();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message(), "mount sysroot: open /dev/vda: No such file or directory");
    EXPECT_EQ(result.error().code(), ENOENT);
}

TEST(Error, HasTheCodeZeroUnlessOneIsGiven) {
    const Result<> result = failure("no such plugin");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message(), "no such plugin");
    EXPECT_EQ(result.error().code(), 0);
}

TEST(ScopeExit, RunsWhenTheScopeEnds) {
    int runs = 0;
    {
        const ScopeExit exit([&] { ++runs; });
        EXPECT_EQ(runs, 0);
    }
    EXPECT_EQ(runs, 1);
}

TEST(ScopeExit, DoesNotRunAfterRelease) {
    int runs = 0;
    {
        ScopeExit exit([&] { ++runs; });
        exit.release();
    }
    EXPECT_EQ(runs, 0);
}

} // namespace
} // namespace slipway
