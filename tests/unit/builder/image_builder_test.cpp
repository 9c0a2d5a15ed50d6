// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_builder.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <format>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "builder/root_tree.h"
#include "builder/why_file.h"
#include "unit/builder/temporary_directory.h"

namespace slipway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TemporaryDirectory;

// A root with a kernel that has no modules at all, and one plugin.
class ImageBuilderTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists("/usr/sbin/depmod"))
            GTEST_SKIP() << "depmod (of the package kmod) is not installed";
        root_.make_directory("usr/lib/modules/1.0");
        root_.link("usr/lib", "lib");
        root_.write("usr/lib/modules/1.0/modules.order", "");
        root_.write("usr/lib/modules/1.0/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
        const std::string depmod =
            std::format("/usr/sbin/depmod -b {} 1.0 2>/dev/null", root_.path());
        ASSERT_EQ(std::system(depmod.c_str()), 0);
        root_.write("etc/fstab", "UUID=1 / ext4 defaults 0 1\n");
        root_.write("usr/sbin/modprobe", "modprobe");
        root_.write("usr/sbin/demo", "demo");
        root_.write("usr/lib/slipway/slipway-init", "PID 1");
        root_.write("usr/lib/slipway/plugins/demo.so", "plugin");
        root_.write("usr/share/slipway/units/demo.toml",
                    "[plugin]\nname = \"demo\"\nlibrary = \"demo.so\"\n"
                    "[image]\nprograms = [\"demo\"]\nmodules = [\"ext4\"]\n"
                    "[image.host]\nneeded = [{ fs_type = \"ext4\" }]\n");
        request_.root = root_.path();
        request_.output = output_.path() + "/initrd.img";
    }

    std::vector<std::string> paths() const {
        std::vector<std::string> paths;
        const auto entries = list_archive(request_.output);
        EXPECT_TRUE(entries) << entries.error().message();
        for (const ArchivedEntry &entry : entries.value_or(std::vector<ArchivedEntry>()))
            paths.push_back(entry.path);
        return paths;
    }

    std::string image() const { return read_host_file(request_.output, 1U << 26U).value_or(""); }

    TemporaryDirectory root_;
    TemporaryDirectory output_;
    BuildRequest request_;
};

TEST_F(ImageBuilderTest, LeavesTheStatusProgramsOutOnRequest) {
    root_.write("usr/lib/slipway/slipway-bus", "bus");
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), ::testing::Contains("usr/lib/slipway/slipway-bus"));
    request_.status = false;
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), ::testing::Not(::testing::Contains("usr/lib/slipway/slipway-bus")));
}

TEST_F(ImageBuilderTest, WhatIsForTheBusOfTheHostStaysThere) {
    root_.write("usr/lib/slipway/slipway-bus", "bus");
    root_.write("usr/lib/systemd/system/slipway-bus.service", "unit");
    root_.write("usr/share/dbus-1/system-services/org.slipway.service", "service");
    root_.write("usr/share/dbus-1/system.d/org.slipway.conf", "policy");
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), Contains("usr/lib/slipway/slipway-bus"));
    EXPECT_THAT(paths(), ::testing::Not(Contains(HasSubstr("dbus-1"))));
    EXPECT_THAT(paths(), ::testing::Not(Contains(HasSubstr("slipway-bus.service"))));
}

TEST_F(ImageBuilderTest, PutsPluginUnitFileAndProgramIntoTheImage) {
    const BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_THAT(paths(),
                ::testing::IsSupersetOf({"init", "usr/lib/slipway/slipway-init", "usr/sbin/demo",
                                         "usr/lib/slipway/plugins/demo.so", "usr/sbin/modprobe",
                                         "usr/share/slipway/units/demo.toml",
                                         "usr/lib/modules/1.0/modules.dep.bin",
                                         "usr/share/slipway/manifest.json"}));
    EXPECT_EQ(result.report->kernel_version, "1.0");
    EXPECT_EQ(result.report->modules, 0U); // ext4 is built in
}

TEST_F(ImageBuilderTest, WritesTheSameImageTwice) {
    ASSERT_TRUE(build_image(request_).report);
    const std::string first = image();
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(first, image());
}

TEST_F(ImageBuilderTest, GivesAReasonForEveryEntry) {
    ASSERT_TRUE(build_image(request_).report);
    std::string text;
    ASSERT_TRUE(read_archived_file(request_.output, kWhyFile, [&](std::string_view bytes) {
        text += bytes;
        return Result<>();
    }));
    const auto reasons = read_reasons(text);
    ASSERT_TRUE(reasons);
    for (const std::string &path : paths()) {
        ASSERT_TRUE(reasons->contains(path)) << path;
        EXPECT_NE(reasons->at(path), "") << path;
    }
}

