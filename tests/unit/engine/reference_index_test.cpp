// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reference_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void add(ReferenceIndex &index, ReferenceIndex::Node node, std::string_view text) {
    const auto reference = DeviceReference::parse(text);
    ASSERT_TRUE(reference) << text;
    index.add(node, *reference);
}

// "+1": node 1 has the device as a candidate now, "-1": not any more.
std::vector<std::string> changes(ReferenceIndex &index, const Facts *facts) {
    std::vector<std::string> texts;
    for (const auto &change : index.update("/sys/a", facts))
        texts.push_back((change.is_candidate ? "+" : "-") + std::to_string(change.node));
    return texts;
}

TEST(ReferenceIndex, ADeviceFindsAllWhoWaitForIt) {
    ReferenceIndex index;
    add(index, 2, "UUID=5a1e");
    add(index, 1, "/dev/vda2");
    add(index, 3, "UUID=0000");
    const Facts facts = {{"ready", "1"}, {"fs_uuid", "5a1e"}, {"devnode", "/dev/vda2"}};
    EXPECT_THAT(changes(index, &facts), ElementsAre("+1", "+2"));
    EXPECT_THAT(changes(index, &facts), IsEmpty()) << "nothing changed";
    EXPECT_THAT(index.nodes_of("/sys/a"), ElementsAre(1, 2));
}

TEST(ReferenceIndex, ABeginningOfAUuidMatches) {
    ReferenceIndex index;
    add(index, 1, "UUID=5a1e*");
    const Facts other = {{"ready", "1"}, {"fs_uuid", "5a"}};
    const Facts facts = {{"ready", "1"}, {"fs_uuid", "5a1e-77"}};
    EXPECT_THAT(changes(index, &other), IsEmpty());
    EXPECT_THAT(changes(index, &facts), ElementsAre("+1"));
}

TEST(ReferenceIndex, APartitionThatIsCountedFromAnotherMatches) {
    ReferenceIndex index;
    add(index, 1, "PARTUUID=5A1E-01/PARTNROFF=1");
    const Facts other = {{"ready", "1"}, {"part_uuid", "5a1e-01"}, {"part_offsets", "5a1e-01/0"}};
    const Facts facts = {{"ready", "1"}, {"part_uuid", "5a1e-02"}, {"part_offsets", "5a1e-01/1"}};
    EXPECT_THAT(changes(index, &other), IsEmpty());
    EXPECT_THAT(changes(index, &facts), ElementsAre("+1"));
}

TEST(ReferenceIndex, AGoneDeviceIsNobodysCandidate) {
    ReferenceIndex index;
    add(index, 1, "UUID=5a1e");
    const Facts facts = {{"ready", "1"}, {"fs_uuid", "5a1e"}};
    EXPECT_THAT(changes(index, nullptr), IsEmpty()) << "never seen";
    EXPECT_THAT(changes(index, &facts), ElementsAre("+1"));
    EXPECT_THAT(changes(index, nullptr), ElementsAre("-1"));
    EXPECT_THAT(index.nodes_of("/sys/a"), IsEmpty());
}

TEST(ReferenceIndex, ADeviceThatChangesLeavesOneAndAnswersAnother) {
    ReferenceIndex index;
    add(index, 1, "UUID=1111");
    add(index, 2, "UUID=2222*");
    const Facts first = {{"ready", "1"}, {"fs_uuid", "1111"}};
    const Facts second = {{"ready", "1"}, {"fs_uuid", "2222"}};
    EXPECT_THAT(changes(index, &first), ElementsAre("+1"));
    EXPECT_THAT(changes(index, &second), ElementsAre("-1", "+2"));
}

TEST(ReferenceIndex, ANodeThatComesLaterFindsTheDeviceAtItsNextUpdate) {
    ReferenceIndex index;
    const Facts facts = {{"ready", "1"}, {"fs_uuid", "1111"}};
    EXPECT_THAT(changes(index, &facts), IsEmpty());
    add(index, 1, "UUID=1111");
    EXPECT_THAT(changes(index, &facts), ElementsAre("+1"));
}

} // namespace
} // namespace slipway
