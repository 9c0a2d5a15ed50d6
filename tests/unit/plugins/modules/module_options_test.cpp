// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modules/module_options.h"

#include <gmock/gmock.h>

#include <slipway/toml.h>

namespace slipway::modules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

TEST(ModuleNames, DashAndUnderscoreAreOne) {
    EXPECT_EQ(module_name("dm-crypt"), "dm_crypt");
    EXPECT_EQ(module_name("dm_crypt"), "dm_crypt");
    EXPECT_EQ(module_name(""), "");
}

TEST(ModuleBlacklist, CollectsTheWordsOfAllOptions) {
    EXPECT_THAT(parse_blacklist({"nouveau,dm-crypt", "", "floppy\npcspkr, ,x"}),
                UnorderedElementsAre("nouveau", "dm_crypt", "floppy", "pcspkr", "x"));
    EXPECT_THAT(parse_blacklist({}), IsEmpty());
}

TEST(ModuleLists, KeepTheOrderAndWhatIsOptional) {
    EXPECT_THAT(parse_module_list("virtio_blk ext4? ,atkbd"),
                ElementsAre(WantedModule{"virtio_blk", false}, WantedModule{"ext4", true},
                            WantedModule{"atkbd", false}));
}

TEST(ModuleLists, OfSeparatorsAndMarksAreEmpty) {
    EXPECT_THAT(parse_module_list(""), IsEmpty());
    EXPECT_THAT(parse_module_list(" ,\n\t ? "), IsEmpty());
}

TEST(ModuleUnits, AreOrderedAroundTheColdplug) {
    const std::string units = write_module_units({.before = "a", .after = "b,c", .anyhow = "d\ne"});
    EXPECT_THAT(units, HasSubstr("name = \"modules@rd.driver.pre\"\n"));
    EXPECT_THAT(units, HasSubstr("before = [\"coldplug\"]\nparams = { modules = \"a\" }"));
    EXPECT_THAT(units,
                HasSubstr("before = []\nafter = [\"coldplug\"]\nparams = { modules = \"b,c\" }"));
    EXPECT_THAT(units, HasSubstr("name = \"modules@rd.modules_load\"\n"));
    EXPECT_THAT(units, HasSubstr("{ modules = \"d\\u000Ae\" }"));
}

TEST(ModuleUnits, OfEmptyWishesDoNotExist) {
    EXPECT_EQ(write_module_units({}), "");
    EXPECT_EQ(write_module_units({.before = " , ", .after = "?", .anyhow = "\n"}), "");
}

TEST(ModuleUnits, AValueCannotForgeAKey) {
    const std::string units =
        write_module_units({.before = "x\" }\n[[unit]]\nname = \"evil", .after = "", .anyhow = ""});
    EXPECT_THAT(units, Not(HasSubstr("name = \"evil")));
    EXPECT_THAT(units, HasSubstr(sdk::toml_string("x\" }\n[[unit]]\nname = \"evil")));
}

} // namespace
} // namespace slipway::modules
