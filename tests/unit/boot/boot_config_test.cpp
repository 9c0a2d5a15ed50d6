// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/boot_config.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Action = FailurePolicy::Action;

BootConfig config(std::string_view text, const std::vector<std::string> &arguments = {}) {
    return BootConfig::parse(KernelCommandLine::parse(text), arguments);
}

std::optional<Duration> timeout(std::string_view text) {
    return config(text).device_timeout;
}

OptionSpec option(std::string key) {
    OptionSpec spec;
    spec.key = std::move(key);
    return spec;
}

OptionSpec bare(std::string key) {
    OptionSpec spec = option(std::move(key));
    spec.bare = true;
    return spec;
}

OptionSpec list(std::string key) {
    OptionSpec spec = option(std::move(key));
    spec.list = true;
    return spec;
}

OptionSpec joined(std::string key, std::string join) {
    OptionSpec spec = option(std::move(key));
    spec.join = std::move(join);
    return spec;
}

OptionSpec imported(std::string key) {
    OptionSpec spec = option(std::move(key));
    spec.import = true;
    return spec;
}

using Options = std::vector<std::pair<std::string, std::string>>;

Options options(std::string_view text, const std::vector<OptionSpec> &declared,
                const std::vector<std::string> &both_spellings = {}) {
    return options_for(KernelCommandLine::parse(text), declared, both_spellings);
}

TEST(BootConfig, TriesTheUsualInits) {
    for (const char *text : {"", "init=", "init=\" \"", "init"}) {
        EXPECT_THAT(config(text).init_paths, ElementsAre("/sbin/init", "/etc/init", "/bin/init"));
        EXPECT_FALSE(config(text).is_init_named);
    }
}

TEST(BootConfig, TriesTheNamedInitFirst) {
    EXPECT_THAT(config("init=/bin/bash").init_paths,
                ElementsAre("/bin/bash", "/sbin/init", "/etc/init", "/bin/init"));
    EXPECT_THAT(config("init=/bin/init").init_paths,
                ElementsAre("/bin/init", "/sbin/init", "/etc/init"));
    EXPECT_THAT(config("init=bin/sh").init_paths.front(), "/bin/sh");
    EXPECT_TRUE(config("init=/bin/bash").is_init_named);
}

TEST(BootConfig, PassesTheWordsOfInitAndThoseOfTheKernel) {
    const auto with_words = config(R"(init="/sbin/init a b")", {"single", "c d"});
    EXPECT_EQ(with_words.init_paths.front(), "/sbin/init");
    EXPECT_THAT(with_words.init_arguments, ElementsAre("a", "b", "single", "c d"));
    EXPECT_THAT(config("", {"3"}).init_arguments, ElementsAre("3"));
}

TEST(BootConfig, WaitsNinetySecondsForADevice) {
    EXPECT_EQ(timeout(""), seconds(90));
}

TEST(BootConfig, PrefersRdTimeoutToTheOneOfSystemd) {
    EXPECT_EQ(timeout("rd.timeout=20"), seconds(20));
    EXPECT_EQ(timeout("systemd.default_device_timeout_sec=2min"), minutes(2));
    EXPECT_EQ(timeout("rd.timeout=20 systemd.default_device_timeout_sec=30"), seconds(20));
    EXPECT_EQ(timeout("rd.systemd.default_device_timeout_sec=5 "
                      "systemd.default_device_timeout_sec=30"),
              seconds(5));
}

TEST(BootConfig, RaisesTheTimeoutButNeverLowersIt) {
    EXPECT_EQ(timeout("rootdelay=120"), seconds(120));
    EXPECT_EQ(timeout("rootdelay=10"), seconds(90));
    EXPECT_EQ(timeout("rd.retry=180 rootdelay=100"), seconds(180));
    EXPECT_EQ(timeout("rd.timeout=20 rd.retry=30"), seconds(30));
    EXPECT_EQ(timeout("rootwait=300"), seconds(300));
}

TEST(BootConfig, WaitsWithoutLimitOnlyOnDemand) {
    for (const char *text :
         {"rootwait", "rd.timeout=0", "systemd.default_device_timeout_sec=0",
          "systemd.default_device_timeout_sec=infinity", "rootwait rd.timeout=10"})
        EXPECT_EQ(timeout(text), std::nullopt) << text;
}

TEST(BootConfig, ReportsATimeThatIsNone) {
    const auto bad = config("rd.timeout=soon rootdelay rd.retry=-1");
    EXPECT_EQ(bad.device_timeout, seconds(90));
    EXPECT_EQ(bad.degraded_wait, std::nullopt);
    EXPECT_THAT(bad.problems, ElementsAre(HasSubstr("rd.timeout=soon"), HasSubstr("rootdelay"),
                                          HasSubstr("rd.retry=-1")));
}

