// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/engine_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

OptionSpec option(const std::string &key, bool is_list = false) {
    OptionSpec spec;
    spec.key = key;
    spec.list = is_list;
    spec.bare = !is_list;
    return spec;
}

auto options_of(const std::string &line) {
    PluginSpec plugin;
    plugin.options = {option("root"), option("rd.auto"), option("rd.uuid", true),
                      option("rd.x.password"), option("rd.url", true)};
    return engine_options(KernelCommandLine::parse(line), {plugin}, {"auto"});
}

TEST(EngineOptions, HoldWhatPluginsDeclareAndWhatTheCoreReads) {
    EXPECT_THAT(options_of("root=UUID=1 foreign=2 rd.timeout=5 rd.timeout=7"),
                ElementsAre(Pair("rd.timeout", "7"), Pair("root", "UUID=1")));
}

TEST(EngineOptions, ABareWordIsOneAndAnEmptyValueIsEmpty) {
    EXPECT_THAT(options_of("quiet rd.auto"), ElementsAre(Pair("quiet", "1"), Pair("rd.auto", "1")));
    EXPECT_THAT(options_of("auto"), ElementsAre(Pair("rd.auto", "1")));
    EXPECT_THAT(options_of("rd.auto="), ElementsAre(Pair("rd.auto", "")));
}

TEST(EngineOptions, ListsHaveOneValuePerLine) {
    EXPECT_THAT(options_of("rd.uuid=a rd.uuid=b"), ElementsAre(Pair("rd.uuid", "a\nb")));
}

TEST(EngineOptions, SecretsAreReplaced) {
    EXPECT_THAT(
        options_of("rd.x.password=geheim rd.url=ftp://me:geheim@a/ rd.url=ftp://b/"),
        ElementsAre(Pair("rd.url", "ftp://***@a/\nftp://b/"), Pair("rd.x.password", "***")));
}

auto resources_of(const std::string &meminfo, const std::string &cpus) {
    test::FakeSystem system;
    system.add_file("/proc/meminfo", meminfo);
    system.add_file("/sys/devices/system/cpu/online", cpus);
    return measure_resources(system);
}

TEST(Resources, AreThreeQuartersOfTheFreeMemoryAndAllProcessors) {
    EXPECT_THAT(resources_of("MemTotal: 9 kB\nMemAvailable:  1048576 kB\n", "0-3,6\n"),
                ElementsAre(Pair("cpu", 5), Pair("memory", 786432)));
    EXPECT_THAT(resources_of("MemAvailable: 100 kB\n", "0\n"),
                ElementsAre(Pair("cpu", 1), Pair("memory", 65536)));
}

TEST(Resources, WhatTheKernelDoesNotTellIsLeftOut) {
    EXPECT_THAT(resources_of("MemAvailable: many kB\n", "3-1\n"), IsEmpty());
    EXPECT_THAT(resources_of("", ""), IsEmpty());
    test::FakeSystem bare;
    EXPECT_THAT(measure_resources(bare), IsEmpty());
}

} // namespace
} // namespace slipway
