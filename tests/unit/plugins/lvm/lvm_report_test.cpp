// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/lvm_report.h"

#include <gmock/gmock.h>

namespace slipway::lvm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As lvm 2.03.31 writes it for one of two physical volumes.
constexpr auto kReport = R"(
  {
      "report": [
          {
              "vg": [
                  {"vg_name":"vg-0", "vg_uuid":"dqLMrg-BUmb", "pv_count":"2", "vg_systemid":"thismachine"}
              ]
              ,
              "pv": [
                  {"pv_uuid":"IPSwPG-Ydth", "pv_name":"/dev/vda", "pv_missing":"", "pv_in_use":"used"},
                  {"pv_uuid":"VsHJuc-wH3H", "pv_name":"[unknown]", "pv_missing":"missing", "pv_in_use":"used"}
              ]
              ,
              "lv": [
                  {"lv_name":"root-a", "lv_dm_path":"/dev/mapper/vg--0-root--a", "lv_role":"public,origin,thickorigin", "lv_layout":"linear", "lv_modules":"snapshot", "pool_lv":"", "lv_health_status":"", "lv_skip_activation":""},
                  {"lv_name":"snap", "lv_dm_path":"/dev/mapper/vg--0-snap", "lv_role":"public,snapshot,thicksnapshot", "lv_layout":"linear", "lv_modules":"snapshot", "pool_lv":"", "lv_health_status":"", "lv_skip_activation":""},
                  {"lv_name":"off", "lv_dm_path":"/dev/mapper/vg--0-off", "lv_role":"public,snapshot,thinsnapshot", "lv_layout":"thin,sparse", "lv_modules":"thin,thin-pool", "pool_lv":"pool", "lv_health_status":"", "lv_skip_activation":"skip activation"},
                  {"lv_name":"cached", "lv_dm_path":"/dev/mapper/vg--0-cached", "lv_role":"public", "lv_layout":"cache", "lv_modules":"cache,raid", "pool_lv":"[cpool]", "lv_health_status":"partial", "lv_skip_activation":""},
                  {"lv_name":"r1", "lv_dm_path":"/dev/mapper/vg--0-r1", "lv_role":"public", "lv_layout":"raid,raid1", "lv_modules":"raid", "pool_lv":"", "lv_health_status":"unknown", "lv_skip_activation":""},
                  {"lv_name":"pool", "lv_dm_path":"/dev/mapper/vg--0-pool", "lv_role":"private", "lv_layout":"thin,pool", "lv_modules":"thin-pool", "pool_lv":"", "lv_health_status":"", "lv_skip_activation":""}
              ]
              ,
              "pvseg": [
              ]
          }
      ]
      ,
      "log": [
          {"log_seq_num":"1", "log_type":"warn", "log_message":"WARNING: Couldn't find device with uuid VsHJuc-wH3H."},
          {"log_seq_num":"2", "log_type":"warn", "log_message":"WARNING: VG vg-0 is missing PV VsHJuc-wH3H (last written to /dev/sdb1)."},
          {"log_seq_num":"3", "log_type":"status", "log_message":"success"}
      ]
  }
)";

TEST(LvmReport, ReadsGroupAndVolumes) {
    const auto report = parse_report(kReport);
    ASSERT_TRUE(report);
    ASSERT_THAT(report->groups, SizeIs(1));
    const VolumeGroup &group = report->groups.front();
    EXPECT_EQ(group.name, "vg-0");
    EXPECT_EQ(group.uuid, "dqLMrg-BUmb");
    EXPECT_EQ(group.pv_count, 2U);
    ASSERT_THAT(group.physical_volumes, SizeIs(2));
    EXPECT_FALSE(group.physical_volumes[0].is_missing);
    EXPECT_TRUE(group.physical_volumes[1].is_missing);
    EXPECT_EQ(group.system_id, "thismachine");
    ASSERT_THAT(group.logical_volumes, SizeIs(6));
    EXPECT_EQ(group.logical_volumes[0].mapper_path, "/dev/mapper/vg--0-root--a");
    EXPECT_EQ(group.link_path(group.logical_volumes[0]), "/dev/vg-0/root-a");
}

TEST(LvmReport, SnapshotsPoolsAndSkippedVolumesAreNotActivatedOnTheirOwn) {
    const auto report = parse_report(kReport);
    ASSERT_TRUE(report);
    std::vector<std::string> names;
    for (const LogicalVolume &volume : report->groups.front().logical_volumes) {
        if (volume.is_activatable())
            names.push_back(volume.name);
    }
    EXPECT_THAT(names, ElementsAre("root-a", "cached", "r1"));
}

