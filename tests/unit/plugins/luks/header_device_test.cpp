// SPDX-License-Identifier: LGPL-2.1-or-later
// Headers on other devices, from crypttab and the command line to the copy.
#include "luks/header_device.h"

#include <gmock/gmock.h>

#include "luks/volume_units.h"
#include "luks/volumes.h"
#include "unit/plugins/fake_host.h"
#include "unit/plugins/luks/fake_medium.h"

namespace slipway::luks {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeMedium;
using test::FakeRequest;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const std::string kUuid = "5a1e0000-0000-4000-8000-00000000c0de";
using Options = std::map<std::string, std::string, std::less<>>;

Volumes collect(const Options &options, std::string_view crypttab = "") {
    const LuksCommandLine line =
        parse_luks_command_line([&](std::string_view key) -> const std::string * {
            const auto found = options.find(key);
            return found == options.end() ? nullptr : &found->second;
        });
    Volumes found =
        collect_volumes(line, parse_crypttab("/etc/crypttab", crypttab), "/etc/crypttab");
    found.problems.insert(found.problems.begin(), line.problems.begin(), line.problems.end());
    return found;
}

TEST(DetachedHeader, InTheImageIsAPathOfTheVolume) {
    const Volumes found = collect({}, "data /dev/vdb none header=/etc/hdr\n");
    EXPECT_THAT(found.problems, IsEmpty());
    const std::string toml = write_volume_units(found.volumes);
    EXPECT_THAT(toml, AllOf(HasSubstr("device = \"/dev/vdb\""), HasSubstr("header = \"/etc/hdr\""),
                            Not(HasSubstr("luks-header@"))));
}

TEST(DetachedHeader, OnAnotherDeviceIsFetchedByAUnitThatTheVolumeRequires) {
    const Volumes found = collect(
        {{"rd.luks.uuid", kUuid},
         {"rd.luks.data", kUuid + "=/dev/vdb"},
         {"rd.luks.options", kUuid + "=header=/hdr:LABEL=HEADERS,x-systemd.device-timeout=20s"}});
    EXPECT_THAT(found.problems, IsEmpty());
    const std::string toml = write_volume_units(found.volumes);
    EXPECT_THAT(toml, HasSubstr("name = \"luks@" + kUuid + "\""));
    EXPECT_THAT(toml, HasSubstr("device = \"/dev/vdb\"\ndevice_timeout = \"20s\"\n"
                                "requires = [\"luks-header@" +
                                kUuid + "\"]\n"));
    EXPECT_THAT(toml, HasSubstr("header = \"/run/slipway/luks-headers/" + kUuid +
                                "\", header_place = \"/hdr:LABEL=HEADERS\""));
    EXPECT_THAT(toml, HasSubstr("[[unit]]\nname = \"luks-header@" + kUuid + "\""));
    EXPECT_THAT(toml, HasSubstr("device = \"LABEL=HEADERS\"\ndevice_timeout = \"20s\"\n"
                                "params = { path = \"/hdr\" }"));
}

TEST(DetachedHeader, MayBeADeviceOfItsOwn) {
    const Volumes found = collect({}, "data /dev/vdb none header=PARTLABEL=hdr\n");
    const std::string toml = write_volume_units(found.volumes);
    EXPECT_THAT(toml,
                AllOf(HasSubstr("device = \"PARTLABEL=hdr\""),
                      HasSubstr("header_place = \"PARTLABEL=hdr\""), Not(HasSubstr("path ="))));
}

TEST(DetachedHeader, WithoutOneTheDataDeviceIsNotTaken) {
    const Volumes found = collect({{"rd.luks.uuid", kUuid}, {"rd.luks.data", kUuid + "=/dev/vdb"}});
    EXPECT_EQ(found.volumes[0].device, "");
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("rd.luks.data= is ignored")));
    EXPECT_THAT(
        collect({{"rd.luks.uuid", kUuid}, {"rd.luks.data", kUuid + "=vdb\n/dev/vdb"}}).problems,
        ElementsAre(HasSubstr("rd.luks.data="), HasSubstr("must be <uuid>=<device>")));
}

TEST(DetachedHeader, TheKeyMayBelongToTheDeviceWithTheData) {
    const Volumes found = collect({{"rd.luks.uuid", kUuid},
                                   {"rd.luks.data", kUuid + "=/dev/vdb"},
                                   {"rd.luks.options", kUuid + "=header=/etc/hdr"},
                                   {"rd.luks.key", "/key:LABEL=KEYS:/dev/vdb"}});
    EXPECT_THAT(found.problems, IsEmpty());
    ASSERT_TRUE(found.volumes[0].key_device);
    EXPECT_EQ(found.volumes[0].key_device->place, (Place{"/key", "LABEL=KEYS"}));
}

TEST(DetachedHeader, TheDataOfAVolumeThatNobodyNamesIsSaidToBeIgnored) {
    EXPECT_THAT(collect({{"rd.luks.uuid", kUuid},
                         {"rd.luks.data", "11111111-2222-3333-4444-555555555555=/dev/vdb"}})
                    .problems,
                ElementsAre(AllOf(HasSubstr("rd.luks.data=11111111-"), HasSubstr("is ignored"),
                                  HasSubstr("rd.luks.uuid="))));
}

