// SPDX-License-Identifier: LGPL-2.1-or-later
// Keys on other devices, from the text of the command line and crypttab to the units.
#include <gmock/gmock.h>

#include "luks/place.h"
#include "luks/volume_units.h"
#include "luks/volumes.h"

namespace slipway::luks {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;
using ::testing::SizeIs;

const std::string kUuid = "5a1e0000-0000-4000-8000-00000000c0de";
const std::string kOther = "11111111-2222-3333-4444-555555555555";
using Options = std::map<std::string, std::string, std::less<>>;
using KeyDevice = Volume::KeyDevice;

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

TEST(Place, IsInTheImageOnADeviceOrTheDevice) {
    EXPECT_EQ(*parse_place("/etc/key"), (Place{"/etc/key", ""}));
    EXPECT_EQ(*parse_place("/key:LABEL=KEYS"), (Place{"/key", "LABEL=KEYS"}));
    EXPECT_EQ(*parse_place("/key:UUID=\"A-1\""), (Place{"/key", "UUID=\"A-1\""}));
    EXPECT_EQ(*parse_place("/dev/sdb1"), (Place{"", "/dev/sdb1"}));
    EXPECT_EQ(*parse_place("PARTLABEL=key"), (Place{"", "PARTLABEL=key"}));
}

TEST(Place, ADeviceMayHoldColons) {
    EXPECT_EQ(*parse_place("/k:/dev/disk/by-path/pci-0000:00:1f.2-ata-1"),
              (Place{"/k", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"}));
    EXPECT_EQ(*parse_place("/dev/disk/by-path/pci-0000:00:1f.2-ata-1"),
              (Place{"", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"}));
}

TEST(Place, RefusesTheRest) {
    for (const char *text : {"", "key", "/key:sdb1", "/key:UUID=", ":UUID=1", "/a:UUID=1:UUID=2"})
        EXPECT_FALSE(parse_place(text)) << text;
    EXPECT_THAT(parse_place("key").error().message(), HasSubstr("key is ignored: accepted are"));
}

TEST(KeyOfTheCommandLine, InBothDialects) {
    const Options base = {{"rd.luks.uuid", kUuid + "\n" + kOther}};
    const auto keys = [&](const std::string &value) {
        Options options = base;
        options["rd.luks.key"] = value;
        return collect(options).volumes;
    };
    const KeyDevice on_stick{{"/key", "LABEL=KEYS"}, "", 0, 0};
    // systemd's, for one volume
    auto found = keys(kUuid + "=/key:LABEL=KEYS");
    EXPECT_THAT(found[0].key_device, Optional(on_stick));
    EXPECT_EQ(found[0].keyfile, "");
    EXPECT_FALSE(found[1].key_device);
    // the same in dracut's words
    found = keys("/key:LABEL=KEYS:UUID=" + kUuid);
    EXPECT_THAT(found[0].key_device, Optional(on_stick));
    EXPECT_FALSE(found[1].key_device);
    // for all, in both
    found = keys("/key:LABEL=KEYS");
    EXPECT_THAT(found[0].key_device, Optional(on_stick));
    EXPECT_THAT(found[1].key_device, Optional(on_stick));
    // in the image
    EXPECT_EQ(keys("/etc/key")[1].keyfile, "/etc/key");
}

TEST(KeyOfTheCommandLine, MayBelongToAVolumeByItsDevice) {
    const Volumes found = collect({{"rd.luks.key", "/key:/dev/sdb1:/dev/vda2"}},
                                  "a /dev/vda2 /etc/a\nb /dev/vda3 /etc/b\n");
    ASSERT_THAT(found.volumes, SizeIs(2));
    EXPECT_THAT(found.volumes[0].key_device, Optional(KeyDevice{{"/key", "/dev/sdb1"}, "", 0, 0}));
    EXPECT_EQ(found.volumes[1].keyfile, "/etc/b");
}

TEST(KeyOfTheCommandLine, KnowsAVolumeByTheLinkThatHasItsUuid) {
    const Volumes found = collect(
        {{"rd.luks.uuid", kUuid}, {"rd.luks.key", "/key:LABEL=KEYS:/dev/disk/by-uuid/" + kUuid}});
    EXPECT_THAT(found.problems, IsEmpty());
    EXPECT_THAT(found.volumes[0].key_device, Optional(KeyDevice{{"/key", "LABEL=KEYS"}, "", 0, 0}));
}

TEST(KeyOfTheCommandLine, OfAVolumeThatNobodyNamesIsSaidToBeIgnored) {
    // known by its UUID, the key by a node
    EXPECT_THAT(
        collect({{"rd.luks.uuid", kUuid}, {"rd.luks.key", "/key:/dev/sdb1:/dev/vda2"}}).problems,
        ElementsAre(AllOf(HasSubstr("rd.luks.key=/key:/dev/sdb1:/dev/vda2 is ignored"),
                          HasSubstr("rd.luks.key=<uuid>="))));
    // a slip in the UUID
    EXPECT_THAT(
        collect({{"rd.luks.uuid", kUuid}, {"rd.luks.key", kOther + "=/key:LABEL=KEYS"}}).problems,
        ElementsAre(HasSubstr("rd.luks.key=" + kOther + "=/key:LABEL=KEYS is ignored")));
    // in the image it may be for a volume of the plan, or one that rd.auto finds
    EXPECT_THAT(collect({{"rd.luks.uuid", kUuid}, {"rd.luks.key", kOther + "=/etc/key"}}).problems,
                IsEmpty());
}

TEST(KeyOfTheCommandLine, ThatIsEncryptedIsRefusedInBothDialects) {
    for (const std::string &value :
         {kUuid + "=/key.gpg:LABEL=KEYS", "/key.gpg:LABEL=KEYS:UUID=" + kUuid}) {
        const Volumes found = collect({{"rd.luks.uuid", kUuid}, {"rd.luks.key", value}});
        EXPECT_THAT(found.problems, ElementsAre(HasSubstr("(.gpg) are not supported"))) << value;
        EXPECT_FALSE(found.volumes[0].key_device) << value;
    }
}

TEST(KeyOfCrypttab, MayLieOnADevice) {
    const Volumes found = collect({}, "a /dev/vda2 /key:UUID=AB-12 keyfile-timeout=20s\n"
                                      "b /dev/vda3 /dev/sdb keyfile-offset=512,keyfile-size=64\n");
    EXPECT_THAT(found.problems, IsEmpty());
    EXPECT_THAT(found.volumes[0].key_device,
                Optional(KeyDevice{{"/key", "UUID=AB-12"}, "20s", 0, 0}));
    EXPECT_THAT(found.volumes[1].key_device, Optional(KeyDevice{{"", "/dev/sdb"}, "", 512, 64}));
}

TEST(KeyOfCrypttab, WhatCannotBeAKeyIsNamed) {
    const Volumes found = collect({}, "a /dev/vda2 /dev/sdb\n"
                                      "b /dev/vda3 /dev/sdb keyfile-size=8192\n"
                                      "c /dev/vda4 /dev/urandom\n");
    EXPECT_THAT(found.problems,
                ElementsAre(AllOf(HasSubstr(":1: "), HasSubstr("keyfile-size=<bytes>")),
                            AllOf(HasSubstr(":2: "), HasSubstr("4096 bytes, not 8192")),
                            AllOf(HasSubstr(":3: "), HasSubstr("/dev/urandom is no key"))));
    for (const Volume &volume : found.volumes) // they are still asked for
        EXPECT_FALSE(volume.key_device);
    EXPECT_THAT(found.volumes, SizeIs(3));
}

TEST(KeyTimeout, OfDracutCountsSeconds) {
    const auto timeout = [](const std::string &tout, const std::string &options) {
        return collect({{"rd.luks.uuid", kUuid},
                        {"rd.luks.key", "/key:LABEL=KEYS"},
                        {"rd.luks.key.tout", tout},
                        {"rd.luks.options", options}})
            .volumes[0]
            .key_device->timeout;
    };
    EXPECT_EQ(timeout("7", ""), "7");
    EXPECT_EQ(timeout("0", ""), ""); // the default, not "for ever"
    EXPECT_EQ(timeout("7", "keyfile-timeout=infinity"), "0");
    EXPECT_THAT(collect({{"rd.luks.uuid", kUuid}, {"rd.luks.key.tout", "soon"}}).problems,
                ElementsAre(HasSubstr("rd.luks.key.tout=soon")));
}

TEST(KeyUnit, IsAJobOfItsOwnThatTheVolumeDoesNotName) {
    const Volumes found = collect({{"rd.luks.name", kUuid + "=cryptroot"},
                                   {"rd.luks.key", "/a\"b:LABEL=KEYS"},
                                   {"rd.luks.key.tout", "7"}});
    const std::string toml = write_volume_units(found.volumes);
    EXPECT_THAT(toml, HasSubstr("[[unit]]\nname = \"luks-key@" + kUuid +
                                "\"\ndescription = \"Read the key of cryptroot from LABEL=KEYS\"\n"
                                "device = \"LABEL=KEYS\"\ndevice_timeout = \"7\"\n"
                                "params = { name = \"cryptroot\", path = \"/a\\\"b\" }\n"));
    const std::string volume = toml.substr(0, toml.find("luks-key@"));
    EXPECT_THAT(volume, Not(HasSubstr("wants")));
    EXPECT_THAT(volume, Not(HasSubstr("keyfile")));
}

TEST(KeyUnit, KnowsWhichPartOfADeviceIsTheKey) {
    const Volumes found = collect({}, "b /dev/vda3 /dev/sdb keyfile-offset=512,keyfile-size=64\n");
    EXPECT_THAT(write_volume_units(found.volumes),
                HasSubstr("params = { name = \"b\", offset = \"512\", size = \"64\" }"));
}

TEST(KeyUnit, HasTheKeyOfAVolumeThatIsKnownByTheBeginningOfItsUuid) {
    const Volumes found = collect({{"rd.luks.uuid", "5a1e"}, {"rd.luks.key", "/k:/dev/sdb"}});
    const std::string toml = write_volume_units(found.volumes);
    EXPECT_THAT(toml, AllOf(HasSubstr("\"luks@5a1e\""), HasSubstr("\"luks-key@5a1e\"")));
}

} // namespace
} // namespace slipway::luks