TEST(BootConfig, StartsDegradedAtTwoThirdsOfRdRetry) {
    EXPECT_EQ(config("rd.retry=180").degraded_wait, seconds(120));
    EXPECT_EQ(config("rd.retry=1").degraded_wait, Duration(666'666));
    EXPECT_EQ(config("").degraded_wait, std::nullopt);
}

TEST(BootConfig, ChoosesWhatTheConsoleShows) {
    EXPECT_EQ(config("").console_level, LogLevel::info);
    EXPECT_EQ(config("quiet").console_level, LogLevel::warning);
    EXPECT_EQ(config("quiet loglevel=7").console_level, LogLevel::info);
    EXPECT_EQ(config("loglevel=8").console_level, LogLevel::debug);
    EXPECT_EQ(config("loglevel=0").console_level, LogLevel::error);
    EXPECT_EQ(config("loglevel=-2147483648").console_level, LogLevel::error);
    EXPECT_EQ(config("loglevel=2147483647").console_level, LogLevel::debug);
    EXPECT_EQ(config("loglevel=7 quiet").console_level, LogLevel::warning);
    EXPECT_EQ(config("rd.info quiet").console_level, LogLevel::info);
    EXPECT_EQ(config("rd.debug quiet").console_level, LogLevel::debug);
    EXPECT_EQ(config("debug quiet").console_level, LogLevel::debug);
    EXPECT_EQ(config("debug=x").console_level, LogLevel::debug);
    EXPECT_EQ(config("rd.debug=0").console_level, LogLevel::info);
    EXPECT_THAT(config("loglevel=loud").problems, ElementsAre(HasSubstr("loglevel=loud")));
}

TEST(BootConfig, AllowsAShellUnlessSomebodyObjects) {
    EXPECT_TRUE(config("").failure.is_shell_allowed);
    EXPECT_TRUE(config("rd.shell").failure.is_shell_allowed);
    EXPECT_FALSE(config("rd.shell=0").failure.is_shell_allowed);
    EXPECT_FALSE(config("rd.shell=1 panic=10").failure.is_shell_allowed);
    EXPECT_FALSE(config("panic").failure.is_shell_allowed);
    EXPECT_THAT(config("rd.shell=perhaps").problems, ElementsAre(HasSubstr("rd.shell=perhaps")));
}

TEST(BootConfig, PowersOffWithoutAShell) {
    EXPECT_EQ(config("rd.shell=0").failure.action, Action::power_off);
}

TEST(BootConfig, ReadsPanicLikeDebian) {
    const auto later = config("panic=30").failure;
    EXPECT_EQ(later.action, Action::reboot);
    EXPECT_EQ(later.delay, seconds(30));
    const auto now = config("panic=-1").failure;
    EXPECT_EQ(now.action, Action::reboot);
    EXPECT_EQ(now.delay, seconds(0));
    for (const char *text : {"panic=0", "panic", "panic=x"})
        EXPECT_EQ(config(text).failure.action, Action::halt) << text;
}

TEST(BootConfig, LetsRdEmergencyChooseTheAction) {
    const auto chosen = config("panic=30 rd.emergency=poweroff").failure;
    EXPECT_EQ(chosen.action, Action::power_off);
    EXPECT_EQ(chosen.delay, seconds(0));
    EXPECT_FALSE(chosen.is_shell_allowed);
    EXPECT_EQ(config("rd.emergency=reboot").failure.after_shell, Action::reboot);
    EXPECT_EQ(config("rd.emergency=halt").failure.after_shell, Action::halt);
    EXPECT_EQ(config("").failure.after_shell, std::nullopt);
}

TEST(BootConfig, StartsAShellOnRequest) {
    EXPECT_TRUE(config("rd.emergency").is_shell_requested);
    EXPECT_TRUE(config("rd.rescue").is_shell_requested);
    EXPECT_FALSE(config("rd.emergency=reboot").is_shell_requested);
    EXPECT_FALSE(config("rd.emergency=0").is_shell_requested);
    EXPECT_FALSE(config("").is_shell_requested);
    EXPECT_THAT(config("rd.emergency=explode").problems, ElementsAre(HasSubstr("explode")));
}

TEST(BootConfig, KeepsTheSizeOfRun) {
    EXPECT_EQ(config("initramfs.runsize=30%").run_size, "30%");
    EXPECT_EQ(config("").run_size, std::nullopt);
}

TEST(OptionsFor, GivesAPluginItsOwnOptionsOnly) {
    EXPECT_THAT(options("root=a other=b ro", {option("root"), option("missing")}),
                ElementsAre(Pair("root", "a")));
    EXPECT_THAT(options("root=a root=b", {option("root")}), ElementsAre(Pair("root", "b")));
}

TEST(OptionsFor, TakesBareWordsWhereTheyAreAllowed) {
    EXPECT_THAT(options("ro x", {bare("ro"), option("x")}), ElementsAre(Pair("ro", "")));
    EXPECT_THAT(options("x=1 x", {option("x")}), ElementsAre(Pair("x", "1")));
}

TEST(OptionsFor, JoinsLists) {
    EXPECT_THAT(options("a=1 b a= a=3", {list("a")}), ElementsAre(Pair("a", "1\n\n3")));
    EXPECT_THAT(options("f=x f=y,z", {joined("f", ",")}), ElementsAre(Pair("f", "x,y,z")));
}

TEST(OptionsFor, MatchesDashesAndUnderscores) {
    EXPECT_THAT(options("rd.a-b=1", {option("rd.a_b")}), ElementsAre(Pair("rd.a_b", "1")));
}

TEST(OptionsFor, AcceptsThePlainSpellingOfFamiliesAndPrefersThePrefixedOne) {
    const std::vector<OptionSpec> declared = {option("rd.fam.x")};
    EXPECT_THAT(options("fam.x=1", declared, {"fam.*"}), ElementsAre(Pair("rd.fam.x", "1")));
    EXPECT_THAT(options("rd.fam.x=1 fam.x=2", declared, {"fam.*"}),
                ElementsAre(Pair("rd.fam.x", "1")));
    EXPECT_THAT(options("fam.x=2 rd.fam.x=1", declared, {"fam.*"}),
                ElementsAre(Pair("rd.fam.x", "1")));
    EXPECT_THAT(options("rd.fam.x=1 rd.fam.x=3 fam.x=2", declared, {"fam.*"}),
                ElementsAre(Pair("rd.fam.x", "3")));
    EXPECT_THAT(options("fam.x=1", declared, {"other.*"}), IsEmpty());
}

TEST(OptionsFor, TheSpellingsOfAnExceptionAreTwoOptions) {
    EXPECT_THAT(options("fam.a-b=1 rd.fam.a-b=2", {list("rd.fam.a-b"), list("fam.a-b")},
                        {"fam.*", "!fam.a_b"}),
                ElementsAre(Pair("fam.a-b", "1"), Pair("rd.fam.a-b", "2")));
}

TEST(OptionsFor, TakesBothSpellingsIntoALists) {
    EXPECT_THAT(options("fam.x=1 rd.fam.x=2", {list("rd.fam.x")}, {"fam.*"}),
                ElementsAre(Pair("rd.fam.x", "1\n2")));
}

TEST(TriggersImport, NeedsAnOptionThatIsMarked) {
    const std::vector<OptionSpec> declared = {option("a"), imported("b")};
    EXPECT_TRUE(triggers_import(KernelCommandLine::parse("b=1"), declared));
    EXPECT_FALSE(triggers_import(KernelCommandLine::parse("a=1 b"), declared));
}

TEST(BootConfig, OptionsComeInTheOrderInWhichTheyStandLast) {
    const std::vector<OptionSpec> declared = {bare("ro"), bare("rw")};
    const auto options = [&declared](std::string_view text) {
        return options_for(KernelCommandLine::parse(text), declared);
    };
    EXPECT_THAT(options("rw quiet ro"), ElementsAre(Pair("rw", ""), Pair("ro", "")));
    EXPECT_THAT(options("rw ro rw"), ElementsAre(Pair("ro", ""), Pair("rw", "")));
}

TEST(BootConfig, BreaksOfBothDialectsAreCollected) {
    EXPECT_THAT(config("quiet").breaks, IsEmpty());
    EXPECT_THAT(
        config("rd.break=pre-mount rd.break=cmdline break=top,bottom rd.break=pre-mount").breaks,
        ElementsAre("pre-mount", "cmdline", "top", "bottom"));
}

TEST(BootConfig, TheBareBreaksMeanDifferentPoints) {
    EXPECT_THAT(config("rd.break").breaks, ElementsAre("cleanup"));
    EXPECT_THAT(config("rd.break=").breaks, ElementsAre("cleanup"));
    EXPECT_THAT(config("break").breaks, ElementsAre("premount"));
    EXPECT_THAT(config("break=,,").breaks, ElementsAre("premount"));
}

TEST(BootConfig, InfoAndDebugAreShownAlsoWhenTheKernelIsQuiet) {
    EXPECT_FALSE(config("quiet").shows_log);
    EXPECT_TRUE(config("quiet rd.info").shows_log);
    EXPECT_EQ(config("quiet rd.info").console_level, LogLevel::info);
    EXPECT_TRUE(config("quiet rd.debug").shows_log);
    EXPECT_FALSE(config("debug").shows_log); // the kernel's own word: it prints everything itself
    EXPECT_TRUE(config("rd.debug").log_levels.admit({LogLevel::debug, "", "luks"}));
    EXPECT_FALSE(config("rd.info").log_levels.admit({LogLevel::debug, "", "luks"}));
}

TEST(BootConfig, ALockedAccountCanBeForcedOpen) {
    EXPECT_FALSE(config("quiet").failure.is_shell_forced);
    EXPECT_TRUE(config("SYSTEMD_SULOGIN_FORCE=1").failure.is_shell_forced);
    EXPECT_FALSE(config("SYSTEMD_SULOGIN_FORCE=0").failure.is_shell_forced);
    EXPECT_EQ(config("systemd.debug_shell").debug_terminal, "/dev/tty9");
}

} // namespace
} // namespace slipway
