// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/unit_files.h"

#include <gmock/gmock.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kGood = "[[unit]]\nname = \"good\"\nkind = \"target\"\n";

class UnitFiles : public testing::Test {
protected:
    UnitFiles() { system_.add_directory("/units"); }
    UnitCatalog read() { return read_unit_files(system_, {"/units", "/not/there"}); }
    test::FakeSystem system_;
};

TEST_F(UnitFiles, OnlyTomlFilesOfUnitsAreRead) {
    system_.add_file("/units/a.toml", kGood);
    system_.add_file("/units/README.md", "no units");
    system_.add_file("/units/options.toml", "[foreign]\nwords = []\n");
    const UnitCatalog catalog = read();
    EXPECT_THAT(catalog.problems, IsEmpty());
    EXPECT_THAT(catalog.set.units, SizeIs(1));
}

TEST_F(UnitFiles, AFileThatCannotBeReadIsNamedAndTheOthersCount) {
    system_.add_file("/units/a.toml", kGood);
    system_.add_file("/units/b.toml", "");
    system_.fail("read", "/units/b.toml", EIO);
    const UnitCatalog catalog = read();
    ASSERT_THAT(catalog.problems, SizeIs(1));
    EXPECT_THAT(catalog.problems[0].text(), HasSubstr("/units/b.toml"));
    EXPECT_THAT(catalog.set.units, SizeIs(1));
}

TEST_F(UnitFiles, AMalformedFileIsNamedWithItsLineAndTheOthersCount) {
    system_.add_file("/units/a.toml", kGood);
    system_.add_file("/units/b.toml", "[[unit]]\nname = \n");
    const UnitCatalog catalog = read();
    ASSERT_THAT(catalog.problems, SizeIs(1));
    EXPECT_THAT(catalog.problems[0].text(), HasSubstr("/units/b.toml:2"));
    EXPECT_THAT(catalog.set.units, SizeIs(1));
}

TEST_F(UnitFiles, AUnitInACycleIsLeftOutWithTheReason) {
    system_.add_file("/units/a.toml",
                     "[[unit]]\nname = \"a\"\nkind = \"target\"\nafter = [\"a\"]\n");
    const UnitCatalog catalog = read();
    EXPECT_THAT(catalog.set.units, IsEmpty());
    EXPECT_THAT(catalog.broken.at("a"), HasSubstr("cycle: a → a"));
}

} // namespace
} // namespace slipway