TEST_F(ImageBuilderTest, LeavesOutWhatTheMachineDoesNotNeed) {
    root_.write("etc/fstab", "UUID=1 / xfs defaults 0 1\n");
    const BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.report->skipped, ElementsAre("demo"));
    EXPECT_THAT(paths(), ::testing::Not(Contains("usr/sbin/demo")));
    EXPECT_THAT(paths(), ::testing::Not(Contains("usr/lib/slipway/plugins/demo.so")));
}

TEST_F(ImageBuilderTest, TheShellCanBeLeftOut) {
    root_.write("usr/bin/busybox", "busybox");
    root_.write("usr/share/slipway/units/shell.toml",
                "[[image.first]]\nprograms = [\"busybox\"]\n"
                "links = { \"/usr/bin/sh\" = \"busybox\" }\n");
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), Contains("usr/bin/sh"));
    request_.without = {"shell"};
    const BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_THAT(result.report->skipped, Contains("shell"));
    EXPECT_THAT(paths(), ::testing::Not(Contains("usr/bin/sh")));
    EXPECT_THAT(paths(), ::testing::Not(Contains("usr/bin/busybox")));
    EXPECT_THAT(paths(), Contains("usr/sbin/demo"));
}

TEST_F(ImageBuilderTest, TakesEverythingInGenericMode) {
    root_.write("etc/fstab", "UUID=1 / xfs defaults 0 1\n");
    request_.mode = ImageMode::generic;
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), Contains("usr/sbin/demo"));
}

TEST_F(ImageBuilderTest, ReportsEverythingThatIsMissingAndKeepsTheOldImage) {
    output_.write("initrd.img", "old");
    std::filesystem::remove(root_.path() + "/usr/sbin/demo");
    std::filesystem::remove(root_.path() + "/usr/lib/slipway/slipway-init");
    root_.write("etc/slipway/units/own.toml", "[image]\nmodules = [\"nosuch\"]\nfoo = 1\n");
    const BuildResult result = build_image(request_);
    EXPECT_FALSE(result.report);
    EXPECT_THAT(result.problems,
                ::testing::UnorderedElementsAre(HasSubstr("slipway-init"), HasSubstr("demo"),
                                                HasSubstr("nosuch"), HasSubstr("`foo`")));
    EXPECT_EQ(image(), "old");
}

TEST_F(ImageBuilderTest, WhatNobodyIsKnownToNeedIsLeftOutWhenItsProgramIsMissing) {
    std::filesystem::remove(root_.path() + "/usr/sbin/demo");
    root_.write("etc/fstab", "# the root may be ext4\n");
    for (const ImageMode mode : {ImageMode::host, ImageMode::generic}) {
        request_.mode = mode;
        const BuildResult result = build_image(request_);
        ASSERT_TRUE(result.report) << ::testing::PrintToString(result.problems);
        EXPECT_THAT(result.report->skipped, ElementsAre("demo"));
        EXPECT_THAT(result.notices,
                    Contains(AllOf(HasSubstr("demo.toml is left out"), HasSubstr("program demo"))));
    }
}

TEST_F(ImageBuilderTest, WhatIsAskedForMustBeComplete) {
    std::filesystem::remove(root_.path() + "/usr/sbin/demo");
    request_.with = {"demo"};
    const BuildResult result = build_image(request_);
    EXPECT_FALSE(result.report);
    EXPECT_THAT(result.problems, ElementsAre(HasSubstr("demo")));
}

TEST_F(ImageBuilderTest, KeepsTheOldImageAndLeavesNoRubbishWhenInterrupted) {
    output_.write("initrd.img", "old");
    int asked = 0;
    request_.interrupted = [&] { return ++asked > 5; };
    const BuildResult result = build_image(request_);
    ASSERT_FALSE(result.report);
    EXPECT_EQ(result.report.error().code(), ECANCELED);
    EXPECT_EQ(image(), "old");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(output_.path()), {}), 1);
}

TEST_F(ImageBuilderTest, TakesTheFirstAlternativeThatIsComplete) {
    root_.write("usr/bin/dash", "dash");
    root_.write(
        "usr/share/slipway/units/shell.toml",
        "[[image.first]]\nprograms = [\"busybox\"]\nlinks = { \"/usr/bin/sh\" = \"busybox\" }\n"
        "[[image.first]]\nprograms = [\"dash\"]\nlinks = { \"/usr/bin/sh\" = \"dash\" }\n");
    const BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    const auto entries = list_archive(request_.output);
    const auto sh = std::ranges::find(*entries, "usr/bin/sh", &ArchivedEntry::path);
    ASSERT_NE(sh, entries->end());
    EXPECT_EQ(sh->target, "dash");
}

