// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/import_plan.h"

#include <gmock/gmock.h>

#include "support/fake_system.h"

namespace slipway {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

PluginSpec plugin(const std::string &name) {
    PluginSpec spec;
    spec.name = name;
    OptionSpec option;
    option.key = "rd." + name;
    option.import = true;
    spec.options = {option};
    return spec;
}

class ImportPlan : public testing::Test {
protected:
    std::vector<ImportRequest> plan(const std::string &line, const PluginSpec &spec) {
        return plan_imports(system_, KernelCommandLine::parse(line), {spec}, {}, problems_);
    }
    test::FakeSystem system_;
    std::vector<std::string> problems_;
};

TEST_F(ImportPlan, APluginWhoseOptionIsAbsentDoesNotRun) {
    EXPECT_THAT(plan("quiet", plugin("a")), IsEmpty());
    EXPECT_THAT(plan("rd.a=1", plugin("a")), SizeIs(1));
}

TEST_F(ImportPlan, APluginMayAskToRunAlways) {
    PluginSpec always = plugin("a");
    always.always_import = true;
    EXPECT_THAT(plan("", always), SizeIs(1));
}

TEST_F(ImportPlan, EachFileThatIsInTheImageIsImported) {
    PluginSpec files = plugin("a");
    files.import_files = {"/etc/there", "/etc/absent"};
    system_.add_file("/etc/there", "content");
    const auto imports = plan("", files);
    ASSERT_THAT(imports, SizeIs(1));
    EXPECT_EQ(imports[0].params.at("file"), "/etc/there");
    EXPECT_EQ(imports[0].params.at("text"), "content");
    EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(ImportPlan, AFileThatCannotBeReadIsAProblemAndNotAnImport) {
    PluginSpec files = plugin("a");
    files.import_files = {"/etc/there"};
    system_.add_file("/etc/there", "content");
    system_.fail("read", "/etc/there", EIO);
    EXPECT_THAT(plan("", files), IsEmpty());
    EXPECT_THAT(problems_, SizeIs(1));
}

} // namespace
} // namespace slipway