TEST(LvmReport, KnowsWhatAVolumeIsMadeOf) {
    const VolumeGroup group = parse_report(kReport)->groups.front();
    EXPECT_THAT(group.find("cached")->modules, ElementsAre("cache", "raid"));
    EXPECT_EQ(group.find("cached")->pool, "cpool");
    EXPECT_TRUE(group.find("cached")->is_partial);
    EXPECT_FALSE(group.find("r1")->is_partial); // "unknown" is what it says without the kernel
    EXPECT_THAT(group.find("r1")->layouts, ElementsAre("raid", "raid1"));
    EXPECT_THAT(group.find("root-a")->modules, ElementsAre("snapshot"));
    EXPECT_EQ(group.find("nothing"), nullptr);
}

TEST(LvmReport, KnowsWhereAMissingPhysicalVolumeWasSeenLast) {
    const auto report = parse_report(kReport);
    const VolumeGroup &group = report->groups.front();
    EXPECT_EQ(group.physical_volumes[0].last_node, "");
    EXPECT_EQ(group.physical_volumes[1].last_node, "/dev/sdb1");
    EXPECT_THAT(report->warnings, ElementsAre("Couldn't find device with uuid VsHJuc-wH3H.",
                                              "VG vg-0 is missing PV VsHJuc-wH3H (last written to "
                                              "/dev/sdb1)."));
}

TEST(LvmReport, ALastNodeThatIsCutOffOrNoPathIsLeftOut) {
    const auto last = [](const std::string &message) {
        return parse_report(
                   R"({"report":[{"vg":[{"vg_name":"a","vg_uuid":"u"}],"pv":[{"pv_uuid":"p","pv_missing":"missing"}]}],"log":[{"log_type":"warn","log_message":")" +
                   message + R"("}]})")
            ->groups.front()
            .physical_volumes.front()
            .last_node;
    };
    EXPECT_EQ(last("missing PV p (last written to /dev/vdb)."), "/dev/vdb");
    EXPECT_EQ(last("missing PV p (last written to [unknown])."), "");
    EXPECT_EQ(last("missing PV p (last written to "), "");
    EXPECT_EQ(last("missing PV q (last written to /dev/vdb)."), "");
}

TEST(LvmReport, APhysicalVolumeWithoutGroupGivesNoGroup) {
    const auto report = parse_report(
        R"({"report":[{"vg":[],"pv":[{"pv_uuid":"x","pv_name":"/dev/vda","pv_in_use":""}],"lv":[]}]})");
    ASSERT_TRUE(report);
    EXPECT_THAT(report->groups, IsEmpty());
    EXPECT_THAT(report->strays, IsEmpty());
}

TEST(LvmReport, APhysicalVolumeInUseWhoseGroupIsUnknownIsAStray) {
    const auto report = parse_report(
        R"({"report":[{"pv":[{"pv_uuid":"x","pv_name":"/dev/vda","pv_in_use":"used"}],"pvseg":[]}],"log":[{"log_type":"warn","log_message":"WARNING: wrong checksum 0 in mda header on /dev/vda at 4096"}]})");
    ASSERT_TRUE(report);
    EXPECT_THAT(report->strays, ElementsAre("/dev/vda"));
    EXPECT_THAT(report->warnings,
                ElementsAre("wrong checksum 0 in mda header on /dev/vda at 4096"));
}

TEST(LvmReport, WarningsAreBounded) {
    std::string rows = R"({"log_type":"warn","log_message":"x"})";
    for (int i = 0; i < 100; ++i)
        rows += R"(,{"log_type":"error","log_message":"y"})";
    EXPECT_THAT(parse_report(R"({"report":[],"log":[)" + rows + "]}")->warnings, SizeIs(64));
}

TEST(LvmReport, RefusesWhatIsNoReport) {
    EXPECT_FALSE(parse_report(""));
    EXPECT_FALSE(parse_report("{"));
    EXPECT_FALSE(parse_report("[]"));
    EXPECT_FALSE(parse_report(R"({"report":1})"));
}

TEST(LvmReport, SurvivesFieldsOfTheWrongType) {
    const auto report = parse_report(
        R"({"report":[1,{"vg":[{"vg_name":7}]},{"vg":[3,{"vg_name":"a","vg_uuid":"u","pv_count":"-1"}],"lv":{}}]})");
    ASSERT_TRUE(report);
    ASSERT_THAT(report->groups, SizeIs(1));
    EXPECT_EQ(report->groups.front().pv_count, 0U);
}

TEST(LvmReport, LeavesOutNamesThatAreNoNames) {
    EXPECT_THAT(parse_report(R"({"report":[{"vg":[{"vg_name":"../x","vg_uuid":"u"}]}]})")->groups,
                IsEmpty());
    const auto report = parse_report(
        R"({"report":[{"vg":[{"vg_name":"a","vg_uuid":"u"}],"lv":[{"lv_name":"b/c","lv_dm_path":"/dev/mapper/x","lv_role":"public"},{"lv_name":"b","lv_dm_path":"/etc/x","lv_role":"public"}]}]})");
    EXPECT_THAT(report->groups.front().logical_volumes, IsEmpty());
}

} // namespace
} // namespace slipway::lvm
