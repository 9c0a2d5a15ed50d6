// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/volumes.h"

#include <gmock/gmock.h>

#include "luks/volume_units.h"

namespace slipway::luks {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kUuid = "5a1e0000-0000-4000-8000-00000000c0de";
constexpr auto kOther = "11111111-2222-3333-4444-555555555555";
using Options = std::map<std::string, std::string, std::less<>>;

LuksCommandLine line_of(const Options &options) {
    return parse_luks_command_line([&](std::string_view key) -> const std::string * {
        const auto found = options.find(key);
        return found == options.end() ? nullptr : &found->second;
    });
}

Volumes collect(const Options &options, std::string_view crypttab = "") {
    return collect_volumes(line_of(options), parse_crypttab("/etc/crypttab", crypttab),
                           "/etc/crypttab");
}

TEST(LuksCommandLine, AVolumeHasADefaultName) {
    const Volumes found = collect({{"rd.luks.uuid", std::string("luks-") + kUuid}});
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0].key, kUuid);
    EXPECT_EQ(found.volumes[0].name, std::string("luks-") + kUuid);
}

TEST(LuksCommandLine, UuidsAreLowerCase) {
    EXPECT_THAT(line_of({{"rd.luks.uuid", "5A1E0000-0000-4000-8000-00000000C0DE"}}).uuids,
                ElementsAre(kUuid));
}

TEST(LuksCommandLine, ANameImpliesTheVolume) {
    const Volumes found = collect({{"rd.luks.name", std::string(kUuid) + "=cryptroot"}});
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0].name, "cryptroot");
}

TEST(LuksCommandLine, TheLastNameOfAVolumeWins) {
    const LuksCommandLine line =
        line_of({{"rd.luks.name", std::string(kUuid) + "=first\n" + kUuid + "=second"},
                 {"rd.luks.uuid", kOther}});
    EXPECT_THAT(line.uuids, ElementsAre(kOther, kUuid));
    EXPECT_EQ(line.names.at(kUuid), "second");
}

TEST(LuksCommandLine, WhatIsNoUuidIsRefusedByName) {
    const LuksCommandLine line = line_of({{"rd.luks.uuid", "vda2\nkeysource:abcd"}});
    EXPECT_THAT(line.problems,
                ElementsAre(HasSubstr("rd.luks.uuid=vda2: "), HasSubstr("keysource:")));
    EXPECT_THAT(line.uuids, IsEmpty());
    EXPECT_TRUE(line.names_volumes()); // crypttab does not fill the gap
}

TEST(LuksCommandLine, SwitchesAreBooleans) {
    EXPECT_FALSE(line_of({{"rd.luks", "0"}}).is_enabled);
    EXPECT_TRUE(line_of({{"rd.luks", ""}}).is_enabled);
    EXPECT_FALSE(line_of({{"rd.luks.crypttab", "no"}}).reads_crypttab);
    EXPECT_TRUE(line_of({}).is_enabled);
}

TEST(LuksCommandLine, OptionsAndKeysMayBelongToOneVolume) {
    const Volumes found =
        collect({{"rd.luks.uuid", std::string(kUuid) + "\n" + kOther},
                 {"rd.luks.options", "tries=2\n" + std::string(kOther) + "=tries=9"},
                 {"rd.luks.key", std::string(kUuid) + "=/etc/a.key\n/etc/b.key"}});
    ASSERT_THAT(found.volumes, SizeIs(2));
    EXPECT_EQ(found.volumes[0].options, "tries=2");
    EXPECT_EQ(found.volumes[0].keyfile, "/etc/a.key");
    EXPECT_EQ(found.volumes[1].options, "tries=9");
    EXPECT_EQ(found.volumes[1].keyfile, "/etc/b.key");
}

TEST(LuksCommandLine, RefusesEncryptedKeysAndWhatIsNoPlace) {
    const LuksCommandLine line =
        line_of({{"rd.luks.key", "/key:nowhere\n/k.gpg\nrelative\n/k:UUID=1:UUID=2:UUID=3"}});
    EXPECT_THAT(line.problems, ElementsAre(HasSubstr("/key:nowhere"), HasSubstr(".gpg"),
                                           HasSubstr("relative"), HasSubstr("UUID=3")));
    EXPECT_EQ(line.keyfiles.for_all, "");
}

