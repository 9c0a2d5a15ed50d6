// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdraid/array_operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "base/places.h"
#include "unit/plugins/fake_host.h"

namespace slipway::mdraid {
namespace {

using sdk::Outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr const char *kUuid = "aaaa:bbbb:cccc:dddd";

class FakeMdadm final : public MdadmBackend {
public:
    Result<Superblock> examine(const std::string &node) override {
        if (!superblock)
            return failure(node + " has none");
        return *superblock;
    }
    Result<Superblock> examine_container(const std::string &node) override { return examine(node); }
    Result<Exported> detail(const std::string &array) override {
        looked_at.push_back(array);
        return details;
    }
    Result<Exported> add(const std::string &node) override {
        added.push_back(node);
        was_read_only.push_back(starts_read_only);
        if (refused.contains(node))
            return failure(node + " is refused");
        if (added.size() >= starts_with)
            states["md127"] = "read-auto";
        else if (!states.contains("md127"))
            states["md127"] = "inactive";
        return Exported{{"MD_DEVICE", "md127"}};
    }
    Result<> start_arrays_in(const std::string &container, bool is_degraded) override {
        started.push_back(container + (is_degraded ? " degraded" : ""));
        return {};
    }
    std::vector<std::string> arrays_in(const std::string &) override {
        std::vector<std::string> names;
        for (const auto &[name, state] : contained) {
            names.push_back(name);
            states[name] = state;
        }
        return names;
    }
    Result<> run(const std::string &array) override {
        ran.push_back(array);
        if (!can_run)
            return failure("not enough devices");
        states["md127"] = "read-auto";
        return {};
    }
    std::optional<std::string> array_of(std::string_view syspath) override {
        const auto found = holders.find(std::string(syspath));
        return found == holders.end() ? std::nullopt : std::optional(found->second);
    }
    std::string state_of(const std::string &kernel_name) override { return states[kernel_name]; }
    Result<bool> set_starts_read_only(bool is_on) override {
        if (!knows_read_only)
            return failure("no such parameter");
        return std::exchange(starts_read_only, is_on);
    }

    std::optional<Superblock> superblock = Superblock{.uuid = kUuid,
                                                      .name = "root",
                                                      .level = "raid1",
                                                      .active = 2,
                                                      .is_spare = false,
                                                      .is_container = false};
    Exported details;
    std::size_t starts_with = 2; // members from which mdadm starts the array by itself
    bool can_run = true;
    bool knows_read_only = true;
    bool starts_read_only = false;
    std::set<std::string> refused;
    std::map<std::string, std::string> holders;
    std::map<std::string, std::string> states;
    std::map<std::string, std::string> contained; // state of the arrays after a start
    std::vector<std::string> looked_at, added, ran, started;
    std::vector<bool> was_read_only;
};

class MdraidTest : public ::testing::Test {
protected:
    MdraidTest() {
        request_.unit = std::string("mdraid@") + kUuid;
        request_.key = kUuid;
    }

    void member(const std::string &name, const std::string &role = "active") {
        request_.devices.push_back({"/sys/" + name,
                                    {{"devnode", "/dev/" + name},
                                     {"fs_type", "linux_raid_member"},
                                     {"md_level", "raid1"},
                                     {"md_role", role}}});
    }
    // A member of an array with two slots; "": it fills none of them.
    void member_in(const std::string &name, const std::string &slot) {
        member(name, slot.empty() ? "spare" : "active");
        auto &facts = request_.devices.back().second;
        facts.emplace_back("places", "slot 0\nslot 1");
        if (!slot.empty())
            facts.emplace_back("place", slot);
    }
    Outcome start() {
        sdk::Context context(host_.raw());
        return start_array(context, sdk::Request(request_.raw()), mdadm_);
    }
    Outcome inspect() {
        sdk::Context context(host_.raw());
        return inspect_member(context, sdk::Request(request_.raw()), mdadm_);
    }
    Outcome look() {
        sdk::Context context(host_.raw());
        return inspect_array(context, sdk::Request(request_.raw()), mdadm_);
    }

