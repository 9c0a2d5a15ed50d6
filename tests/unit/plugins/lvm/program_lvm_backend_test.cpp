// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/program_lvm_backend.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "unit/plugins/fake_host.h"

namespace slipway::lvm {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ProgramLvmBackendTest : public ::testing::Test {
protected:
    ~ProgramLvmBackendTest() override { ::unsetenv("DM_DISABLE_UDEV"); }

    std::vector<std::string> command_of_activation() {
        host.on_run = [](const auto &) { return sdk::RunResult{0, "", ""}; };
        sdk::Context context(host.raw());
        EXPECT_TRUE(make_program_lvm_backend(context)->activate(
            {{"vg0/root"}, {"/dev/vda2"}, false, false, ""}));
        return host.programs.empty() ? std::vector<std::string>() : host.programs.back();
    }
    test::FakeHost host;
};

TEST_F(ProgramLvmBackendTest, DoesNotWaitForAnUdevThatIsNotThere) {
    ::setenv("DM_DISABLE_UDEV", "1", 1);
    EXPECT_THAT(command_of_activation(), Contains(AllOf(HasSubstr("udev_sync=0 udev_rules=0"),
                                                        Not(HasSubstr("udev_sync=1")))));
}

TEST_F(ProgramLvmBackendTest, WaitsForTheOneThatMakesItsNodes) {
    EXPECT_THAT(command_of_activation(), Contains(AllOf(HasSubstr("udev_sync=1 udev_rules=1"),
                                                        Not(HasSubstr("udev_sync=0")))));
}

} // namespace
} // namespace slipway::lvm