TEST(DetachedHeader, ThatIsNoPlaceIsNamed) {
    EXPECT_THAT(collect({}, "data /dev/vdb none header=hdr\n").problems,
                ElementsAre(HasSubstr("/etc/crypttab:1: header hdr is ignored")));
}

TEST(PlainVolumes, AreKnownByTheirNameAndHaveAnExplicitDevice) {
    const Volumes found = collect({}, "s UUID=" + kUuid +
                                          " /k plain,cipher=aes-xts-plain64\n"
                                          "r /dev/vdb /dev/urandom plain\n");
    ASSERT_THAT(found.volumes, ::testing::SizeIs(1));
    EXPECT_EQ(found.volumes[0].key, "s");
    EXPECT_EQ(found.volumes[0].device, "UUID=" + kUuid);
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("random key is left to the host")));
}

TEST(PlainVolumes, TheKeyOnADeviceIsAsLongAsTheCipherNeeds) {
    const Volumes found = collect({}, "s /dev/vdb /dev/vdc plain,size=512\n");
    ASSERT_TRUE(found.volumes[0].key_device);
    EXPECT_EQ(found.volumes[0].key_device->size, 64U);
}

TEST(Tpm, IsWaitedForOnlyIfCrypttabSaysSo) {
    const std::string toml = write_volume_units(
        collect({}, "a UUID=" + kUuid + " none tpm2-device=auto\nb /dev/vdb none\n").volumes);
    EXPECT_THAT(toml, HasSubstr("wants = [\"modules@luks\", \"luks-tpm2@" + kUuid + "\"]"));
    EXPECT_THAT(toml, HasSubstr("name = \"luks-tpm2@" + kUuid +
                                "\"\ndescription = \"Wait for the TPM, for a\"\n"
                                "device_timeout = \"10s\"\n"));
    EXPECT_THAT(toml, Not(HasSubstr("luks-tpm2@b")));
}

TEST(Tpm, HowLongItIsWaitedForCanBeSaid) {
    const std::string tab = "a UUID=" + kUuid + " none tpm2-device=auto,token-timeout=3s\n";
    EXPECT_THAT(write_volume_units(collect({}, tab).volumes), HasSubstr("device_timeout = \"3s\""));
    EXPECT_THAT(write_volume_units(collect({{"rd.systemd.tpm2_wait", "0"}}, tab).volumes),
                Not(HasSubstr("luks-tpm2@")));
}

class BringHeader : public ::testing::Test {
protected:
    BringHeader() {
        request.unit = "luks-header@data";
        request.key = "data";
        request.params = {{"path", "/hdr"}};
        request.devices = {{"/sys/x", {{"devnode", "/dev/sdb1"}, {"fs_type", "vfat"}}}};
        medium.files = {{"/dev/sdb1 vfat /hdr", "LUKS"}};
    }
    Outcome run() {
        sdk::Context context(host.raw());
        return bring_header(context, sdk::Request(request.raw()), medium);
    }

    FakeHost host;
    FakeRequest request;
    FakeMedium medium;
};

TEST_F(BringHeader, CopiesAFile) {
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(medium.made, ElementsAre(Pair("/run/slipway/luks-headers/data", "LUKS")));
}

TEST_F(BringHeader, LinksADevice) {
    request.params.clear();
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(medium.made, ElementsAre(Pair("/run/slipway/luks-headers/data", "-> /dev/sdb1")));
}

TEST_F(BringHeader, AFileThatIsMissingIsNamedWithItsDevice) {
    request.params = {{"path", "/other"}};
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_EQ(host.reason, "the LUKS header of data, /other on /dev/sdb1, cannot be used: open "
                           "/other: No such file or directory; check header= in /etc/crypttab or "
                           "rd.luks.options=");
}

TEST_F(BringHeader, WhatIsTooLargeIsNoHeader) {
    medium.files["/dev/sdb1 vfat /hdr"] = std::string(MediumBackend::kMaxHeaderBytes + 1, 'x');
    EXPECT_EQ(run(), Outcome::failed);
    EXPECT_THAT(host.reason, AllOf(HasSubstr("/hdr on /dev/sdb1"),
                                   HasSubstr("larger than 64 MiB; is it a LUKS header?")));
    EXPECT_THAT(medium.made, IsEmpty());
}

TEST_F(BringHeader, ItIsForgottenByTheVolumeThatUsedIt) {
    EXPECT_EQ(run(), Outcome::done);
    sdk::Context context(host.raw());
    request.params = {{"header", "/etc/hdr"}}; // a file of the image is not ours
    forget_header(context, sdk::Request(request.raw()), medium);
    EXPECT_THAT(medium.made, ::testing::SizeIs(1));
    request.params = {{"header", header_copy_of("data")}};
    forget_header(context, sdk::Request(request.raw()), medium);
    EXPECT_THAT(medium.made, IsEmpty());
}

} // namespace
} // namespace slipway::luks
