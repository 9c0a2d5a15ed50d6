// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/known_options.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kText = R"(
[both_spellings]
words = ["fam.*"]
[foreign]
words = ["acpi", "BOOT_IMAGE", "rd.udev.*"]
[unsupported]
"resume" = "hibernation images are not resumed yet"
"rd.some_thing.*" = "there is no such thing"
)";

OptionSpec option(std::string key, bool bare = false) {
    OptionSpec spec;
    spec.key = std::move(key);
    spec.bare = bare;
    return spec;
}

const std::vector<OptionSpec> kDeclared = {option("root"), option("rd.fam.name"),
                                           option("ro", true)};

std::vector<std::string> report(std::string_view line) {
    const auto known = KnownOptions::parse(kText, "options.toml");
    EXPECT_TRUE(known) << known.error().message();
    return known->report(KernelCommandLine::parse(line), kDeclared);
}

std::string refusal(std::string_view text) {
    const auto known = KnownOptions::parse(text, "options.toml");
    EXPECT_FALSE(known);
    return known ? "" : known.error().message();
}

TEST(KnownOptions, SaysNothingAboutWordsThatAreRead) {
    EXPECT_THAT(report("root=x ro rd.fam.name=a fam.name=b rd.timeout=1 quiet rd.shell=0"),
                IsEmpty());
}

TEST(KnownOptions, SaysNothingAboutForeignWords) {
    EXPECT_THAT(report("BOOT_IMAGE=/vmlinuz acpi=off rd.udev.children_max=2 i915.modeset=1 "
                       "net.ifnames=0 single nomodeset"),
                IsEmpty());
}

TEST(KnownOptions, ReportsAnUnknownWordWithTheNearestKnown) {
    EXPECT_THAT(report("rd.fam.nme=x"),
                ElementsAre("unknown option \"rd.fam.nme=…\": ignored; nearest known: "
                            "\"rd.fam.name\""));
    EXPECT_THAT(report("rd.breakfast"), ElementsAre("unknown option \"rd.breakfast\": ignored"));
    EXPECT_THAT(report("frobnicate=1"), ElementsAre("unknown option \"frobnicate=…\": ignored"));
    EXPECT_THAT(report("slipway.x=1"), ElementsAre(HasSubstr("slipway.x")));
}

TEST(KnownOptions, ReportsWhatIsNotSupportedWithItsNote) {
    EXPECT_THAT(report("resume=UUID=1 rd.some-thing.else=1"),
                ElementsAre("option \"resume=…\" is not supported: hibernation images are not "
                            "resumed yet",
                            "option \"rd.some-thing.else=…\" is not supported: there is no such "
                            "thing"));
}

TEST(KnownOptions, LetsADeclarationOverruleTheNote) {
    const auto known = KnownOptions::parse(kText, "options.toml");
    const std::vector<OptionSpec> declared = {option("resume")};
    EXPECT_THAT(known->report(KernelCommandLine::parse("resume=x"), declared), IsEmpty());
}

TEST(KnownOptions, ReportsAnOptionThatLacksItsValue) {
    EXPECT_THAT(report("root"), ElementsAre(HasSubstr("needs a value")));
}

TEST(KnownOptions, ReportsARepeatedWordOnce) {
    EXPECT_THAT(report("resume=a resume=b").size(), 1U);
}

TEST(KnownOptions, NeverShowsValues) {
    EXPECT_THAT(report("rd.secret=hunter2 resume=hunter2 x=hunter2"),
                Each(Not(HasSubstr("hunter2"))));
}

TEST(KnownOptions, RefusesAFileWithMistakesAndNamesTheLine) {
    EXPECT_THAT(refusal("[foreign\n"), HasSubstr("options.toml:1"));
    EXPECT_THAT(refusal("[foreign]\nwords = 3\n"), HasSubstr("options.toml:2"));
    EXPECT_THAT(refusal("[foreing]\nwords = []\n"), HasSubstr("foreign"));
    EXPECT_THAT(refusal("[unsupported]\nx = 1\n"), HasSubstr("options.toml:2"));
    EXPECT_THAT(refusal(std::string(300 << 10, '#')), HasSubstr("256 KiB"));
}

// The file that is shipped, found from this one.
std::string shipped_text() {
    const auto file = std::filesystem::path(__FILE__).parent_path() / "../../../units/options.toml";
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ShippedOptions, AreWellFormed) {
    const auto known = KnownOptions::parse(shipped_text(), "units/options.toml");
    ASSERT_TRUE(known) << known.error().message();
    EXPECT_THAT(known->both_spellings(), Not(IsEmpty()));
}

TEST(ShippedOptions, KeepQuietAboutACommonCommandLine) {
    const auto known = KnownOptions::parse(shipped_text(), "units/options.toml");
    ASSERT_TRUE(known);
    const std::vector<OptionSpec> declared = {option("root"), option("ro", true)};
    const auto line = KernelCommandLine::parse(
        "BOOT_IMAGE=/vmlinuz-6.12 root=UUID=1 ro quiet splash console=ttyS0,115200 apparmor=1 "
        "security=apparmor systemd.unit=rescue.target mitigations=off crashkernel=256M "
        "transparent_hugepage=never nosmt=force rcu_nocbs=1 vt.handoff=7 nomodeset panic=0");
    EXPECT_THAT(known->report(line, declared), IsEmpty());
}

TEST(ShippedOptions, ReportWhatIsNotBuilt) {
    const auto known = KnownOptions::parse(shipped_text(), "units/options.toml");
    ASSERT_TRUE(known);
    const auto line = KernelCommandLine::parse("ip=dhcp resume=/dev/x rd.md.uuid=1 subvol=a "
                                               "rd.lv.vg=dracut");
    EXPECT_THAT(known->report(line, {}), ElementsAre(HasSubstr("\"ip=…\" is not supported"),
                                                     HasSubstr("\"resume=…\" is not supported"),
                                                     HasSubstr("\"rd.md.uuid=…\" is not supported"),
                                                     HasSubstr("unknown option \"subvol=…\""),
                                                     HasSubstr("unknown option \"rd.lv.vg=…\"")));
}

} // namespace
} // namespace slipway
