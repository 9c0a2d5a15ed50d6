// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/group_operations.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <map>
#include <set>

#include "lvm/program_lvm_backend.h"
#include "unit/plugins/fake_host.h"

namespace slipway::lvm {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class FakeLvmBackend final : public LvmBackend {
public:
    Result<Report> report(const std::vector<std::string> &from) override {
        reported.push_back(from);
        if (is_broken)
            return failure("lvm fullreport on /dev/vda ended with code 5: broken");
        if (from.size() > 1 && complete)
            return Report{{*complete}, {}, {}};
        return answer;
    }
    Result<> activate(const ActivationRequest &request) override {
        requests.push_back(request);
        for (const std::string &name : request.volumes) {
            const std::string path = "/dev/mapper/vg0-" + name.substr(name.find('/') + 1);
            if (!down.contains(path))
                present.insert(path);
        }
        return is_failing ? Result<>(failure("lvm lvchange ended with code 5: no")) : Result<>();
    }
    bool exists(const std::string &path) override { return present.contains(path); }
    std::optional<std::string> find_device(const std::string &uuid) override {
        const auto found = by_uuid.find(uuid);
        return found == by_uuid.end() ? std::nullopt : std::optional(found->second);
    }
    std::string host_name() override { return "thismachine"; }

    [[nodiscard]] VolumeGroup &group() { return answer.groups.front(); }
    [[nodiscard]] LogicalVolume &volume(std::string_view name) {
        return *std::ranges::find(group().logical_volumes, name, &LogicalVolume::name);
    }
    [[nodiscard]] std::vector<std::string> activated() const {
        return requests.empty() ? std::vector<std::string>() : requests.back().volumes;
    }

    static LogicalVolume made(const std::string &name, std::string role) {
        LogicalVolume volume;
        volume.name = name;
        volume.mapper_path = "/dev/mapper/vg0-" + name;
        volume.roles = {std::move(role)};
        return volume;
    }

    Report answer = {{{"vg0",
                       "u-1",
                       2,
                       {{"pv-1", "/dev/vda", false, {}}, {"pv-2", "[unknown]", true, "/dev/sdb1"}},
                       {made("root", "public"), made("home", "public"), made("pool", "private")}}},
                     {},
                     {}};
    std::optional<VolumeGroup> complete; // what two devices say
    std::set<std::string> down;          // stays down whatever is done
    std::set<std::string> present;
    std::map<std::string, std::string> by_uuid;
    bool is_broken = false;
    bool is_failing = false;
    std::vector<std::vector<std::string>> reported;
    std::vector<ActivationRequest> requests;
};

class GroupOperations : public ::testing::Test {
protected:
    GroupOperations() {
        request.unit = "lvm@u-1";
        request.key = "u-1";
        request.devices = {{"/sys/a", {{"devnode", "/dev/vda"}}}};
        request.wanted = {"UUID=x"};
    }
    Outcome inspect() {
        sdk::Context context(host.raw());
        return inspect_volume(context, sdk::Request(request.raw()), backend);
    }
    Outcome activate() {
        sdk::Context context(host.raw());
        return activate_group(context, sdk::Request(request.raw()), backend);
    }

    FakeHost host;
    FakeRequest request;
    FakeLvmBackend backend;
};

TEST_F(GroupOperations, AMemberSaysHowManyThereAreAndWhatWillAppear) {
    EXPECT_EQ(inspect(), Outcome::done);
    ASSERT_THAT(host.members, SizeIs(1));
    EXPECT_EQ(host.members[0].unit, "lvm@u-1");
    EXPECT_EQ(host.members[0].name, "vg0");
    EXPECT_EQ(host.members[0].expected, 2U);
    EXPECT_THAT(host.members[0].provides, ElementsAre("/dev/mapper/vg0-root", "/dev/vg0/root",
                                                      "/dev/mapper/vg0-home", "/dev/vg0/home"));
}

TEST_F(GroupOperations, AVolumeWithoutGroupIsNoMember) {
    backend.answer.groups.clear();
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host.members, IsEmpty());
}

