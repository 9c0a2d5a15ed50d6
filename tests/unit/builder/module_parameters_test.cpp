// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/module_parameters.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(ModuleParameters, BecomeLinesOfModprobe) {
    EXPECT_EQ(module_parameters("quiet virtio_blk.queue_depth=4 usbhid.mousepoll root=UUID=1.2"),
              "options virtio_blk queue_depth=4\noptions usbhid mousepoll\n");
}

TEST(ModuleParameters, WordsOfProgramsAreNone) {
    EXPECT_EQ(module_parameters("rd.luks.uuid=1 systemd.unit=x a.b.c=1 .x=1 y. root=/dev/a.b"), "");
}

} // namespace
} // namespace slipway
