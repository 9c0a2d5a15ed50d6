// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/scsi_designators.h"

#include <gmock/gmock.h>

#include "unit/plugins/coldplug/vpd_page.h"

namespace slipway::coldplug {
namespace {

using namespace std::string_literals;
using test::descriptor;
using test::vpd_page;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Type = ScsiDesignator::Type;

constexpr unsigned kBinary = 1;
constexpr unsigned kAscii = 2;

const std::string kNaa = "\x50\x00\xc5\x00\xa1\xb2\xc3\xd4"s;

TEST(ScsiDesignators, AreReadInOrder) {
    const auto found = parse_scsi_designators(
        vpd_page(descriptor(3, kBinary, kNaa) + descriptor(0, kAscii, "SERIAL")));
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].type, Type::naa);
    EXPECT_TRUE(found[0].is_binary);
    EXPECT_EQ(found[0].hex(), "5000c500a1b2c3d4");
    EXPECT_EQ(found[1].type, Type::vendor);
    EXPECT_FALSE(found[1].is_binary);
    EXPECT_EQ(found[1].bytes, "SERIAL");
}

TEST(ScsiDesignators, OfPortsAndTargetsAreNotTheDisks) {
    const auto found = parse_scsi_designators(
        vpd_page(descriptor(3, kBinary, kNaa, 1) + descriptor(3, kBinary, kNaa, 2)));
    EXPECT_THAT(found, IsEmpty());
}

TEST(ScsiDesignators, OfOtherTypesAndCodesAreLeftOut) {
    const auto found = parse_scsi_designators(
        vpd_page(descriptor(8, kBinary, "x") + descriptor(3, 3, kNaa) + descriptor(3, 0, kNaa)));
    EXPECT_THAT(found, IsEmpty());
}

TEST(ScsiDesignators, AnotherPageOrNoneHasNone) {
    EXPECT_THAT(parse_scsi_designators(""), IsEmpty());
    EXPECT_THAT(parse_scsi_designators("\x00\x83\x00"s), IsEmpty());
    std::string other = vpd_page(descriptor(3, kBinary, kNaa));
    other[1] = '\x80';
    EXPECT_THAT(parse_scsi_designators(other), IsEmpty());
}

TEST(ScsiDesignators, APageCutOffAnywhereGivesWhatIsWhole) {
    const std::string first = descriptor(3, kBinary, kNaa);
    const std::string page = vpd_page(first + descriptor(0, kAscii, "SERIAL"));
    for (std::size_t size = 0; size < page.size(); ++size) {
        const std::size_t whole = size >= 4 + first.size() ? 1 : 0;
        EXPECT_THAT(parse_scsi_designators(page.substr(0, size)), SizeIs(whole)) << size;
    }
}

TEST(ScsiDesignators, ADescriptorLongerThanThePageEndsTheReading) {
    std::string first = descriptor(3, kBinary, kNaa);
    first[3] = '\xff';
    EXPECT_THAT(parse_scsi_designators(vpd_page(first + descriptor(0, kAscii, "S"))), IsEmpty());
}

TEST(ScsiDesignators, WhatFollowsThePagesLengthIsNotRead) {
    const std::string page = vpd_page(descriptor(3, kBinary, kNaa));
    EXPECT_THAT(parse_scsi_designators(page + descriptor(0, kAscii, "SERIAL")), SizeIs(1));
}

TEST(ScsiDesignators, ALengthBeyondTheBytesIsNoHarm) {
    std::string page = vpd_page(descriptor(3, kBinary, kNaa));
    page[2] = page[3] = '\xff';
    EXPECT_THAT(parse_scsi_designators(page), SizeIs(1));
}

TEST(ScsiDesignators, APageOfZeroesHasNone) {
    EXPECT_THAT(parse_scsi_designators("\x00\x83\x00\x40"s + std::string(64, '\0')), IsEmpty());
}

} // namespace
} // namespace slipway::coldplug