TEST_F(GroupOperations, OptionsKeepAGroupOut) {
    request.options = {{"rd.lvm", "0"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(backend.reported, IsEmpty());
    request.options = {{"rd.lvm.vg", "other"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host.members, IsEmpty());
}

TEST_F(GroupOperations, TheConfigurationOfTheImageCanBePassedOver) {
    const auto reads = [this](const test::StringPairs &options) {
        request.options = options;
        return reads_configuration(sdk::Request(request.raw()));
    };
    EXPECT_TRUE(reads({}));
    EXPECT_TRUE(reads({{"rd.lvm.conf", ""}}));
    EXPECT_FALSE(reads({{"rd.lvm.conf", "0"}}));
}

TEST_F(GroupOperations, ABrokenReportFailsWithDevice) {
    backend.is_broken = true;
    EXPECT_EQ(inspect(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("/dev/vda"));
}

TEST_F(GroupOperations, DamagedMetadataIsToldWithItsCauseAndTheRemedy) {
    backend.answer = {
        {}, {"/dev/vda"}, {"Checksum error on /dev/vda at offset 6144.", "repair VG metadata"}};
    EXPECT_EQ(inspect(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("/dev/vda: the LVM metadata is damaged: Checksum error"));
    EXPECT_THAT(host.reason, HasSubstr("vgcfgrestore"));
    EXPECT_THAT(host.members, IsEmpty());
}

TEST_F(GroupOperations, APhysicalVolumeWithoutMetadataOfItsOwnIsNoError) {
    backend.answer = {
        {}, {"/dev/vda"}, {"PV /dev/vda is marked in use but no VG was found using it."}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host.reason, HasSubstr("holds no metadata"));
}

TEST_F(GroupOperations, ActivatesWhatIsWanted) {
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/root"));
    EXPECT_FALSE(backend.requests[0].is_degraded);
    EXPECT_FALSE(backend.requests[0].includes_skipped);
}

TEST_F(GroupOperations, WhatIsUpAlreadyIsLeftAlone) {
    backend.present = {"/dev/mapper/vg0-root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/home"));
    backend.requests.clear();
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.requests, IsEmpty());
}

TEST_F(GroupOperations, LoadsTheModulesOfWhatItActivates) {
    backend.volume("root").modules = {"thin", "thin-pool"};
    backend.volume("home").modules = {"mirror"};
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("dm_mod", "dm_thin_pool"));
}

TEST_F(GroupOperations, AModuleThatTheImageLacksIsNamedWhenTheVolumeStaysDown) {
    backend.volume("root").modules = {"writecache"};
    request.wanted = {"/dev/vg0/root"};
    host.module_errors["dm_writecache"] = ENOENT;
    EXPECT_EQ(activate(), Outcome::done); // the kernel may have it built in
    backend.present.clear();
    backend.down = {"/dev/mapper/vg0-root"};
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("dm_writecache"));
    host.module_errors["dm_mod"] = ENOENT;
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("dm_mod"));
}

TEST_F(GroupOperations, OptionsMayBeWrittenAsPaths) {
    request.options = {{"rd.lvm.lv", "/dev/vg0/home\nvg0/gone"}};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/home"));
    EXPECT_THAT(host.log_text(), HasSubstr("rd.lvm.lv=vg0/gone"));
}

TEST_F(GroupOperations, SaysThatAnOptionHidesWhatIsWaitedFor) {
    request.options = {{"rd.lvm.lv", "vg0/home"}};
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/home"));
    EXPECT_THAT(host.log_text(), HasSubstr("add rd.lvm.lv=/dev/vg0/root"));
}

TEST_F(GroupOperations, ASkippedVolumeComesUpWhenItIsNamed) {
    backend.volume("root").is_skipped = true;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/home"));
    request.wanted = {"/dev/mapper/vg0-root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/root"));
    EXPECT_TRUE(backend.requests.back().includes_skipped);
}

