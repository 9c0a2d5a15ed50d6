// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/service_requests.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ServiceRequestsTest : public ::testing::Test {
protected:
    ServiceRequestsTest() {
        Claim claim;
        claim.match = {{"subsystem", "block"}, {"systemd_wants", "mdmon@*.service"}};
        claims_.push_back(claim);
    }
    Log log_;
    std::vector<Claim> claims_;
};

TEST_F(ServiceRequestsTest, WhatAClaimAnswersIsNotTold) {
    ServiceRequests requests(claims_, log_);
    requests.note({{"systemd_wants", "mdmon@initrd-md127.service"}});
    EXPECT_THAT(log_.records(), IsEmpty());
}

TEST_F(ServiceRequestsTest, WhatNobodyAnswersIsToldOnceAndForDebugging) {
    ServiceRequests requests(claims_, log_);
    for (int i = 0; i < 3; ++i)
        requests.note({{"systemd_wants", "mdmon@x.service\nsound.target"}});
    ASSERT_THAT(log_.records(), SizeIs(1));
    EXPECT_EQ(log_.records().front().level, LogLevel::debug);
    EXPECT_THAT(log_.records().front().text, HasSubstr("sound.target"));
}

TEST_F(ServiceRequestsTest, DevicesWithoutRequestsAreNoNews) {
    ServiceRequests requests(claims_, log_);
    requests.note({{"subsystem", "block"}});
    EXPECT_THAT(log_.records(), IsEmpty());
}

TEST_F(ServiceRequestsTest, EndlessNamesAreNotKeptForEver) {
    ServiceRequests requests(claims_, log_);
    for (int i = 0; i < 3000; ++i)
        requests.note({{"systemd_wants", "x" + std::to_string(i) + "\x1b.service"}});
    EXPECT_LE(log_.records().size(), 1000U);
    for (const auto &record : log_.records())
        EXPECT_FALSE(record.text.contains('\x1b'));
}

} // namespace
} // namespace slipway
