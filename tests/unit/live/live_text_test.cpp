// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/live_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live/live_json.h"

namespace slipway::live {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Unit unit(std::string name, std::string state) {
    Unit unit;
    unit.name = std::move(name);
    unit.state = std::move(state);
    unit.kind = "mount";
    unit.is_wanted = true;
    return unit;
}

Status boot() {
    Status status;
    status.state = "waiting";
    status.headline = "device UUID=1 is not there; 9 s left";
    status.units = {unit("luks@1", "running"), unit("md@2", "degraded-wait"), unit("old", "ready"),
                    unit("resume", "failed"), unit("switch-root", "waiting")};
    status.units[0].time_left = std::chrono::seconds(50);
    status.units[1].kind = "assembly";
    status.units[1].display_name = "md0";
    status.units[1].members = {"/sys/a"};
    status.units[1].expected_members = 2;
    status.units[3].reason = "no signature";
    status.units[4].is_goal = true;
    status.units[4].waits_for = {"sysroot"};
    Device disk;
    disk.syspath = "/sys/devices/vda1";
    disk.devnode = "/dev/vda1";
    disk.facts = {{"subsystem", "block"}, {"fs_type", "ext4"}, {"fs_label", "data"}};
    disk.used_by = {"md@2"};
    Device mouse;
    mouse.syspath = "/sys/devices/mouse";
    mouse.facts = {{"subsystem", "input"}};
    status.devices = {disk, mouse};
    status.prompts = {{"/org/slipway/prompt/3", 3, "Passphrase", "luks@1", true},
                      {"/org/slipway/prompt/4", 4, "PIN", "", false}};
    return status;
}

TEST(LiveText, a_boot_at_a_glance) {
    EXPECT_EQ(status_text(boot()), R"(waiting       device UUID=1 is not there; 9 s left

Goals
  waiting       switch-root; waits for sysroot

Running
  running       luks@1; 50 s left

Waiting
  degraded-wait md@2 (md0); 1 of 2 members

Failed
  failed        resume; no signature

Questions (slipway answer)
  3   Passphrase
  4   PIN (after the one before)

Devices
  /dev/vda1 ext4 LABEL=data  <- md@2
)");
}

TEST(LiveText, colours_are_for_terminals_only) {
    EXPECT_THAT(status_text(boot()), Not(HasSubstr("\x1b")));
    const std::string coloured = status_text(boot(), {true, 0});
    EXPECT_THAT(coloured, HasSubstr("\x1b[33mwaiting\x1b[0m"));
    EXPECT_THAT(coloured, HasSubstr("\x1b[31mfailed\x1b[0m"));
}

TEST(LiveText, lines_fit_the_terminal) {
    Status status = boot();
    status.headline = std::string(200, 'x');
    const std::string text = status_text(status, {false, 40});
    std::size_t longest = 0;
    for (const std::string &line : split_words(text, "\n"))
        longest = std::max(longest, line.size());
    EXPECT_EQ(longest, 40U);
}

TEST(LiveText, what_comes_from_disks_cannot_drive_the_terminal) {
    Status status = boot();
    status.headline = "a\x1b[2Jb\nc";
    status.devices[0].facts["fs_label"] = "x\x1b[31m\ny";
    status.units[3].reason = "\x07\xff";
    for (const std::string &text :
         {status_text(status), units_text(status.units, true),
          devices_text(status.devices, true, true), log_text({3, Duration(0), "\x1b[2J\n"}),
          change_text({"/x", Change::Kind::changed, {{"Reason", "\x1b[2J\n"}}})}) {
        EXPECT_THAT(text, Not(HasSubstr("\x1b")));
        EXPECT_THAT(text, Not(HasSubstr("\x07")));
    }
}

TEST(LiveText, says_that_a_full_record_is_old) {
    Status status = boot();
    status.is_truncated = true;
    EXPECT_THAT(status_text(status), HasSubstr("reached its limit"));
}

TEST(LiveText, lists_leave_out_what_nobody_wants) {
    std::vector<Unit> units = boot().units;
    units[2].is_wanted = false;
    EXPECT_THAT(units_text(units, false), Not(HasSubstr("old")));
    EXPECT_THAT(units_text(units, true), HasSubstr("ready         old\n"));
    EXPECT_EQ(devices_text(boot().devices, false, false), "/dev/vda1 ext4 LABEL=data  <- md@2\n");
    EXPECT_THAT(devices_text(boot().devices, true, true), HasSubstr("mouse\n  syspath = /sys"));
}

TEST(LiveText, a_line_of_the_log_has_time_and_level) {
    EXPECT_EQ(log_text({4, Duration(1'500'000), "x y"}), "   1.500000 warning x y\n");
    EXPECT_EQ(log_text({99, Duration(0), "x"}), "   0.000000 debug   x\n");
}

TEST(LiveJson, is_stable) {
    EXPECT_EQ(why_json("a", "a waits\n  device x is not there\n"), R"({
 "goal": "a",
 "lines": [
  {
   "depth": 0,
   "text": "a waits"
  },
  {
   "depth": 1,
   "text": "device x is not there"
  }
 ]
}
)");
    EXPECT_EQ(log_json({4, Duration(5), "x"}), R"({"level":4,"text":"x","time_us":5})"
                                               "\n");
    EXPECT_EQ(change_json({"/p", Change::Kind::added, {{"State", "x"}}}),
              R"({"change":"added","path":"/p","values":{"State":"x"}})"
              "\n");
    EXPECT_EQ(done_json("skip", "a"), R"({"command":"skip","done":true,"object":"a"})"
                                      "\n");
    EXPECT_THAT(status_json(boot()), HasSubstr(R"("time_left_us": null)"));
    EXPECT_THAT(units_json(boot().units), HasSubstr(R"("time_left_us": 50000000)"));
}

TEST(LiveJson, broken_characters_do_not_break_it) {
    Status status = boot();
    status.headline = "\xff\xfe";
    EXPECT_THAT(status_json(status), HasSubstr("headline"));
}

} // namespace
} // namespace slipway::live
