// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/unit_loader.h"

namespace slipway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<UnitProblem> verify(const std::string &text) {
    const auto loaded = load_units({{"x.toml", text}});
    EXPECT_THAT(loaded.problems, IsEmpty());
    return verify_units(loaded.set);
}

std::string target(const std::string &name, const std::string &rest = "") {
    return "[[unit]]\nname = \"" + name + "\"\nkind = \"target\"\n" + rest + "\n";
}

TEST(UnitVerifier, AGoodGraphHasNoProblems) {
    EXPECT_THAT(
        verify(target("a", "requires = [\"b\"]") + target("b", "before = [\"c\"]") + target("c")),
        IsEmpty());
}

TEST(UnitVerifier, ACycleIsNamedByItsFullPath) {
    const auto problems = verify(target("a", "requires = [\"b\"]") +
                                 target("b", "after = [\"c\"]") + target("c", "wants = [\"a\"]"));
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0].message, HasSubstr("a → b → c → a"));
}

TEST(UnitVerifier, ACycleThroughAnUndefinedNameBelongsToADefinedUnit) {
    const auto problems =
        verify(target("a", "after = [\"x\"]") + target("b", "before = [\"x\"]\nafter = [\"x\"]"));
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0].message, HasSubstr("x → b → x"));
    EXPECT_EQ(problems[0].subject, "b");
    EXPECT_FALSE(problems[0].origin.file.empty());
}

TEST(UnitVerifier, BeforeCountsAsAnEdgeOfTheOtherUnit) {
    const auto problems = verify(target("a", "after = [\"b\"]\nbefore = [\"b\"]") + target("b"));
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0].message, HasSubstr("cycle"));
}

TEST(UnitVerifier, AWriterBeforeABarrierIsACycle) {
    const auto problems = verify(target("barrier", "barrier = true\nrequires = [\"w\"]") +
                                 target("w", "writes = true"));
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0].message, HasSubstr("cycle"));
}

TEST(UnitVerifier, AnUndefinedUnitIsNamedWithTheNearestOne) {
    const auto problems = verify(target("sysroot") + target("a", "requires = [\"sysrot\"]"));
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0].message,
                AllOf(HasSubstr("\"sysrot\""), HasSubstr("did you mean \"sysroot\"?")));
}

TEST(UnitVerifier, AUnitThatAnImporterDefinesMayBeRequired) {
    const std::string plugin = "[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
                               "imports = [\"sys*\"]\n";
    EXPECT_THAT(verify(plugin + target("a", "requires = [\"sysroot\"]")), IsEmpty());
}

TEST(UnitVerifier, APluginForAnotherInterfaceVersionIsRefused) {
    const auto problems = verify("[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 7\n");
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_THAT(problems[0].message, HasSubstr("version 7"));
}

TEST(UnitVerifier, AUnitOfAnUnknownPluginIsAProblemOfThatUnit) {
    const auto problems = verify("[[unit]]\nname = \"a\"\nkind = \"job\"\nplugin = \"gone\"\n");
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_EQ(problems[0].subject, "a");
}

TEST(UnitVerifier, ANameOfABreakMeansOnePoint) {
    const auto problems = verify("[[break]]\nnames = [\"a\", \"b\"]\nholds = [\"x\"]\n"
                                 "[[break]]\nnames = [\"b\"]\nat = \"start\"\n");
    ASSERT_THAT(problems, SizeIs(1));
    EXPECT_EQ(problems[0].text(), "x.toml:4: the break \"b\" is already defined at x.toml:1");
}

} // namespace
} // namespace slipway