TEST_F(ImageBuilderTest, NamesTheKernelsThatAreThereWhenOneIsNot) {
    request_.kernel_version = "2.0";
    const BuildResult result = build_image(request_);
    ASSERT_FALSE(result.report);
    EXPECT_THAT(result.report.error().message(), HasSubstr("2.0"));
    EXPECT_THAT(result.report.error().message(), HasSubstr("available (--kernel-version): 1.0"));
}

TEST_F(ImageBuilderTest, AddsFilesAndCommandLineThatWereAskedFor) {
    const TemporaryDirectory files;
    request_.files = {{files.write("dir/a", "A"), "/etc/a"}, {files.path() + "/dir", "/etc/dir"}};
    request_.cmdline = "quiet";
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), ::testing::IsSupersetOf(
                             {"etc/a", "etc/dir/a", "etc/cmdline.d/50-slipway-build.conf"}));
}

TEST_F(ImageBuilderTest, ThePasswordOfRootStandsBeforeTheShellOfAHostImage) {
    root_.write("usr/bin/busybox", "busybox");
    root_.write("usr/lib/slipway/shell-login", "login");
    root_.write("usr/share/slipway/units/shell.toml", "[image]\nprograms = [\"busybox\"]\n");
    root_.write("etc/shadow", "daemon:*:1::::::\nroot:$y$j9T$a$b:1:0:99999:7:::\n");
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), ::testing::IsSupersetOf(
                             {"etc/slipway/shell-password", "usr/lib/slipway/shell-login"}));
    std::string hash;
    ASSERT_TRUE(read_archived_file(request_.output, "/etc/slipway/shell-password",
                                   [&](std::string_view bytes) {
                                       hash += bytes;
                                       return Result<>();
                                   }));
    EXPECT_EQ(hash, "$y$j9T$a$b\n");
    request_.shell = ShellChoice::open;
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), ::testing::Not(Contains("etc/slipway/shell-password")));
    request_.shell = ShellChoice::automatic;
    request_.without = {"shell"};
    ASSERT_TRUE(build_image(request_).report);
    EXPECT_THAT(paths(), ::testing::Not(Contains("etc/slipway/shell-password")));
}

TEST_F(ImageBuilderTest, AnAuthenticatedShellNeedsAPassword) {
    root_.write("usr/bin/busybox", "busybox");
    root_.write("usr/share/slipway/units/shell.toml", "[image]\nprograms = [\"busybox\"]\n");
    root_.write("etc/shadow", "root:*:1::::::\n");
    request_.shell = ShellChoice::authenticated;
    const BuildResult result = build_image(request_);
    EXPECT_FALSE(result.report);
    EXPECT_THAT(result.problems, Contains(HasSubstr("root has no password")));
}

// Files for both device back ends, as slipway installs them.
class DeviceBackendTest : public ImageBuilderTest {
protected:
    void SetUp() override {
        ImageBuilderTest::SetUp();
        for (const std::string name : {"native", "udevd"}) {
            root_.write("usr/lib/slipway/plugins/" + name + ".so", name);
            root_.write("usr/share/slipway/units/" + name + ".toml",
                        "[devices]\nbackend = \"" + name + "\"\n[plugin]\nname = \"" + name +
                            "\"\nlibrary = \"" + name + ".so\"\n");
        }
    }
};

TEST_F(DeviceBackendTest, IsNativeIfNothingElseIsSaid) {
    const BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.report->units, Contains("native"));
    EXPECT_THAT(result.report->skipped, Contains("udevd"));
    EXPECT_THAT(paths(), ::testing::Not(Contains("usr/lib/slipway/plugins/udevd.so")));
}

TEST_F(DeviceBackendTest, IsTheOneThatWasAskedFor) {
    request_.devices = "udevd";
    request_.mode = ImageMode::generic;
    const BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.report->units, Contains("udevd"));
    EXPECT_THAT(result.report->units, ::testing::Not(Contains("native")));
}

TEST_F(DeviceBackendTest, TheAdministratorsFileChoosesUnlessTheCommandLineDoes) {
    root_.write("etc/slipway/units/local.toml", "[devices]\nbackend = \"udevd\"\n");
    BuildResult result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.report->units, ::testing::IsSupersetOf({"udevd", "local"}));
    request_.devices = "native";
    result = build_image(request_);
    ASSERT_TRUE(result.report) << result.report.error().message();
    EXPECT_THAT(result.report->units, Contains("native"));
    EXPECT_THAT(result.report->skipped, ::testing::IsSupersetOf({"udevd", "local"}));
}

TEST_F(ImageBuilderTest, ADeviceBackEndThatNobodyBringsIsAProblem) {
    request_.devices = "udevd";
    const BuildResult result = build_image(request_);
    EXPECT_FALSE(result.report);
    EXPECT_THAT(result.problems,
                ElementsAre(HasSubstr("no unit file is for the device back end udevd")));
}

} // namespace
} // namespace slipway
