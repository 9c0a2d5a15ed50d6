// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/handover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using test::FakeSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Handover, gives_systemd_the_time_at_which_the_initrd_began) {
    FakeSystem system;
    system.realtime = 1'700'000'000'000'001;
    system.monotonic = 2'121'000;
    EXPECT_EQ(systemd_state(read_start_times(system)),
              "initrd-timestamp=1700000000000001 2121000\n\n");
}

TEST(Handover, tells_systemd_where_its_state_is_and_passes_the_words_of_the_kernel) {
    const RealInit init = {"/sbin/init", "/usr/lib/systemd/systemd", true};
    EXPECT_THAT(
        init_arguments(init, 7, {"single"}),
        ElementsAre("/sbin/init", "--switched-root", "--system", "--deserialize=7", "single"));
}

TEST(Handover, another_init_gets_only_the_words_of_the_kernel) {
    EXPECT_THAT(init_arguments({"/sbin/init", "/sbin/init", false}, 7, {"single"}),
                ElementsAre("/sbin/init", "single"));
    EXPECT_THAT(init_arguments({"/sbin/init", "/usr/lib/systemd/systemd", true}, -1, {}),
                ElementsAre("/sbin/init"));
}

TEST(Handover, passes_the_environment_of_the_kernel_but_nothing_about_initrds) {
    EXPECT_THAT(init_environment({"HOME=/", "TERM=linux", "SYSTEMD_IN_INITRD=1", "x=y=z",
                                  "NOTIFY_SOCKET=/run/n", "SYSTEMD_IN_INITRD"}),
                ElementsAre("HOME=/", "TERM=linux", "x=y=z"));
}

TEST(Handover, leaves_the_log_and_the_timeline_to_the_host) {
    FakeSystem system;
    system.add_directory("/run");
    Log log(2);
    log.info("one");
    log.warning("two");
    log.error("three");
    Timeline timeline(Duration(5));
    EXPECT_THAT(write_reports(system, {timeline, log, "slipway-record 1\n"}, Duration(9)),
                IsEmpty());
    EXPECT_EQ(system.content("/run/slipway/log.txt"),
              "notice: 1 older lines were dropped\nwarning: two\nerror: three\n");
    EXPECT_EQ(system.content("/run/slipway/timeline.json"), timeline.to_json(Duration(9)));
    EXPECT_EQ(system.content("/run/slipway/record.txt"), "slipway-record 1\n");
    EXPECT_EQ(system.nodes().at("/run/slipway/record.txt").mode & 0777U, 0600U);
    EXPECT_EQ(system.nodes().at("/run/slipway/log.txt").mode & 0777U, 0600U);
}

TEST(Handover, one_lost_report_does_not_cost_the_other) {
    FakeSystem system;
    system.add_directory("/run");
    system.fail("replace", "/run/slipway/timeline.json", ENOSPC);
    const Timeline timeline(Duration(0));
    const Log log;
    const auto errors = write_reports(system, {timeline, log, ""}, Duration(1));
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_THAT(errors[0].message(), HasSubstr("leave a report for the host"));
    EXPECT_TRUE(system.exists("/run/slipway/log.txt"));
}

} // namespace
} // namespace slipway