TEST(LuksCommandLine, DiscardsForAllOrForOne) {
    const std::string both = std::string(kUuid) + "\n" + kOther;
    EXPECT_EQ(collect({{"rd.luks.uuid", both}, {"rd.luks.allow-discards", ""}}).volumes[1].options,
              "discard");
    const Volumes one = collect({{"rd.luks.uuid", both}, {"rd.luks.allow-discards", kUuid}});
    EXPECT_EQ(one.volumes[0].options, "discard");
    EXPECT_EQ(one.volumes[1].options, "");
}

TEST(LuksCommandLine, TheTimeoutIsADefaultForOptions) {
    EXPECT_EQ(
        collect(
            {{"rd.luks.uuid", kUuid}, {"rd.luks.timeout", "30"}, {"rd.luks.options", "timeout=5"}})
            .volumes[0]
            .options,
        "timeout=30,timeout=5");
}

TEST(Volumes, CrypttabNamesVolumesWhenTheCommandLineDoesNot) {
    const Volumes found =
        collect({}, "cryptroot UUID=5A1E0000-0000-4000-8000-00000000C0DE none luks\n"
                    "data /dev/disk/by-uuid/11111111-2222-3333-4444-555555555555\n"
                    "third PARTUUID=77 /etc/key\n");
    ASSERT_THAT(found.volumes, SizeIs(3));
    EXPECT_EQ(found.volumes[0], (Volume{kUuid, "", "cryptroot", "", "luks", "", false}));
    EXPECT_EQ(found.volumes[1].key, kOther);
    EXPECT_EQ(found.volumes[2],
              (Volume{"third", "PARTUUID=77", "third", "/etc/key", "", "", false}));
}

TEST(Volumes, TheCommandLineSelectsAndCrypttabDescribes) {
    const Volumes found =
        collect({{"rd.luks.uuid", kUuid}}, "cryptroot UUID=5a1e0000-0000-4000-8000-00000000c0de "
                                           "/etc/k discard\nother UUID=11111111-2222-3333-4444-"
                                           "555555555555\n");
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0], (Volume{kUuid, "", "cryptroot", "/etc/k", "discard", "", false}));
}

TEST(Volumes, LeavesOutWhatIsNotLuks) {
    const Volumes found = collect({}, "s /dev/vda3 /dev/urandom swap\nn UUID=x none noauto\n");
    EXPECT_THAT(found.volumes, IsEmpty());
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("/etc/crypttab:1: swap")));
    EXPECT_THAT(found.notes, ElementsAre(HasSubstr("/etc/crypttab:2: n is left to the host")));
}

TEST(Volumes, MarkedEntriesLeaveTheOthersToTheHost) {
    const Volumes found = collect({}, "a UUID=a none x-initrd.attach\nb UUID=b none luks\n"
                                      "usr UUID=c\nroot UUID=d none x-initrd.attach,noauto\n");
    ASSERT_THAT(found.volumes, SizeIs(2));
    EXPECT_EQ(found.volumes[0].name, "a");
    EXPECT_EQ(found.volumes[1].name, "usr");
    EXPECT_THAT(found.problems, IsEmpty());
    EXPECT_THAT(found.notes, ElementsAre(HasSubstr(":2: b is left"), HasSubstr(":4: root is")));
}

TEST(Volumes, NoautoDoesNotKeepTheCommandLineFromNamingAVolume) {
    const Volumes found = collect({{"rd.luks.uuid", kUuid}},
                                  "x UUID=5a1e0000-0000-4000-8000-00000000c0de none noauto\n");
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0].name, "x");
}

TEST(Prefixes, OneThatNothingElseKnowsWaitsForItsDevice) {
    const Volumes found = collect(
        {{"rd.luks.uuid", "luks-5A1E"}, {"rd.luks.key", "/k"}, {"rd.luks.options", "discard"}});
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0], (Volume{"5a1e", "UUID=5a1e*", "", "/k", "discard", "", false}));
    EXPECT_THAT(write_volume_units(found.volumes),
                HasSubstr("name = \"luks@5a1e\"\ndescription = \"Unlock 5a1e\"\n"
                          "device = \"UUID=5a1e*\"\nparams = { named = \"1\", keyfile"));
}

TEST(Prefixes, AreCompletedFromCrypttabAndTheLine) {
    const Volumes tab = collect({{"rd.luks.uuid", "5a1e0000-0"}},
                                "cryptroot UUID=5a1e0000-0000-4000-8000-00000000c0de\n");
    ASSERT_THAT(tab.volumes, SizeIs(1));
    EXPECT_EQ(tab.volumes[0].key, kUuid);
    EXPECT_EQ(tab.volumes[0].name, "cryptroot");
    // The whole UUID is the same volume, named once.
    EXPECT_THAT(collect({{"rd.luks.uuid", std::string("5a1e\n") + kUuid}}).volumes, SizeIs(1));
}

