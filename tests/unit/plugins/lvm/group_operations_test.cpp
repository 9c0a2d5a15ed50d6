// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/group_operations.h"

#include <gmock/gmock.h>

#include <cerrno>
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
using ::testing::SizeIs;

class FakeLvmBackend final : public LvmBackend {
public:
    Result<std::vector<VolumeGroup>> report(const std::vector<std::string> &from) override {
        reported = from;
        if (is_broken)
            return failure("lvm fullreport on /dev/vda ended with code 5: broken");
        return groups;
    }
    Result<> activate(const std::vector<std::string> &volumes, const std::vector<std::string> &,
                      bool is_degraded) override {
        was_degraded = is_degraded;
        activated = volumes;
        return {};
    }
    bool exists(const std::string &path) override { return !down.contains(path); }

    std::vector<VolumeGroup> groups = {{"vg0",
                                        "u-1",
                                        2,
                                        {{"pv-1", "/dev/vda", false}, {"pv-2", "[unknown]", true}},
                                        {{"root", "/dev/mapper/vg0-root", "-wi-------"},
                                         {"home", "/dev/mapper/vg0-home", "-wi-------"},
                                         {"pool", "/dev/mapper/vg0-pool", "twi-------"}}}};
    std::set<std::string> down;
    bool is_broken = false;
    bool was_degraded = false;
    std::vector<std::string> reported;
    std::vector<std::string> activated;
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
    backend.groups.clear();
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

TEST_F(GroupOperations, ActivatesWhatIsWanted) {
    request.wanted = {"/dev/vg0/root"};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated, ElementsAre("vg0/root"));
    EXPECT_FALSE(backend.was_degraded);
}

TEST_F(GroupOperations, LoadsFurtherModulesOnlyForVolumesThatAreNotLinear) {
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.modules, Contains("dm_thin_pool")); // there is a pool
    host.modules.clear();
    backend.groups[0].logical_volumes.pop_back();
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(host.modules, ElementsAre("dm_mod"));
}

TEST_F(GroupOperations, AModuleThatTheImageLacksIsLeftToLvm) {
    host.module_errors["dm_raid"] = ENOENT;
    EXPECT_EQ(activate(), Outcome::done);
    host.module_errors["dm_mod"] = ENOENT;
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("dm_mod"));
}

TEST_F(GroupOperations, OptionsMayBeWrittenAsPaths) {
    request.options = {{"rd.lvm.lv", "/dev/vg0/home\nvg0/gone"}};
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_THAT(backend.activated, ElementsAre("vg0/home"));
    EXPECT_THAT(host.log_text(), HasSubstr("rd.lvm.lv=vg0/gone"));
}

TEST_F(GroupOperations, DegradedModeIsPassedOn) {
    request.mode = sdk::Mode::degraded;
    EXPECT_EQ(activate(), Outcome::done);
    EXPECT_TRUE(backend.was_degraded);
}

TEST_F(GroupOperations, AVolumeThatStaysDownNamesTheMissingPhysicalVolume) {
    request.wanted = {"/dev/vg0/root"};
    backend.down = {"/dev/mapper/vg0-root"};
    EXPECT_EQ(activate(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("vg0/root cannot be activated"));
    EXPECT_THAT(host.reason, HasSubstr("pv-2"));
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
    EXPECT_TRUE(backend->activate({"vg0/root"}, {"/dev/vda"}, true));
    EXPECT_THAT(host.programs[1], Contains("degraded"));
    EXPECT_EQ(host.programs[1].back(), "vg0/root");
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
