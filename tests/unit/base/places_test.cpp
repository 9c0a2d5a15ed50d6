// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Places, ThoseThatNobodyTakesAreMissing) {
    Places places;
    places.add("slot 0", "slot 0\nslot 1\nslot 2");
    EXPECT_THAT(places.missing(9), ElementsAre("slot 1", "slot 2"));
    EXPECT_EQ(places.missing_clause(), ", slot 1, slot 2 are missing");
    places.add("slot 2", "slot 0\nslot 1\nslot 2");
    EXPECT_EQ(places.missing_clause(), ", slot 1 is missing");
    places.add("slot 1", "slot 0\nslot 1\nslot 2");
    EXPECT_THAT(places.missing(9), IsEmpty());
    EXPECT_EQ(places.missing_clause(), "");
}

TEST(Places, AMemberWithoutAPlaceTakesNone) {
    Places places;
    places.add("slot 0", "slot 0\nslot 1");
    places.add("", "slot 0\nslot 1");
    EXPECT_THAT(places.missing(9), ElementsAre("slot 1"));
}

TEST(Places, WhatStandsInBracketsIsToldAndNotCompared) {
    Places places;
    places.add("slot 0", "slot 0 (last seen as device 8:1)\nslot 1 (last seen as device 8:17)");
    places.add("", "slot 1 (last seen as device 8:33)");
    EXPECT_EQ(places.missing_clause(), ", slot 1 (last seen as device 8:17) is missing");
}

// One of them was away when the others went on without it.
TEST(Places, MembersThatDisagreeAreAllBelieved) {
    Places places;
    places.add("slot 0", "slot 0");
    EXPECT_EQ(places.missing_clause(), "");
    places.add("slot 1", "slot 0\nslot 1\nslot 2");
    EXPECT_EQ(places.missing_clause(), ", slot 2 is missing");
}

TEST(Places, OneNameIsNotTheBeginningOfAnother) {
    Places places;
    places.add("slot 10", "slot 1\nslot 10");
    EXPECT_THAT(places.missing(9), ElementsAre("slot 1"));
}

TEST(Places, OfManyOnlySomeAreNamed) {
    Places places;
    places.add("", "a\nb\nc\nd\ne\nf\ng");
    EXPECT_THAT(places.missing(2), ElementsAre("a", "b", "5 more"));
    EXPECT_EQ(places.missing_clause(), ", a, b, c, d, 3 more are missing");
    EXPECT_EQ(places.missing(7).size(), 7U);
}

TEST(Places, AreBounded) {
    std::string all;
    for (int i = 0; i < 5000; ++i)
        all += std::to_string(i) + "\n";
    Places places;
    places.add("0", all);
    places.add("", "one that is new");
    EXPECT_EQ(places.missing(5000).size(), Places::kMost - 1);
}

} // namespace
} // namespace slipway
