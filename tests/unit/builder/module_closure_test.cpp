// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/module_closure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/builder/fake_module_index.h"

namespace slipway {
namespace {

using ::testing::ElementsAre;
using testing::FakeIndex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ModuleClosureTest : public ::testing::Test {
protected:
    std::vector<std::string> chosen() const {
        std::vector<std::string> names;
        for (const auto &[name, module] : closure_.chosen())
            names.push_back(name);
        return names;
    }

    FakeIndex index_;
    Problems problems_;
    ModuleClosure closure_{index_, problems_, "6.12"};
};

TEST_F(ModuleClosureTest, FollowsHardSoftAndWeakDependenciesOfDependencies) {
    index_.modules = {{"ext4", {{"jbd2"}, {}}},
                      {"jbd2", {{}, {"crypto-crc32c"}}},
                      {"crc32c_intel", {}},
                      {"crc32c_generic", {}}};
    index_.aliases["crypto-crc32c"] = {"crc32c_intel", "crc32c_generic"};
    EXPECT_THAT(closure_.choose("ext4", {"fs.toml"}), ElementsAre("ext4"));
    EXPECT_THAT(chosen(), ElementsAre("crc32c_generic", "crc32c_intel", "ext4", "jbd2"));
    EXPECT_EQ(closure_.chosen().at("jbd2").reason, "needed by module ext4");
    EXPECT_THAT(problems_.problems(), IsEmpty());
}

TEST_F(ModuleClosureTest, LeavesOutWhatIsBuiltIn) {
    index_.modules = {{"virtio_pci", {{}, {}, "drivers", true}}};
    EXPECT_THAT(closure_.choose("virtio_pci", {"test"}), IsEmpty());
    EXPECT_THAT(chosen(), IsEmpty());
    EXPECT_THAT(problems_.problems(), IsEmpty());
}

TEST_F(ModuleClosureTest, ReportsAMissingModuleUnlessItMayBeAbsent) {
    closure_.choose("nvem", {"coldplug.toml"});
    closure_.choose("aesni_intel", {"luks.toml", true});
    EXPECT_THAT(problems_.problems(), ElementsAre(HasSubstr("no module nvem (coldplug.toml)")));
}

TEST_F(ModuleClosureTest, ReportsAMissingHardDependencyButNoMissingSoftOne) {
    index_.modules = {{"a", {{"gone"}, {"soft"}}}};
    closure_.choose("a", {"test"});
    EXPECT_THAT(problems_.problems(), ElementsAre(HasSubstr("gone (needed by module a)")));
}

TEST_F(ModuleClosureTest, EndsWhenModulesNameEachOther) {
    index_.modules = {{"a", {{}, {"b"}}}, {"b", {{}, {"a"}}}};
    closure_.choose("a", {"test"});
    EXPECT_THAT(chosen(), ElementsAre("a", "b"));
}

TEST_F(ModuleClosureTest, TakesAllModulesOfADirectory) {
    index_.modules = {{"ahci", {{}, {}, "drivers/ata"}}, {"xfs", {{}, {}, "fs"}}};
    EXPECT_THAT(closure_.choose("=drivers/ata", {"test"}), ElementsAre("ahci"));
    EXPECT_THAT(chosen(), ElementsAre("ahci"));
}

} // namespace
} // namespace slipway