    test::FakeHost host_;
    test::FakeRequest request_;
    FakeMdadm mdadm_;
};

// ---- inspect ------------------------------------------------------------------------------------

TEST_F(MdraidTest, AMemberBelongsToItsArrayAndBringsAnything) {
    member("vda");
    EXPECT_EQ(inspect(), Outcome::done);
    ASSERT_EQ(host_.members.size(), 1U);
    EXPECT_EQ(host_.members.front().unit, std::string("mdraid@") + kUuid);
    EXPECT_EQ(host_.members.front().name, "root");
    EXPECT_EQ(host_.members.front().expected, 2U);
    EXPECT_THAT(host_.members.front().provides, IsEmpty());
    EXPECT_THAT(host_.published["/sys/vda"], Contains(Pair("md_level", "raid1")));
}

TEST_F(MdraidTest, AMemberTellsItsSlotAndThoseOfTheOthers) {
    member("vda");
    mdadm_.superblock->slot = 1;
    mdadm_.superblock->slots = {{0, "8:1"}, {1, "8:17"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.published["/sys/vda"]["place"], "slot 1");
    EXPECT_EQ(host_.published["/sys/vda"]["places"],
              "slot 0 (last seen as device 8:1)\nslot 1 (last seen as device 8:17)");
}

TEST_F(MdraidTest, SlotsThatAreToldAreBounded) {
    member("vda");
    for (unsigned slot = 0; slot < 4096; ++slot)
        mdadm_.superblock->slots.push_back({slot});
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(std::ranges::count(host_.published["/sys/vda"]["places"], '\n'), Places::kMost - 1);
}

TEST_F(MdraidTest, ASpareTellsTheSlotsOfTheOthersOnly) {
    member("vdc");
    mdadm_.superblock->is_spare = true;
    mdadm_.superblock->slots = {{0}, {1}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_THAT(host_.published["/sys/vdc"], Not(Contains(Key("place"))));
    EXPECT_EQ(host_.published["/sys/vdc"]["places"], "slot 0\nslot 1");
}

TEST_F(MdraidTest, AContainerIsAnAssemblyOfItsOwnKind) {
    member("vda");
    request_.devices.front().second[1] = {"fs_type", "isw_raid_member"};
    mdadm_.superblock->is_container = true;
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.members.front().unit, std::string("mdcontainer@") + kUuid);
}

TEST_F(MdraidTest, OptionsLeaveMembersAlone) {
    member("vda");
    for (const auto &[key, value] : std::vector<std::pair<std::string, std::string>>{
             {"rd.md", "0"}, {"rd.md.uuid", "1:2:3:4"}}) {
        request_.options = {{key, value}};
        EXPECT_EQ(inspect(), Outcome::done);
        EXPECT_THAT(host_.members, IsEmpty()) << key;
    }
    request_.options = {{"rd.md.uuid", "1:2:3:4\nAAAA-BBBB-CCCC-DDDD"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.members.size(), 1U);
}

TEST_F(MdraidTest, FirmwareMetadataCanBeSwitchedOff) {
    member("vda");
    request_.devices.front().second[1] = {"fs_type", "isw_raid_member"};
    for (const char *option : {"noiswmd", "nodmraid"}) {
        request_.options = {{option, "1"}};
        EXPECT_EQ(inspect(), Outcome::done);
        EXPECT_THAT(host_.members, IsEmpty()) << option;
    }
    request_.options = {{"noddfmd", "1"}};
    EXPECT_EQ(inspect(), Outcome::done);
    EXPECT_EQ(host_.members.size(), 1U);
}

TEST_F(MdraidTest, ADamagedSuperblockIsNamedWithItsDevice) {
    member("vdb");
    mdadm_.superblock.reset();
    EXPECT_EQ(inspect(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("/dev/vdb"));
}

TEST_F(MdraidTest, AnArrayGetsTheNamesThatUdevWouldGiveIt) {
    request_.devices = {{"/sys/md127", {{"devnode", "/dev/md127"}, {"fs_type", "LVM2_member"}}}};
    mdadm_.details = {{"MD_NAME", "any:root"}, {"MD_UUID", kUuid}, {"MD_DEVNAME", "root"}};
    EXPECT_EQ(look(), Outcome::done);
    EXPECT_EQ(host_.published["/sys/md127"]["links"],
              "/dev/disk/by-id/md-name-any:root\n/dev/disk/by-id/md-uuid-aaaa:bbbb:cccc:dddd\n"
              "/dev/md/root");
    EXPECT_EQ(host_.published["/sys/md127"]["udev.LVM_MD_PV_ACTIVATED"], "1");
}

TEST_F(MdraidTest, PartitionsAreNamedAfterTheirArray) {
    request_.devices = {{"/sys/md0p2", {{"devnode", "/dev/md0p2"}, {"partn", "2"}}}};
    mdadm_.details = {{"MD_NAME", "../x"}, {"MD_UUID", kUuid}, {"MD_DEVNAME", "disk0"}};
    EXPECT_EQ(look(), Outcome::done);
    EXPECT_THAT(mdadm_.looked_at, ElementsAre("/dev/md0"));
    EXPECT_EQ(host_.published["/sys/md0p2"]["links"],
              "/dev/disk/by-id/md-uuid-aaaa:bbbb:cccc:dddd-part2\n/dev/md/disk0p2")
        << "a name with '/' makes no link";
    EXPECT_FALSE(host_.published["/sys/md0p2"].contains("udev.LVM_MD_PV_ACTIVATED"));
}

// ---- activate -----------------------------------------------------------------------------------

TEST_F(MdraidTest, ACompleteArrayStartsWithoutAWrite) {
    member("vda");
    member("vdb");
    EXPECT_EQ(start(), Outcome::done) << host_.reason;
    EXPECT_THAT(mdadm_.added, ElementsAre("/dev/vda", "/dev/vdb"));
    EXPECT_THAT(mdadm_.was_read_only, ElementsAre(true, true));
    EXPECT_FALSE(mdadm_.starts_read_only) << "put back for the host";
    EXPECT_THAT(host_.acquired, ElementsAre(Pair("md_start_ro", 1))) << "arrays take turns";
    EXPECT_THAT(host_.modules, ElementsAre("md_mod", "raid1"));
    EXPECT_THAT(mdadm_.ran, IsEmpty());
}

TEST_F(MdraidTest, WhereTheKernelCannotStartReadOnlyNothingIsStarted) {
    member("vda");
    member("vdb");
    mdadm_.knows_read_only = false;
    EXPECT_EQ(start(), Outcome::failed);
    EXPECT_THAT(mdadm_.added, IsEmpty());
}

TEST_F(MdraidTest, ASpareDoesNotCompleteAnArray) {
    member("vda");
    member("vdc", "spare");
    mdadm_.starts_with = 3;
    EXPECT_EQ(start(), Outcome::incomplete);
    EXPECT_THAT(host_.reason, HasSubstr("1 is a spare"));
    EXPECT_THAT(mdadm_.ran, IsEmpty());
    EXPECT_THAT(host_.missing, ElementsAre(HasSubstr(kUuid)));
}

TEST_F(MdraidTest, TheSlotThatASpareDoesNotFillIsMissing) {
    member_in("vda", "slot 1");
    member_in("vdc", "");
    mdadm_.starts_with = 3;
    EXPECT_EQ(start(), Outcome::incomplete);
    EXPECT_THAT(host_.missing, ElementsAre("slot 0"));
}

TEST_F(MdraidTest, ThePolicyStartsItDegraded) {
    member("vda");
    request_.mode = sdk::Mode::degraded;
    EXPECT_EQ(start(), Outcome::done);
    EXPECT_THAT(mdadm_.ran, ElementsAre("/dev/md127"));
    EXPECT_THAT(host_.log_text(), HasSubstr("degraded"));
}

TEST_F(MdraidTest, ADegradedStartNamesTheMissingSlot) {
    member_in("vda", "slot 0");
    request_.mode = sdk::Mode::degraded;
    EXPECT_EQ(start(), Outcome::done);
    EXPECT_THAT(host_.log_text(), HasSubstr("only /dev/vda is there, slot 1 is missing"));
    mdadm_.states.clear();
    mdadm_.starts_with = 9;
    mdadm_.can_run = false;
    EXPECT_EQ(start(), Outcome::incomplete);
    EXPECT_THAT(host_.missing, ElementsAre("slot 1"));
}

TEST_F(MdraidTest, WhatCannotRunWaitsForMore) {
    member("vda");
    request_.mode = sdk::Mode::degraded;
    mdadm_.can_run = false;
    EXPECT_EQ(start(), Outcome::incomplete);
    EXPECT_THAT(host_.reason, HasSubstr("not enough devices"));
}

TEST_F(MdraidTest, WhatWasBegunIsGoneOnWith) {
    member("vda");
    member("vdb");
    mdadm_.holders = {{"/sys/vda", "md127"}};
    mdadm_.states = {{"md127", "inactive"}};
    mdadm_.starts_with = 1;
    EXPECT_EQ(start(), Outcome::done);
    EXPECT_THAT(mdadm_.added, ElementsAre("/dev/vdb"));
}

TEST_F(MdraidTest, AMemberThatComesAfterADegradedStartIsTheHosts) {
    member("vda");
    member("vdb");
    mdadm_.holders = {{"/sys/vda", "md127"}};
    mdadm_.states = {{"md127", "clean"}};
    EXPECT_EQ(start(), Outcome::done);
    EXPECT_THAT(mdadm_.added, IsEmpty());
    EXPECT_THAT(host_.log_text(), HasSubstr("/dev/vdb is left out"));
}

TEST_F(MdraidTest, AMemberThatMdadmRefusesIsNamed) {
    member("vda");
    member("vdb");
    mdadm_.refused = {"/dev/vdb"};
    mdadm_.starts_with = 3;
    EXPECT_EQ(start(), Outcome::incomplete);
    EXPECT_THAT(host_.log_text(), HasSubstr("/dev/vdb is refused"));
    mdadm_.refused = {"/dev/vda", "/dev/vdb"};
    mdadm_.states.clear();
    EXPECT_EQ(start(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("mdadm --examine"));
}

TEST_F(MdraidTest, AMissingPersonalityIsNamed) {
    member("vda");
    host_.module_errors = {{"raid1", ENOENT}};
    EXPECT_EQ(start(), Outcome::failed);
    EXPECT_THAT(host_.reason, HasSubstr("raid1"));
    EXPECT_THAT(mdadm_.added, IsEmpty());
}

TEST_F(MdraidTest, TheContainerIsHandedToMdadmOnceItIsAssembled) {
    request_.unit = std::string("mdcontainer@") + kUuid;
    member("vda");
    member("vdb");
    mdadm_.starts_with = 9;
    mdadm_.contained = {{"md126", "read-auto"}};
    EXPECT_EQ(start(), Outcome::done);
    EXPECT_THAT(mdadm_.added, ElementsAre("/dev/vda", "/dev/vdb"));
    EXPECT_THAT(mdadm_.started, ElementsAre("/dev/md127"));
}

// mdadm succeeds as well when it has started nothing.
TEST_F(MdraidTest, AContainerInWhichNothingRunsIsIncomplete) {
    request_.unit = std::string("mdcontainer@") + kUuid;
    member("vda");
    EXPECT_EQ(start(), Outcome::incomplete);
    mdadm_.contained = {{"md125", "clean"}, {"md126", "inactive"}};
    EXPECT_EQ(start(), Outcome::incomplete);
    EXPECT_THAT(host_.reason, HasSubstr("1 of 2 arrays in the container /dev/md127 run"));
}

TEST_F(MdraidTest, ADegradedContainerStartsWhatItCan) {
    request_.unit = std::string("mdcontainer@") + kUuid;
    request_.mode = sdk::Mode::degraded;
    member("vda");
    mdadm_.contained = {{"md125", "clean"}, {"md126", "inactive"}};
    EXPECT_EQ(start(), Outcome::done);
    EXPECT_THAT(mdadm_.started, ElementsAre("/dev/md127 degraded"));
}

} // namespace
} // namespace slipway::mdraid
