// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ImageManifest, ReadsEveryTable) {
    Problems problems;
    const ImageManifest manifest = read_image_manifest("/units/demo.toml", R"(
[plugin]
name = "demo"
library = "demo.so"
[image]
modules = ["a", "b?"]
load = ["c"]
plan_unit = "modules@{group}"
[image.host]
needed = [{ file = "/etc/demotab", stack = "unknown" }, { dm_uuid = ["X-*", "!X-9"] }]
files = ["/etc/demotab"]
[image.generic]
drivers = ["=drivers/net"]
[[image.when]]
needed = [{ fs_type = "xfs" }]
modules = ["xfs"]
[[image.first]]
programs = ["busybox"]
links = { "/usr/bin/sh" = "busybox" }
)",
                                                       problems);
    EXPECT_THAT(problems.problems(), IsEmpty());
    EXPECT_EQ(manifest.name, "demo");
    EXPECT_EQ(manifest.library, "demo.so");
    EXPECT_THAT(manifest.always.modules, ElementsAre("a", "b?"));
    EXPECT_THAT(manifest.always.load, ElementsAre("c"));
    EXPECT_EQ(manifest.plan_unit, "modules@{group}");
    ASSERT_EQ(manifest.host_needed.size(), 2U);
    EXPECT_EQ(manifest.host_needed[0].keys.size(), 2U);
    EXPECT_THAT(manifest.host_needed[1].keys,
                ElementsAre(Pair("dm_uuid", ElementsAre("X-*", "!X-9"))));
    EXPECT_THAT(manifest.host.files, ElementsAre("/etc/demotab"));
    EXPECT_THAT(manifest.generic.drivers, ElementsAre("=drivers/net"));
    ASSERT_EQ(manifest.when.size(), 1U);
    EXPECT_THAT(manifest.when[0].needs.modules, ElementsAre("xfs"));
    ASSERT_EQ(manifest.first.size(), 1U);
    EXPECT_THAT(manifest.first[0].links, ElementsAre(Pair("/usr/bin/sh", "busybox")));
}

TEST(ImageManifest, ReportsAllMistakesInOnePassWithFileLineAndRemedy) {
    Problems problems;
    (void)read_image_manifest("x.toml",
                              "[image]\nmodule = [\"a\"]\nprograms = \"b\"\n"
                              "[image.host]\nneeded = [{ fstype = \"c\" }]\n",
                              problems);
    EXPECT_THAT(problems.problems(),
                ::testing::UnorderedElementsAre(
                    HasSubstr("x.toml:2: unknown key `module` in [image]; did you mean `modules`?"),
                    HasSubstr("x.toml:3: `programs` must be a list of strings"),
                    HasSubstr("did you mean `fs_type`?"), HasSubstr("x.toml:5: ")));
}

TEST(ImageManifest, ReportsASyntaxErrorWithItsLine) {
    Problems problems;
    (void)read_image_manifest("x.toml", "[image]\nmodules = [\n", problems);
    EXPECT_THAT(problems.problems(), ElementsAre(HasSubstr("x.toml:")));
}

TEST(ImageManifest, RefusesALibraryThatIsAPath) {
    Problems problems;
    const ImageManifest manifest =
        read_image_manifest("x.toml", "[plugin]\nlibrary = \"../evil.so\"\n", problems);
    EXPECT_THAT(problems.problems(), ElementsAre(HasSubstr("without \"/\"")));
    EXPECT_EQ(manifest.library, "");
}

} // namespace
} // namespace slipway