TEST_F(GroupOperations, AVolumeWhosePartsAreThereDoesNotWaitForTheRestOfTheGroup) {
    backend.volume("home").is_partial = true;
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/root"));
}

TEST_F(GroupOperations, WhatLacksADeviceIsIncompleteAndTheRestComesUp) {
    backend.volume("home").is_partial = true;
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/root"));
    EXPECT_THAT(host.reason, HasSubstr("vg0/home cannot be activated: 1 of 2 physical volumes"));
    EXPECT_THAT(host.missing, ElementsAre("physical volume pv-2, last seen as /dev/sdb1"));
}

TEST_F(GroupOperations, NothingIsTriedThatCannotComeUp) {
    backend.volume("root").is_partial = true;
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_THAT(backend.requests, IsEmpty());
}

TEST_F(GroupOperations, ADegradedStartTriesAllAndTellsWhatIsMissing) {
    request.mode = sdk::Mode::degraded;
    request.wanted = {"/dev/vg0/root"};
    backend.volume("root").is_partial = true;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_TRUE(backend.requests[0].is_degraded);
    EXPECT_THAT(host.log_text(), HasSubstr("vg0/root is degraded"));
    EXPECT_THAT(host.log_text(), HasSubstr("pv-2, last seen as /dev/sdb1"));
}

TEST_F(GroupOperations, WhatNotEvenADegradedStartBringsIsIncomplete) {
    request.mode = sdk::Mode::degraded;
    request.wanted = {"/dev/vg0/root"};
    backend.volume("root").is_partial = true;
    backend.down = {"/dev/mapper/vg0-root"};
    backend.is_failing = true;
    EXPECT_EQ(activate(), Outcome::incomplete);
    EXPECT_THAT(host.reason, HasSubstr("not even degraded"));
    EXPECT_THAT(host.log_text(), HasSubstr("lvchange ended with code 5"));
}

TEST_F(GroupOperations, NothingIsStartedDegradedThatNobodyWaitsFor) {
    request.mode = sdk::Mode::degraded;
    request.wanted = {};
    backend.volume("root").is_partial = true;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.requests, IsEmpty());
    request.options = {{"rd.auto", "1"}};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated(), ElementsAre("vg0/root", "vg0/home"));
}

TEST_F(GroupOperations, APhysicalVolumeWithDamagedMetadataIsFoundByItsUuid) {
    backend.by_uuid = {{"pv-2", "/dev/vdb"}};
    backend.volume("root").is_partial = true;
    backend.complete = backend.group();
    backend.complete->physical_volumes[1] = {"pv-2", "/dev/vdb", false, {}};
    backend.complete->logical_volumes[0].is_partial = false;
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.requests[0].devices, ElementsAre("/dev/vda", "/dev/vdb"));
    EXPECT_THAT(host.log_text(), HasSubstr("/dev/vdb is physical volume pv-2"));
}

TEST_F(GroupOperations, TwoDevicesThatAreTheSamePhysicalVolumeAreRefused) {
    request.devices = {{"/sys/a", {{"devnode", "/dev/vda"}, {"fs_uuid", "pv-1"}}},
                       {"/sys/b", {{"devnode", "/dev/vdb"}, {"fs_uuid", "pv-1"}}}};
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("/dev/vda and /dev/vdb are the same physical volume, pv-1"));
    EXPECT_THAT(host.reason, HasSubstr("vgimportclone"));
    EXPECT_THAT(backend.requests, IsEmpty());
}

TEST_F(GroupOperations, AComponentOfAnotherMemberIsNoCopy) {
    request.devices = {{"/sys/a", {{"devnode", "/dev/sda"}, {"fs_uuid", "pv-1"}}},
                       {"/sys/b", {{"devnode", "/dev/sdb"}, {"fs_uuid", "pv-1"}}},
                       {"/sys/block/dm-0", {{"devnode", "/dev/dm-0"}, {"fs_uuid", "pv-1"}}}};
    backend.present = {"/sys/a/holders/dm-0", "/sys/b/holders/dm-0"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.requests[0].devices, ElementsAre("/dev/dm-0"));
}

