// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/option_list.h"

#include <gmock/gmock.h>

#include <array>

namespace slipway::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(OptionList, KeepsTheirOrder) {
    const std::array<slipway_pair, 3> raw = {
        {{text("rw"), text("")}, {text("root"), text("UUID=1")}, {text("ro"), text("")}}};
    const Pairs pairs({raw.data(), raw.size()});
    EXPECT_THAT(option_list(pairs),
                ElementsAre(Pair("rw", ""), Pair("root", "UUID=1"), Pair("ro", "")));
    EXPECT_TRUE(option_list(Pairs({nullptr, 0})).empty());
}

} // namespace
} // namespace slipway::sdk
