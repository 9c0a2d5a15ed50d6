// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/uevent.h"

#include <vector>

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

// The lines with the NUL that the kernel puts after each.
std::string message(const std::vector<std::string> &lines) {
    std::string text;
    for (const std::string &line : lines)
        text += line + '\0';
    return text;
}

std::vector<std::string> partition() {
    return {"add@/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2",
            "ACTION=add",
            "DEVPATH=/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2",
            "SUBSYSTEM=block",
            "SYNTH_UUID=0",
            "MAJOR=254",
            "MINOR=2",
            "DEVNAME=vda2",
            "DEVTYPE=partition",
            "DISKSEQ=9",
            "PARTN=2",
            "PARTUUID=1234abcd-02",
            "SEQNUM=1234"};
}

std::string refusal(const std::vector<std::string> &lines) {
    const auto event = parse_uevent(message(lines));
    EXPECT_FALSE(event);
    return event ? "" : event.error().message();
}

TEST(ParseUevent, GivesTheFactsOfAPartition) {
    const auto event = parse_uevent(message(partition()));
    ASSERT_TRUE(event) << event.error().message();
    EXPECT_EQ(event->action, Uevent::Action::add);
    EXPECT_EQ(event->syspath, "/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2");
    EXPECT_EQ(event->sequence, 1234U);
    const DeviceFacts expected = {
        {"action", "add"},          {"subsystem", "block"},
        {"major", "254"},           {"minor", "2"},
        {"devnode", "/dev/vda2"},   {"devtype", "partition"},
        {"diskseq", "9"},           {"partn", "2"},
        {"seqnum", "1234"},         {"partuuid_kernel", "1234abcd-02"},
        {"uevent.SYNTH_UUID", "0"},
    };
    EXPECT_EQ(event->facts, expected);
}

TEST(ParseUevent, GivesTheFactsOfABusDevice) {
    const auto event = parse_uevent(
        message({"change@/devices/x", "ACTION=change", "DEVPATH=/devices/x", "SUBSYSTEM=pci",
                 "MODALIAS=pci:v1AF4d=1", "DRIVER=virtio-pci", "DM_COOKIE=4242", "SEQNUM=1"}));
    ASSERT_TRUE(event) << event.error().message();
    EXPECT_EQ(event->action, Uevent::Action::change);
    EXPECT_THAT(event->facts, Contains(Pair("modalias", "pci:v1AF4d=1")));
    EXPECT_THAT(event->facts, Contains(Pair("driver", "virtio-pci")));
    EXPECT_THAT(event->facts, Contains(Pair("dm_cookie", "4242")));
    EXPECT_THAT(event->facts, Not(Contains(Key("devnode"))));
}

TEST(ParseUevent, KeepsDirectoriesOfTheNode) {
    auto lines = partition();
    lines[7] = "DEVNAME=bus/usb/001/002";
    EXPECT_THAT(parse_uevent(message(lines))->facts,
                Contains(Pair("devnode", "/dev/bus/usb/001/002")));
}

TEST(ParseUevent, DoesNotNeedTheLastNul) {
    std::string text = message(partition());
    text.pop_back();
    EXPECT_TRUE(parse_uevent(text));
}

TEST(ParseUevent, KnowsEveryActionOfTheKernel) {
    for (const char *action :
         {"add", "change", "remove", "move", "online", "offline", "bind", "unbind"}) {
        const std::string name = action;
        EXPECT_TRUE(parse_uevent(
            message({name + "@/devices/x", "ACTION=" + name, "SUBSYSTEM=pci", "SEQNUM=1"})))
            << name;
    }
}

TEST(ParseUevent, RefusesAMessageOfUdevd) {
    EXPECT_THAT(refusal({"libudev", "\xfe\xed\xca\xfe"}), HasSubstr("ACTION@PATH"));
}

TEST(ParseUevent, RefusesWhatIsMissing) {
    EXPECT_THAT(refusal({}), HasSubstr("ACTION@PATH"));
    EXPECT_THAT(refusal({"explode@/devices/x"}), HasSubstr("unknown action"));
    EXPECT_THAT(refusal({"add@/devices/x", "ACTION=add", "SEQNUM=1"}), HasSubstr("SUBSYSTEM"));
    EXPECT_THAT(refusal({"add@/devices/x", "ACTION=add", "SUBSYSTEM=pci"}), HasSubstr("SEQNUM"));
    EXPECT_THAT(refusal({"add@/devices/x", "ACTION=add", "SUBSYSTEM=pci", "SEQNUM=one"}),
                HasSubstr("SEQNUM"));
    EXPECT_THAT(refusal({"add@/devices/x", "ACTION=remove", "SUBSYSTEM=pci", "SEQNUM=1"}),
                HasSubstr("contradicts"));
}

TEST(ParseUevent, RefusesLinesThatAreNoAssignments) {
    EXPECT_THAT(refusal({"add@/devices/x", "ACTION"}), HasSubstr("KEY=VALUE"));
    EXPECT_THAT(refusal({"add@/devices/x", "=add"}), HasSubstr("KEY=VALUE"));
    EXPECT_THAT(refusal({"add@/devices/x", ""}), HasSubstr("KEY=VALUE"));
}

TEST(ParseUevent, RefusesPathsThatLeaveTheirPlace) {
    for (const char *path : {"add@devices/x", "add@/devices/../../etc", "add@/", "add@//x"})
        EXPECT_THAT(refusal({path}), HasSubstr("bad path")) << path;
    for (const char *name : {"../etc/passwd", "/etc", "", "a//b", "a/./b", "a/"}) {
        auto lines = partition();
        lines[7] = std::string("DEVNAME=") + name;
        EXPECT_THAT(refusal(lines), HasSubstr("bad DEVNAME")) << name;
    }
}

TEST(ParseUevent, RefusesDeviceNumbersThatAreNone) {
    for (const char *number : {"12a", "-1", " 1", "99999999999"}) {
        auto lines = partition();
        lines[5] = std::string("MAJOR=") + number;
        EXPECT_THAT(refusal(lines), HasSubstr("number")) << number;
    }
}

TEST(ParseUevent, RefusesMoreThanItsLimits) {
    auto many = partition();
    for (std::size_t i = 0; i < kMaxUeventKeys; ++i)
        many.push_back("K" + std::to_string(i) + "=");
    EXPECT_THAT(refusal(many), HasSubstr("256 keys"));
    auto large = partition();
    large.push_back("X=" + std::string(kMaxUeventBytes, 'x'));
    EXPECT_THAT(refusal(large), HasSubstr("16384 bytes"));
}

TEST(ParseUevent, DoesNotPutControlCharactersIntoItsMessages) {
    EXPECT_THAT(refusal({"add@/\x1b[2J/.."}), Not(HasSubstr("\x1b")));
}

} // namespace
} // namespace slipway
