// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Drop-ins, conditions, templates and what the verifier says of the keys that only some units have.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/unit_catalog.h"
#include "unit/unit_loader.h"
#include "unit/unit_verifier.h"

namespace slipway {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kPlugin = "[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n";

UnitSource base() {
    return {"base.toml", kPlugin +
                             "imports = [\"later\"]\n"
                             "[[unit]]\nname = \"g@\"\nkind = \"assembly\"\n"
                             "wants = [\"check@{key}\"]\nparams = { a = \"1\", b = \"{key}\" }\n"
                             "[[unit]]\nname = \"check@\"\nkind = \"job\"\n"
                             "[[unit]]\nname = \"g@x\"\n"
                             "[[unit]]\nname = \"work\"\nkind = \"job\"\ntimeout = \"5s\"\n"};
}

UnitSet load(const std::string &drop_in) {
    auto loaded = load_units({base(), {"drop-in.toml", drop_in}});
    EXPECT_THAT(loaded.problems, IsEmpty());
    return loaded.set;
}

const Unit &named(const UnitSet &set, std::string_view name) {
    return *std::ranges::find(set.units, name, &Unit::name);
}

std::vector<std::string> problems_of(const std::string &text) {
    std::vector<std::string> texts;
    for (const UnitProblem &problem : make_catalog({base(), {"x.toml", text}}).problems)
        texts.push_back(problem.text());
    return texts;
}

TEST(DropIn, ReplacesOnlyTheKeysThatItNames) {
    const UnitSet set = load("[[override]]\nname = \"work\"\nretries = 3\n");
    EXPECT_EQ(named(set, "work").retries, 3U);
    EXPECT_EQ(named(set, "work").timeout, Duration(5'000'000));
}

TEST(DropIn, OfATemplateReachesItsInstances) {
    const UnitSet set = load("[[override]]\nname = \"g@\"\nretries = 2\nparams = { a = \"2\" }\n");
    EXPECT_EQ(named(set, "g@x").retries, 2U);
    EXPECT_EQ(named(set, "g@x").params.at("a"), "2");
    EXPECT_EQ(named(set, "g@x").params.at("b"), "x");
}

TEST(DropIn, HoldsForUnitsThatAreImportedLater) {
    const UnitSet set = load("[[override]]\nname = \"later\"\ndevice_timeout = \"3s\"\n");
    const auto imported = load_units(
        {{"import", "[[unit]]\nname = \"later\"\nkind = \"job\"\nplugin = \"p\"\n", "p"}}, &set);
    ASSERT_THAT(imported.set.units, SizeIs(1));
    EXPECT_EQ(imported.set.units[0].device_timeout, Duration(3'000'000));
}

TEST(DropIn, MayNotComeFromAWorker) {
    const UnitSet set = load("");
    const auto imported =
        load_units({{"import", "[[override]]\nname = \"work\"\nretries = 3\n", "p"}}, &set);
    EXPECT_THAT(imported.problems, SizeIs(1));
    EXPECT_THAT(imported.set.overrides, IsEmpty());
}

TEST(DropIn, WithATypingErrorIsToldWithTheNearestKey) {
    EXPECT_THAT(problems_of("[[override]]\nname = \"work\"\nretrys = 3\n"),
                ElementsAre(HasSubstr("did you mean \"retries\"")));
}

TEST(DropIn, ForAUnitThatNothingDefinesIsToldWithTheNearestName) {
    EXPECT_THAT(problems_of("[[override]]\nname = \"wrok\"\nretries = 3\n"),
                ElementsAre(HasSubstr("x.toml:1: the override is for unit \"wrok\"")));
}

TEST(TomlText, WhatTomlPlusPlusDoesNotSurviveIsRefusedWithItsLine) {
    EXPECT_THAT(problems_of("\n[x]\na = -P\"4\u03c8\n"),
                Contains(HasSubstr("x.toml:3: not valid")));
    EXPECT_THAT(problems_of("a = \"\"\"x\\\n  \u00e9\"\"\"\n"), Contains(HasSubstr("in one line")));
    EXPECT_THAT(problems_of("a = \"\"\"x\\\n  \u3042\"\"\"\n"), Contains(HasSubstr("in one line")));
}

TEST(TomlText, MayHoldAnyLettersInQuotes) {
    EXPECT_THAT(
        problems_of(
            "[[override]]\nname = \"work\"\n"
            "description = \"Gr\u00fc\u00dfe \u3042\"\nhint = \"\"\"\u00e9\n\u3042\"\"\"\n"),
        IsEmpty());
}

TEST(Resources, AreNumbersAndMayBeAsLargeAsMemory) {
    EXPECT_EQ(load("[resources]\nmemory = 4000000000\n").resources.at("memory"), 4'000'000'000U);
    EXPECT_THAT(problems_of("[resources]\nmemory = \"much\"\n"),
                ElementsAre(HasSubstr("memory must be a whole number")));
    EXPECT_THAT(problems_of("[[unit]]\nname = \"j\"\nkind = \"job\"\nplugin = \"p\"\n"
                            "resources = { memory = \"much\" }\n"),
                ElementsAre(HasSubstr("resources.memory must be")));
}

TEST(Verifier, SaysWhichUnitsAKeyIsFor) {
    const std::string job = "[[unit]]\nname = \"j\"\nkind = \"job\"\nplugin = \"p\"\n";
    EXPECT_THAT(problems_of(job + "barrier = true\n"), ElementsAre(HasSubstr("is for targets")));
    EXPECT_THAT(problems_of(job + "race = true\n"), ElementsAre(HasSubstr("needs any_of")));
    EXPECT_THAT(problems_of(job + "degraded = { wait = \"1s\" }\n"),
                ElementsAre(HasSubstr("is for assemblies")));
    EXPECT_THAT(problems_of(job + "on_demand = true\n"),
                ElementsAre(HasSubstr("is for assemblies")));
    EXPECT_THAT(problems_of(job + "piecemeal = true\n"),
                ElementsAre(HasSubstr("is for assemblies that gather members")));
    EXPECT_THAT(problems_of(job + "any_of = [\"nowhere\"]\n"),
                ElementsAre(HasSubstr("nothing defines")));
}

TEST(Verifier, FindsCyclesThroughAlternativesAndMilestones) {
    EXPECT_THAT(problems_of("[[unit]]\nname = \"a\"\nany_of = [\"b\"]\n"
                            "[[unit]]\nname = \"b\"\nmilestones = [\"a\"]\n"),
                Contains(HasSubstr("cycle: a → b → a")));
}

TEST(Catalog, AFileOfALaterFolderReplacesTheOneOfItsName) {
    std::vector<UnitSource> sources = {{"/usr/share/slipway/units/a.toml", "x"}};
    add_unit_source(sources, {"/etc/slipway/units/b.toml", "y"});
    add_unit_source(sources, {"/etc/slipway/units/a.toml", "z"});
    ASSERT_THAT(sources, SizeIs(2));
    EXPECT_EQ(sources[1].text, "z");
}

TEST(Condition, ComparesTextsAbsenceAndBooleans) {
    const Facts options = {{"on", "yes"}, {"off", "0"}, {"list", "one\ntwo"}};
    EXPECT_TRUE(holds({}, options));
    EXPECT_TRUE(holds({{"on", "yes"}, {"off", "no"}, {"absent", "!"}}, options));
    EXPECT_TRUE(holds({{"list", "tw*"}}, options));
    EXPECT_FALSE(holds({{"on", "no"}}, options));
    EXPECT_FALSE(holds({{"on", "!"}}, options));
    EXPECT_FALSE(holds({{"absent", "*"}}, options));
    EXPECT_FALSE(holds({{"list", "yes"}}, options));
}

TEST(Template, PutsItsKeyIntoTheNamesThatItUses) {
    const UnitSet set = load("");
    EXPECT_THAT(named(set, "g@x").wants, ElementsAre("check@x"));
}

TEST(Devices, AreNativeIfNoFileSaysAnything) {
    EXPECT_EQ(load("").devices, DeviceBackend::native);
}

TEST(Devices, TheFileOfABackEndSaysWhichItIs) {
    EXPECT_EQ(load("[devices]\nbackend = \"udevd\"\n").devices, DeviceBackend::udevd);
    EXPECT_EQ(load("[devices]\nbackend = \"native\"\n").devices, DeviceBackend::native);
}

TEST(Devices, BadWordsAreNamedWithTheirRemedy) {
    EXPECT_THAT(problems_of("[devices]\nbackend = \"udev\"\n"), Contains(HasSubstr("udevd")));
    EXPECT_THAT(problems_of("[devices]\nback = \"udevd\"\n"),
                Contains(HasSubstr("the only one is: backend")));
    EXPECT_THAT(problems_of("devices = 1\n"), Contains(HasSubstr("devices must be a table")));
}

TEST(Devices, TwoFilesThatDifferAreAProblem) {
    const auto catalog = make_catalog({{"a.toml", "[devices]\nbackend = \"udevd\"\n"},
                                       {"b.toml", "[devices]\nbackend = \"udevd\"\n"},
                                       {"c.toml", "[devices]\nbackend = \"native\"\n"}});
    ASSERT_THAT(catalog.problems, SizeIs(1));
    EXPECT_THAT(catalog.problems.front().text(), HasSubstr("another one than in b.toml"));
    EXPECT_EQ(catalog.set.devices, DeviceBackend::udevd);
}

TEST(Devices, AreNotForImporters) {
    const UnitSet known = load("");
    const auto loaded = load_units({{"import", "[devices]\nbackend = \"udevd\"\n", "p"}}, &known);
    ASSERT_THAT(loaded.problems, SizeIs(1));
    EXPECT_THAT(loaded.problems.front().message, HasSubstr("may not choose"));
}

TEST(Devices, FilesOfTheOtherBackEndAreLeftOut) {
    std::vector<UnitSource> sources = {{"any.toml", ""},
                                       {"a.toml", "[devices]\nbackend = \"udevd\"\n"},
                                       {"b.toml", "[devices]\nbackend = \"native\"\n"},
                                       {"bad.toml", "[devices"}};
    keep_device_backend(sources, "udevd");
    std::vector<std::string> names;
    for (const UnitSource &source : sources)
        names.push_back(source.file);
    EXPECT_THAT(names, ElementsAre("any.toml", "a.toml", "bad.toml"));
}

TEST(AtSwitch, OnlyAJobCanRunThere) {
    EXPECT_THAT(problems_of("[[unit]]\nname = \"late\"\nkind = \"target\"\n"
                            "at_switch = \"run\"\n"),
                Contains(HasSubstr("can only be \"run\" of a job")));
}

TEST(Claims, OfAFactWithSeveralLinesOneMustMatch) {
    Claim claim;
    claim.match = {{"asks", "mdmon@*"}};
    EXPECT_TRUE(claim.matches({{"asks", "a.service\nmdmon@x\nb"}}));
    EXPECT_TRUE(claim.matches({{"asks", "mdmon@x"}}));
    EXPECT_FALSE(claim.matches({{"asks", "a\nb mdmon@x"}}));
    EXPECT_FALSE(claim.matches({}));
    claim.match = {{"asks", "!"}};
    EXPECT_FALSE(claim.matches({{"asks", "a\nb"}}));
    EXPECT_TRUE(claim.matches({{"asks", ""}}));
}

} // namespace
} // namespace slipway