TEST_F(GroupOperations, AGroupOfThisMachineIsItsOwnAlsoWithoutAHostName) {
    backend.group().system_id = "thismachine";
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_EQ(backend.requests[0].system_id, "thismachine");
    backend.present.clear();
    backend.group().system_id = "another";
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_EQ(backend.requests[1].system_id, ""); // lvm will refuse it, and say why
}

TEST_F(GroupOperations, AVolumeThatStaysDownFailsWithTheReasonOfLvm) {
    request.wanted = {"/dev/vg0/root"};
    backend.down = {"/dev/mapper/vg0-root"};
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("vg0/root cannot be activated: lvm gave no reason"));
    backend.is_failing = true;
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("lvchange ended with code 5"));
}

TEST_F(GroupOperations, SomeVolumesMayStayDown) {
    backend.down = {"/dev/mapper/vg0-home"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("vg0/home not activated"));
}

TEST_F(GroupOperations, AGroupThatVanishedFails) {
    request.key = "u-2";
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("u-2"));
}

TEST(ProgramLvmBackend, NamesDevicesAndNeverUsesRunFiles) {
    FakeHost host;
    sdk::Context context(host.raw());
    host.on_run = [](const auto &) { return sdk::RunResult{0, R"({"report":[]})", ""}; };
    const auto backend = make_program_lvm_backend(context);
    EXPECT_TRUE(backend->report({"/dev/vda", "/dev/vdb"}));
    ASSERT_THAT(host.programs, SizeIs(1));
    EXPECT_EQ(host.programs[0][0], "/usr/sbin/lvm");
    EXPECT_THAT(host.programs[0], Contains("/dev/vda,/dev/vdb"));
    EXPECT_TRUE(backend->activate({{"vg0/root"}, {"/dev/vda"}, true}));
    EXPECT_THAT(host.programs[1], Contains("degraded"));
    EXPECT_THAT(host.programs[1], Not(Contains("-K")));
    EXPECT_EQ(host.programs[1].back(), "vg0/root");
}

TEST(ProgramLvmBackend, TellsLvmWhoTheMachineIsAndThatAVolumeWasNamed) {
    FakeHost host;
    sdk::Context context(host.raw());
    host.on_run = [](const auto &) { return sdk::RunResult{0, "", ""}; };
    EXPECT_TRUE(make_program_lvm_backend(context)->activate(
        {{"vg0/root"}, {"/dev/vda"}, false, true, "thismachine"}));
    EXPECT_THAT(host.programs[0], Contains("-K"));
    EXPECT_THAT(host.programs[0], Contains(HasSubstr("system_id=\"thismachine\"")));
    EXPECT_THAT(host.programs[0], Contains("complete"));
}

TEST(ProgramLvmBackend, TheErrorsAreTheReasonNotTheWarningsAfterThem) {
    FakeHost host;
    sdk::Context context(host.raw());
    host.on_run = [](const auto &) {
        return sdk::RunResult{5, "",
                              "  Refusing activation of partial LV vg0/a.\n  No.\n"
                              "  Refusing activation of partial LV vg0/a.\n  WARNING: x\n"};
    };
    const auto result = make_program_lvm_backend(context)->activate({{"vg0/a"}, {"/dev/vda"}});
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().message().ends_with("partial LV vg0/a.; No."));
}

TEST(ProgramLvmBackend, PassesOnWhatTheProgramSaid) {
    FakeHost host;
    sdk::Context context(host.raw());
    host.on_run = [](const auto &) {
        return sdk::RunResult{5, "", "  WARNING: x\n  Cannot process volume group vg0\n"};
    };
    const auto result = make_program_lvm_backend(context)->report({"/dev/vda"});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("code 5: Cannot process volume group vg0"));
    host.on_run = nullptr;
    EXPECT_THAT(make_program_lvm_backend(context)->report({"/dev/vda"}).error().message(),
                HasSubstr("could not be started"));
}

} // namespace
} // namespace slipway::lvm
