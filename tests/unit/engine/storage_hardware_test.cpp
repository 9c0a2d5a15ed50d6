// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/storage_hardware.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(StorageHardware, IsWhatDisksHangOn) {
    // An NVMe disk, an AHCI controller, virtio before and behind its PCI driver, a reader of SD
    // cards, a stick.
    for (const char *modalias :
         {"pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02",
          "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01",
          "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00", "virtio:d00000002v00001AF4",
          "virtio:d00000008v00001AF4", "pci:v00001B36d00000007sv00001AF4sd00001100bc08sc05i01",
          "usb:v46F4p0001d0000dc00dsc00dp00ic08isc06ip50in00"})
        EXPECT_TRUE(may_hold_disks(modalias)) << modalias;
}

TEST(StorageHardware, IsNoneOfTheRest) {
    // A network card, a bridge whose vendor's number looks like a class, a network interface of
    // virtio, a keyboard, nonsense.
    for (const char *modalias :
         {"pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00",
          "pci:v0000BC01d00000101sv00001AF4sd00001100bc06sc04i00", "virtio:d00000001v00001AF4",
          "usb:v0627p0001d0000dc00dsc00dp00ic03isc01ip01in00", "bc01sc", ""})
        EXPECT_FALSE(may_hold_disks(modalias)) << modalias;
}

} // namespace
} // namespace slipway