TEST(Prefixes, MoreThanOneCandidateIsAnError) {
    const Volumes found =
        collect({{"rd.luks.uuid", "5a1e"}}, "a UUID=5a1e0000-0000-4000-8000-00000000c0de\n"
                                            "b UUID=5a1e0000-0000-4000-8000-00000000c0df\n");
    EXPECT_THAT(found.volumes, IsEmpty());
    EXPECT_THAT(found.problems,
                ElementsAre(AllOf(HasSubstr("rd.luks.uuid=5a1e: "), HasSubstr("c0de, 5a1e0000"))));
}

TEST(Cryptopts, ReplaceCrypttab) {
    const Volumes found = collect({{"cryptopts", "source=/dev/vda2,discard,tries=2\n"
                                                 "target=b,source=UUID=11111111-2222-3333-4444-"
                                                 "555555555555,key=/k,lvm=vg0\ntarget=c"}},
                                  "x UUID=x\n");
    ASSERT_THAT(found.volumes, SizeIs(2));
    EXPECT_EQ(found.volumes[0],
              (Volume{"cryptroot", "/dev/vda2", "cryptroot", "", "discard,tries=2", "", false}));
    EXPECT_EQ(found.volumes[1], (Volume{kOther, "", "b", "/k", "lvm=vg0", "", false}));
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("lvm=vg0 is not honoured"),
                                            HasSubstr("cryptopts=target=c is ignored")));
}

TEST(Cryptopts, WithoutAValueUnlockNothing) {
    EXPECT_THAT(collect({{"cryptopts", ""}}, "x UUID=x\n").volumes, IsEmpty());
}

TEST(Volumes, ComplainsWithFileAndLine) {
    const Volumes found = collect({}, "\na UUID=x relative/key keyfile-erase\n");
    EXPECT_THAT(found.problems,
                ElementsAre(HasSubstr("/etc/crypttab:2: keyfile-erase"),
                            HasSubstr("/etc/crypttab:2: key file relative/key is ignored")));
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0].keyfile, "");
}

TEST(Volumes, AReferenceWithoutAValueIsNone) {
    const Volumes found = collect({}, "a UUID=\"\"\nb LABEL=\"x\"\n");
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0].name, "b");
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("/etc/crypttab:1: UUID=\"\" is no device")));
}

TEST(Volumes, ANameThatWouldMakeATemplateNeedsTheUuid) {
    const Volumes found = collect({}, "a@ /dev/vda\nb@ UUID=" + std::string(kUuid) + "\n");
    ASSERT_THAT(found.volumes, SizeIs(1));
    EXPECT_EQ(found.volumes[0].name, "b@");
    EXPECT_EQ(found.volumes[0].key, kUuid);
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("/etc/crypttab:1: ")));
}

TEST(Volumes, TheSameVolumeTwiceIsLeftOutOnce) {
    const Volumes found = collect({}, "a UUID=5a1e0000-0000-4000-8000-00000000c0de\n"
                                      "b UUID=5a1e0000-0000-4000-8000-00000000c0de\n");
    EXPECT_THAT(found.volumes, SizeIs(1));
    EXPECT_THAT(found.problems, ElementsAre(HasSubstr("/etc/crypttab:2")));
}

TEST(VolumeUnits, EscapeWhatTheyQuote) {
    const std::string toml =
        write_volume_units({{"k", "LABEL=a\"b", "na\\me", "/k", "discard", "9s", false}});
    EXPECT_EQ(toml, "[[unit]]\nname = \"luks@k\"\ndescription = \"Unlock na\\\\me\"\n"
                    "device = \"LABEL=a\\\"b\"\ndevice_timeout = \"9s\"\n"
                    "params = { named = \"1\", name = \"na\\\\me\", keyfile = \"/k\", options = "
                    "\"discard\" }\n\n");
}

TEST(VolumeUnits, OneThatMayFailComesAfterAllThatMustNot) {
    const std::string toml = write_volume_units({{"a", "", "a", "", "nofail", "", true},
                                                 {"b", "", "b", "", "", "", false},
                                                 {"c", "", "c", "", "", "", false}});
    EXPECT_THAT(toml, HasSubstr("name = \"luks@a\"\ndescription = \"Unlock a\"\n"
                                "after = [\"luks@b\", \"luks@c\"]\n"));
    EXPECT_THAT(toml, HasSubstr("description = \"Unlock b\"\nparams"));
}

} // namespace
} // namespace slipway::luks
