// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

LoadedUnits load(const std::string &text, const UnitSet *known = nullptr) {
    return load_units({{"x.toml", text}}, known);
}

const std::string kPlugin = "[plugin]\nname = \"demo\"\nlibrary = \"demo.so\"\nabi = 1\n";

TEST(UnitLoader, AUnitHasTheDefaultsOfTheGrammar) {
    const auto loaded = load(kPlugin + "[[unit]]\nname = \"a\"\nkind = \"job\"\n");
    ASSERT_THAT(loaded.problems, IsEmpty());
    ASSERT_THAT(loaded.set.units, SizeIs(1));
    const Unit &unit = loaded.set.units[0];
    EXPECT_EQ(unit.plugin, "demo");
    EXPECT_EQ(unit.timeout, Duration(90'000'000));
    EXPECT_EQ(unit.wanted, Wanted::automatic);
    EXPECT_FALSE(unit.writes);
    EXPECT_EQ(unit.origin.text(), "x.toml:5");
}

TEST(UnitLoader, EveryKeyIsRead) {
    const auto loaded = load(kPlugin + R"(
[[unit]]
name = "a"
kind = "assembly"
description = "d"
hint = "h"
wanted = "named"
requires = ["b"]
wants = ["c"]
after = ["d"]
before = ["e"]
device = "LABEL=root"
device_timeout = "5s"
timeout = "infinity"
retries = 3
backoff = "250ms"
degraded = { wait = "10s", then = "fail" }
writes = true
barrier = true
at_switch = "finish"
params = { k = "v" }
)");
    ASSERT_THAT(loaded.problems, IsEmpty());
    const Unit &unit = loaded.set.units.at(0);
    EXPECT_EQ(unit.kind, UnitKind::assembly);
    EXPECT_EQ(unit.wanted, Wanted::named);
    EXPECT_THAT(unit.required, ElementsAre("b"));
    EXPECT_THAT(unit.before, ElementsAre("e"));
    EXPECT_EQ(unit.device->value(), "root");
    EXPECT_EQ(unit.device_timeout, Duration(5'000'000));
    EXPECT_EQ(unit.timeout, std::nullopt);
    EXPECT_EQ(unit.retries, 3U);
    EXPECT_EQ(unit.backoff, Duration(250'000));
    EXPECT_EQ(unit.degraded->then, DegradedPolicy::Then::fail);
    EXPECT_TRUE(unit.writes && unit.barrier);
    EXPECT_EQ(unit.at_switch, AtSwitch::finish);
    EXPECT_EQ(unit.params.at("k"), "v");
}

TEST(UnitLoader, AnUnknownKeyIsNamedWithFileLineAndTheNearestKey) {
    const auto loaded =
        load(kPlugin + "[[unit]]\nname = \"a\"\nkind = \"job\"\nrequire = [\"b\"]\n");
    ASSERT_THAT(loaded.problems, SizeIs(1));
    EXPECT_THAT(loaded.problems[0].text(), AllOf(HasSubstr("x.toml:8"), HasSubstr("\"require\""),
                                                 HasSubstr("did you mean \"requires\"?")));
    EXPECT_EQ(loaded.problems[0].subject, "a");
    EXPECT_THAT(loaded.set.units, IsEmpty());
}

TEST(UnitLoader, AllProblemsAreFoundInOnePassAndGoodUnitsStay) {
    const auto loaded = load(kPlugin + R"(
[[unit]]
name = "bad"
kind = "thing"
timeout = "soon"
[[unit]]
name = "good"
kind = "job"
[sidecar]
)");
    EXPECT_THAT(loaded.problems, SizeIs(3));
    ASSERT_THAT(loaded.set.units, SizeIs(1));
    EXPECT_EQ(loaded.set.units[0].name, "good");
}

TEST(UnitLoader, BrokenTomlIsOneProblemWithItsLine) {
    const auto loaded = load("[plugin]\nname = \n");
    ASSERT_THAT(loaded.problems, SizeIs(1));
    EXPECT_EQ(loaded.problems[0].origin.line, 2U);
    EXPECT_THAT(loaded.problems[0].message, HasSubstr("not valid TOML"));
}

TEST(UnitLoader, AnInstanceInheritsFromItsTemplateInAnotherFile) {
    const auto loaded = load_units(
        {{"plan.toml", "[[unit]]\nname = \"t@x\"\nparams = { b = \"2\" }\n"},
         {"t.toml", kPlugin + "[[unit]]\nname = \"t@\"\nkind = \"job\"\ntimeout = \"7s\"\n"
                              "wanted = \"named\"\nparams = { a = \"1\" }\n"}});
    ASSERT_THAT(loaded.problems, IsEmpty());
    const Unit &instance = loaded.set.units.at(1);
    EXPECT_EQ(instance.name, "t@x");
    EXPECT_EQ(instance.plugin, "demo");
    EXPECT_EQ(instance.timeout, Duration(7'000'000));
    EXPECT_THAT(instance.params, SizeIs(2));
    EXPECT_TRUE(instance.is_explicit);
}

TEST(UnitLoader, ImportedTextMayUseKnownTemplatesButNotDefinePlugins) {
    const auto known =
        load(kPlugin + "[[unit]]\nname = \"t@\"\nkind = \"job\"\ntimeout = \"7s\"\n");
    const auto loaded = load_units(
        {{"import", "[[unit]]\nname = \"t@y\"\n[plugin]\nname = \"evil\"\nlibrary = \"e.so\"\n",
          "demo"}},
        &known.set);
    EXPECT_THAT(loaded.set.plugins, IsEmpty());
    EXPECT_THAT(loaded.problems, SizeIs(1));
    ASSERT_THAT(loaded.set.units, SizeIs(1));
    EXPECT_EQ(loaded.set.units[0].timeout, Duration(7'000'000));
}

TEST(UnitLoader, AClaimNeedsAMatchAndAPlugin) {
    EXPECT_THAT(load("[[claim]]\nmatch = { a = \"b\" }\n").problems, SizeIs(1));
    EXPECT_THAT(load(kPlugin + "[[claim]]\nunit = \"a@{b}\"\n").problems, SizeIs(1));
    const auto good = load(kPlugin + "[[claim]]\nmatch = { a = \"b*\", c = \"!\" }\n");
    ASSERT_THAT(good.problems, IsEmpty());
    EXPECT_TRUE(good.set.claims.at(0).matches({{"a", "bcd"}}));
    EXPECT_FALSE(good.set.claims.at(0).matches({{"a", "bcd"}, {"c", "x"}}));
    EXPECT_FALSE(good.set.claims.at(0).matches({{"a", "x"}}));
    EXPECT_FALSE(good.set.claims.at(0).matches({}));
}

TEST(UnitLoader, OptionsBelongToThePlugin) {
    const auto loaded = load(kPlugin + "[options]\n\"rd.x\" = { list = true, import = true }\n");
    ASSERT_THAT(loaded.problems, IsEmpty());
    const OptionSpec &option = loaded.set.plugins.at(0).options.at(0);
    EXPECT_EQ(option.key, "rd.x");
    EXPECT_TRUE(option.list && option.import);
}

TEST(UnitLoader, ALibraryWithAPathIsRefused) {
    const auto loaded = load("[plugin]\nname = \"a\"\nlibrary = \"../a.so\"\nabi = 1\n");
    EXPECT_THAT(loaded.problems, SizeIs(1));
    EXPECT_THAT(loaded.set.plugins, IsEmpty());
}

TEST(UnitLoader, AHugeFileIsRefusedUnread) {
    EXPECT_THAT(load(std::string(300'000, '#')).problems, SizeIs(1));
}

TEST(UnitLoader, ASecondDefinitionIsAProblem) {
    const std::string unit = "[[unit]]\nname = \"a\"\nkind = \"target\"\n";
    EXPECT_THAT(load(unit + unit).problems, SizeIs(1));
}

TEST(UnitLoader, ATableHeaderWithoutANameIsNotValid) {
    for (const std::string header : {"[\n", "[[\n", "[\n[[unit]]\nname = \"a\"\n", "[ ="}) {
        const auto loaded = load(header);
        ASSERT_THAT(loaded.problems, SizeIs(1)) << header;
        EXPECT_THAT(loaded.problems[0].message, HasSubstr("not valid TOML")) << header;
    }
}

// toml++ takes any of these characters for a blank or not, by undefined behaviour.
TEST(UnitLoader, CharactersThatAreNotAsciiNeedQuotes) {
    const std::string lam_alef = "\xEF\xBB\xBB";
    for (const std::string &text : std::vector<std::string>{
             lam_alef, "[unit" + lam_alef + "]\n", "a = 1" + lam_alef + "\n", "\xEF\xBB",
             "\xC3\xA4 = 1", "a = \"\"\"\\\n" + lam_alef + "\"\"\"\n",
             "a = \"\"\"\\" + lam_alef + "\"\"\"\n"}) {
        const auto loaded = load(text);
        ASSERT_THAT(loaded.problems, SizeIs(1)) << text;
        EXPECT_GT(loaded.problems[0].origin.line, 0U) << text;
    }
    const auto loaded = load("\xEF\xBB\xBF# " + lam_alef + "\n[[unit]]\nname = \"" + lam_alef +
                             "\"\nhint = '" + lam_alef + "'\ndescription = \"\"\"\nä\"\"\"\n");
    EXPECT_THAT(loaded.problems, IsEmpty());
    ASSERT_THAT(loaded.set.units, SizeIs(1));
    EXPECT_EQ(loaded.set.units[0].name, lam_alef);
}

std::string dotted(std::size_t parts) {
    std::string key = "a";
    for (std::size_t i = 1; i < parts; ++i)
        key += ".a";
    return key;
}

// The length at which freeing the table would exhaust the stack.
TEST(UnitLoader, AKeyOfTooManyPartsIsRefused) {
    const auto loaded = load("[[unit]]\nname = \"a\"\n" + dotted(120'000) + " = 1\n");
    ASSERT_THAT(loaded.problems, SizeIs(1));
    EXPECT_EQ(loaded.problems[0].origin.line, 3U);
    EXPECT_THAT(loaded.problems[0].message, HasSubstr("more than 16 parts"));
}

TEST(UnitLoader, NothingHidesAKeyOfTooManyParts) {
    for (const std::string before :
         {"[", "x = { b = 1, ", "x = \"'\" # \"\n", "x = 'a\\' # '\n", "x = \"a\\\"b\" # \"\n",
          "x = { b = \"\"\"\n\"\"\"\", ", "x = { b = '''\n''''', ", "'#'.b . \"#\" .b ."}) {
        const auto loaded = load(before + dotted(17));
        ASSERT_THAT(loaded.problems, SizeIs(1)) << before;
        EXPECT_THAT(loaded.problems[0].message, HasSubstr("16 parts")) << before;
    }
}

TEST(UnitLoader, PointsInTextsAndCommentsAreNoKeyParts) {
    const std::string points = dotted(40);
    const auto loaded = load("# " + points + "\n[[unit]]\nname = \"" + points + "\"\nhint = '" +
                             points + "'\ndescription = \"\"\"\n\\\"\"" + points + "\"\"\"\"\"\n");
    EXPECT_THAT(loaded.problems, IsEmpty());
    EXPECT_THAT(loaded.set.units, SizeIs(1));
}

TEST(UnitLoader, ABreakHoldsUnitsThatMatchAndNotThoseWithAMark) {
    const auto loaded = load("[[break]]\nnames = [\"mount\"]\ndescription = \"d\"\n"
                             "after = [\"a\"]\nholds = [\"*\", \"!modules@*\"]\n");
    ASSERT_THAT(loaded.problems, IsEmpty());
    const Breakpoint &point = loaded.set.breakpoints.at(0);
    EXPECT_THAT(point.names, ElementsAre("mount"));
    EXPECT_THAT(point.after, ElementsAre("a"));
    EXPECT_EQ(point.at, Breakpoint::At::units);
    EXPECT_TRUE(point.holds("sysroot"));
    EXPECT_FALSE(point.holds("modules@x"));
}

TEST(UnitLoader, ABreakNeedsANameAndAPlace) {
    for (const std::string text :
         {"holds = [\"x\"]", "names = [\"a\"]", "names = [\"a\"]\nat = \"start\"\nholds = [\"x\"]",
          "names = [\"a\"]\nat = \"never\"", "names = [\"a\"]\nholds = [\"x\"]\nhold = 1"}) {
        const auto loaded = load("[[break]]\n" + text + "\n");
        EXPECT_FALSE(loaded.problems.empty()) << text;
        EXPECT_THAT(loaded.set.breakpoints, IsEmpty()) << text;
    }
    EXPECT_THAT(load("break = 1\n").problems, SizeIs(1));
}

TEST(UnitLoader, ImportedTextDefinesNoBreak) {
    const UnitSet known;
    const auto loaded = load("[[break]]\nnames = [\"a\"]\nat = \"start\"\n", &known);
    ASSERT_THAT(loaded.problems, SizeIs(1));
    EXPECT_THAT(loaded.problems[0].text(), HasSubstr("may not define breaks"));
}

} // namespace
} // namespace slipway
