// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/boot_partition.h"

#include <gtest/gtest.h>

#include "unit/plugins/coldplug/fake_sysfs.h"

namespace slipway::coldplug {
namespace {

const std::string kUuid = "0123abcd-4567-89ab-cdef-0123456789ab";

// As efivarfs shows it.
std::string variable(const std::string &text) {
    std::string bytes("\6\0\0\0", 4);
    for (const char character : text)
        bytes += std::string{character, '\0'};
    return bytes + std::string(2, '\0');
}

TEST(BootPartition, IsReadInLowerCase) {
    EXPECT_EQ(decode_uuid_variable(variable("0123ABCD-4567-89AB-CDEF-0123456789AB")), kUuid);
    EXPECT_EQ(decode_uuid_variable(variable(kUuid) + "more"), kUuid);
}

TEST(BootPartition, WhatIsNoUuidSaysNothing) {
    for (const std::string &text :
         {std::string(), kUuid.substr(1), kUuid + "0", std::string(36, 'x')})
        EXPECT_EQ(decode_uuid_variable(variable(text)), "") << text;
    EXPECT_EQ(decode_uuid_variable(""), "");
    EXPECT_EQ(decode_uuid_variable("\6"), "");
    std::string wide = variable(kUuid);
    wide[5] = '\1'; // another alphabet
    EXPECT_EQ(decode_uuid_variable(wide), "");
    EXPECT_EQ(decode_uuid_variable(variable(kUuid).substr(0, 75)), ""); // cut off
}

TEST(BootPartition, WithoutFirmwareIsNotKnown) {
    test::FakeSysfs sysfs;
    EXPECT_EQ(BootPartition(sysfs).uuid(), "");
}

} // namespace
} // namespace slipway::coldplug
