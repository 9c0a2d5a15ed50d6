// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/resource_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ResourceTicket job(std::uint32_t id) {
    return {ResourceTicket::Kind::job, id};
}

TEST(ResourceTable, ServesWhatFitsInTheOrderOfArrival) {
    ResourceTable table({{"memory", 10}});
    table.request(job(2), {{"memory", 4}});
    table.request(job(1), {{"memory", 6}});
    table.request(job(3), {{"memory", 1}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(2), job(1)));
    EXPECT_EQ(table.used("memory"), 10U);
    EXPECT_TRUE(table.is_waiting(job(3)));
    EXPECT_THAT(table.take_granted(), IsEmpty());
}

TEST(ResourceTable, ABlockedTicketIsNotOvertaken) {
    ResourceTable table({{"memory", 10}});
    table.request(job(1), {{"memory", 8}});
    table.request(job(2), {{"memory", 5}});
    table.request(job(3), {{"memory", 1}});
    table.request(job(4), {{"cpu", 1}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(1), job(4))) << "4 needs nothing of it";
    table.release(job(1));
    EXPECT_THAT(table.take_granted(), ElementsAre(job(2), job(3)));
}

TEST(ResourceTable, ATicketHoldsNothingWhileItWaitsForAnotherThing) {
    ResourceTable table({{"memory", 10}});
    table.request(job(1), {{"console", 1}});
    table.request(job(2), {{"console", 1}, {"memory", 5}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(1)));
    EXPECT_EQ(table.used("memory"), 0U);
    table.release(job(1));
    EXPECT_THAT(table.take_granted(), ElementsAre(job(2)));
    EXPECT_EQ(table.used("memory"), 5U);
}

TEST(ResourceTable, WhoNeedsMoreThanThereIsGetsItAlone) {
    ResourceTable table({{"memory", 10}});
    table.request(job(1), {{"memory", 1}});
    table.request(job(2), {{"memory", UINT64_MAX}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(1)));
    table.release(job(1));
    table.request(job(3), {{"memory", 1}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(2)));
    table.release(job(2));
    EXPECT_THAT(table.take_granted(), ElementsAre(job(3)));
}

TEST(ResourceTable, ReleaseOfAWaitingTicketLetsLaterOnesPass) {
    ResourceTable table({{"memory", 10}});
    table.request(job(1), {{"memory", 8}});
    table.request(job(2), {{"memory", 5}});
    table.request(job(3), {{"memory", 2}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(1)));
    table.release(job(2));
    EXPECT_FALSE(table.is_known(job(2)));
    EXPECT_THAT(table.take_granted(), ElementsAre(job(3)));
    EXPECT_EQ(table.used("memory"), 10U);
}

TEST(ResourceTable, ReleaseOfAnUnknownTicketChangesNothing) {
    ResourceTable table({});
    table.request(job(1), {{"console", 1}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(1)));
    table.release({ResourceTicket::Kind::prompt, 1});
    EXPECT_TRUE(table.is_known(job(1)));
    EXPECT_EQ(table.used("console"), 1U);
}

TEST(ResourceTable, SaysWhatAWaitingTicketNeeds) {
    ResourceTable table({{"memory", 10}});
    table.request(job(1), {{"memory", 8}});
    table.request(job(2), {{"memory", 5}});
    EXPECT_THAT(table.take_granted(), ElementsAre(job(1)));
    EXPECT_EQ(table.describe_need(job(2)), "memory 5 (8 of 10 in use)");
    EXPECT_EQ(table.describe_need(job(1)), "");
    EXPECT_EQ(table.capacity("console"), 1U);
}

} // namespace
} // namespace slipway
