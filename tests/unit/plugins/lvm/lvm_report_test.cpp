// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/lvm_report.h"

#include <gmock/gmock.h>

namespace slipway::lvm {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// As lvm 2.03.31 writes it for one of two physical volumes.
constexpr auto kReport = R"(
  {
      "report": [
          {
              "vg": [
                  {"vg_name":"vg-0", "vg_uuid":"dqLMrg-BUmb", "pv_count":"2"}
              ]
              ,
              "pv": [
                  {"pv_uuid":"IPSwPG-Ydth", "pv_name":"/dev/vda", "pv_missing":""},
                  {"pv_uuid":"VsHJuc-wH3H", "pv_name":"[unknown]", "pv_missing":"missing"}
              ]
              ,
              "lv": [
                  {"lv_name":"root-a", "lv_dm_path":"/dev/mapper/vg--0-root--a", "lv_attr":"owi---s---", "lv_skip_activation":""},
                  {"lv_name":"snap", "lv_dm_path":"/dev/mapper/vg--0-snap", "lv_attr":"swi---s---", "lv_skip_activation":""},
                  {"lv_name":"off", "lv_dm_path":"/dev/mapper/vg--0-off", "lv_attr":"-wi------k", "lv_skip_activation":"skip activation"}
              ]
              ,
              "pvseg": [
              ]
          }
      ]
      ,
      "log": [
      ]
  }
)";

TEST(LvmReport, ReadsGroupAndVolumes) {
    const auto groups = parse_report(kReport);
    ASSERT_TRUE(groups);
    ASSERT_THAT(*groups, SizeIs(1));
    const VolumeGroup &group = groups->front();
    EXPECT_EQ(group.name, "vg-0");
    EXPECT_EQ(group.uuid, "dqLMrg-BUmb");
    EXPECT_EQ(group.pv_count, 2U);
    ASSERT_THAT(group.physical_volumes, SizeIs(2));
    EXPECT_FALSE(group.physical_volumes[0].is_missing);
    EXPECT_TRUE(group.physical_volumes[1].is_missing);
    ASSERT_THAT(group.logical_volumes, SizeIs(3));
    EXPECT_EQ(group.logical_volumes[0].mapper_path, "/dev/mapper/vg--0-root--a");
    EXPECT_EQ(group.link_path(group.logical_volumes[0]), "/dev/vg-0/root-a");
}

TEST(LvmReport, SnapshotsPoolsAndSkippedVolumesAreNotActivatedOnTheirOwn) {
    const auto groups = parse_report(kReport);
    EXPECT_TRUE(groups->front().logical_volumes[0].is_activatable());
    EXPECT_FALSE(groups->front().logical_volumes[1].is_activatable());
    EXPECT_FALSE(groups->front().logical_volumes[2].is_activatable());
    EXPECT_FALSE((LogicalVolume{"pool", "/dev/mapper/x", "twi-a-tz--"}.is_activatable()));
    EXPECT_TRUE((LogicalVolume{"thin", "/dev/mapper/x", "Vwi-a-tz--"}.is_activatable()));
    EXPECT_TRUE((LogicalVolume{"raid", "/dev/mapper/x", "rwi-a-r---"}.is_activatable()));
    EXPECT_TRUE((LogicalVolume{"cached", "/dev/mapper/x", "Cwi-a-C---"}.is_activatable()));
}

TEST(LvmReport, APhysicalVolumeWithoutGroupGivesNothing) {
    const auto groups = parse_report(R"({"report":[{"vg":[],"pv":[{"pv_uuid":"x"}],"lv":[]}]})");
    ASSERT_TRUE(groups);
    EXPECT_THAT(*groups, IsEmpty());
}

TEST(LvmReport, RefusesWhatIsNoReport) {
    EXPECT_FALSE(parse_report(""));
    EXPECT_FALSE(parse_report("{"));
    EXPECT_FALSE(parse_report("[]"));
    EXPECT_FALSE(parse_report(R"({"report":1})"));
}

TEST(LvmReport, SurvivesFieldsOfTheWrongType) {
    const auto groups = parse_report(
        R"({"report":[1,{"vg":[{"vg_name":7}]},{"vg":[3,{"vg_name":"a","vg_uuid":"u","pv_count":"-1"}],"lv":{}}]})");
    ASSERT_TRUE(groups);
    ASSERT_THAT(*groups, SizeIs(1));
    EXPECT_EQ(groups->front().pv_count, 0U);
}

TEST(LvmReport, LeavesOutNamesThatAreNoNames) {
    EXPECT_THAT(*parse_report(R"({"report":[{"vg":[{"vg_name":"../x","vg_uuid":"u"}]}]})"),
                IsEmpty());
    const auto groups = parse_report(
        R"({"report":[{"vg":[{"vg_name":"a","vg_uuid":"u"}],"lv":[{"lv_name":"b/c","lv_dm_path":"/dev/mapper/x","lv_attr":"-"},{"lv_name":"b","lv_dm_path":"/etc/x","lv_attr":"-"}]}]})");
    EXPECT_THAT(groups->front().logical_volumes, IsEmpty());
}

} // namespace
} // namespace slipway::lvm
