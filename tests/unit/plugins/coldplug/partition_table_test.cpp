// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/partition_table.h"

#include <gtest/gtest.h>

namespace slipway::coldplug {
namespace {

const std::vector<PartitionEntry> kTable = {{.number = 1, .uuid = "1234abcd-01", .type = {}},
                                            {.number = 5, .uuid = "1234abcd-05", .type = {}},
                                            {.number = 6, .uuid = {}, .type = {}}};

TEST(PartitionTable, OffsetsAreCountedByNumber) {
    EXPECT_EQ(offsets_of(5, kTable), "1234abcd-01/4\n1234abcd-05/0");
    EXPECT_EQ(offsets_of(1, kTable), "1234abcd-01/0\n1234abcd-05/-4");
    EXPECT_EQ(offsets_of(1, {}), "");
}

TEST(PartitionTable, NoUuidIsInNoTable) {
    EXPECT_TRUE(holds_partition(kTable, "1234abcd-05"));
    EXPECT_FALSE(holds_partition(kTable, "1234abcd-06"));
    EXPECT_FALSE(holds_partition(kTable, ""));
}

TEST(PartitionTable, ATableWithoutARootHasNone) {
    EXPECT_EQ(find_root_partition({}), "");
    EXPECT_EQ(find_root_partition(kTable), "");
}

} // namespace
} // namespace slipway::coldplug
