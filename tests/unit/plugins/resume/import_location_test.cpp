// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/import_location.h"

#include <gmock/gmock.h>

#include <map>

#include "unit/plugins/fake_host.h"
#include "unit/plugins/resume/efi_variable.h"

namespace slipway::resume {
namespace {

using sdk::Outcome;
using test::efi_variable;
using test::kLocationJson;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ImportLocation : public ::testing::Test {
protected:
    Outcome run() {
        sdk::Context context(host.raw());
        return import_location(context, sdk::Request(request.raw()),
                               [this](const std::string &path) -> std::optional<std::string> {
                                   const auto found = files.find(path);
                                   return found == files.end() ? std::nullopt
                                                               : std::optional(found->second);
                               });
    }
    // The run that PID 1 makes for a file.
    Outcome run_for(std::string_view file, const std::string &text) {
        request.params = {{"file", std::string(file)}, {"text", text}};
        files[std::string(file)] = text;
        return run();
    }

    test::FakeHost host;
    test::FakeRequest request;
    std::map<std::string, std::string> files = {{"/etc/initrd-release", "ID=debian\n"}};
};

TEST_F(ImportLocation, TheCommandLineMakesAJobBeforeTheBarrier) {
    request.options = {{"resume", "UUID=1"}, {"resume_offset", "7"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units,
                AllOf(HasSubstr("name = \"resume\"\n"), HasSubstr("kind = \"job\""),
                      HasSubstr("device = \"UUID=1\"\n"), HasSubstr("device_timeout = \"10s\"\n"),
                      HasSubstr("before = [\"resume-decided\"]"),
                      HasSubstr("params = { offset = \"7\", source = \"\" }")));
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(ImportLocation, NoValueForgesAKey) {
    request.options = {{"resume", "LABEL=a\"\nwrites = true"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr(R"(device = "LABEL=a\"\u000Awrites = true")"));
}

TEST_F(ImportLocation, BadWordsAreToldOnceAndNothingIsMade) {
    request.options = {{"resume", "?"}, {"resumeflags", "x"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
    EXPECT_THAT(host.log_text(), AllOf(HasSubstr("resume=?"), HasSubstr("resumeflags=x")));
    host.logged.clear();
    EXPECT_EQ(run_for(kResumeConf, "RESUME=UUID=2\n"), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(ImportLocation, NoresumeSilencesEverySource) {
    request.options = {{"noresume", ""}, {"resume", "UUID=1"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_EQ(run_for(kEfiVariable, efi_variable(kLocationJson)), Outcome::done);
    EXPECT_EQ(run_for(kResumeConf, "RESUME=UUID=2\n"), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
    EXPECT_THAT(host.reason, HasSubstr("noresume"));
}

TEST_F(ImportLocation, TheEfiVariableMakesAJob) {
    EXPECT_EQ(run_for(kEfiVariable, efi_variable(kLocationJson)), Outcome::done);
    EXPECT_THAT(host.units, AllOf(HasSubstr("UUID=0a1b2c3d-0000-1111-2222-333344445555"),
                                  HasSubstr("{ offset = \"34816\", source = \"efi\" }")));
}

TEST_F(ImportLocation, TheCommandLineWinsOverFiles) {
    request.options = {{"resume", "UUID=1"}};
    EXPECT_EQ(run_for(kEfiVariable, efi_variable(kLocationJson)), Outcome::done);
    EXPECT_EQ(run_for(kResumeConf, "RESUME=UUID=2\n"), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(ImportLocation, TheEfiVariableWinsOverTheConfiguration) {
    files[std::string(kEfiVariable)] = efi_variable(kLocationJson);
    EXPECT_EQ(run_for(kResumeConf, "RESUME=UUID=2\n"), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
    files[std::string(kEfiVariable)] = "nonsense";
    EXPECT_EQ(run_for(kResumeConf, "RESUME=UUID=2\n"), Outcome::done);
    EXPECT_THAT(host.units, HasSubstr("device = \"UUID=2\""));
    EXPECT_THAT(host.logged, IsEmpty()); // the run for the variable says it
}

TEST_F(ImportLocation, AVariableOfAnotherSystemIsLeftAlone) {
    files["/etc/initrd-release"] = "ID=arch\n";
    EXPECT_EQ(run_for(kEfiVariable, efi_variable(kLocationJson)), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
    EXPECT_THAT(host.log_text(), HasSubstr("another system hibernated there (debian"));
}

TEST_F(ImportLocation, ABadVariableIsReported) {
    EXPECT_EQ(run_for(kEfiVariable, efi_variable("{}")), Outcome::done);
    EXPECT_THAT(host.units, IsEmpty());
    EXPECT_THAT(host.log_text(), HasSubstr("HibernateLocation is ignored: its uuid"));
}

TEST_F(ImportLocation, TheConfigurationMakesAJobWithTheOffsetOfTheCommandLine) {
    request.options = {{"resume_offset", "9"}};
    EXPECT_EQ(run_for(kResumeConf, "RESUME=/dev/mapper/vg-swap\n"), Outcome::done);
    EXPECT_THAT(host.units, AllOf(HasSubstr("device = \"/dev/mapper/vg-swap\""),
                                  HasSubstr("{ offset = \"9\", source = \"\" }")));
}

TEST_F(ImportLocation, AConfigurationWithoutADeviceMakesNothing) {
    EXPECT_EQ(run_for(kResumeConf, "RESUME=none\n"), Outcome::done);
    EXPECT_EQ(run_for(kResumeConf, ""), Outcome::done);
    EXPECT_THAT(host.logged, IsEmpty());
    EXPECT_EQ(run_for(kResumeConf, "RESUME=auto\n"), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("RESUME=auto"));
    host.logged.clear();
    EXPECT_EQ(run_for(kResumeConf, "RESUME=swap\x07\n"), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("RESUME=swap? names no device"));
    EXPECT_THAT(host.units, IsEmpty());
}

TEST_F(ImportLocation, AnOffsetWithoutADeviceIsReported) {
    request.options = {{"resume_offset", "9"}};
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("resume_offset= is ignored"));
    host.logged.clear();
    files[std::string(kResumeConf)] = "RESUME=UUID=1\n";
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.logged, IsEmpty());
}

TEST_F(ImportLocation, FilesOfAnotherRootAreLookedForThere) {
    request.params = {{"root", "/mnt"}};
    request.options = {{"resume_offset", "9"}};
    files["/mnt" + std::string(kResumeConf)] = "RESUME=UUID=1\n";
    EXPECT_EQ(run(), Outcome::done);
    EXPECT_THAT(host.logged, IsEmpty());
}

} // namespace
} // namespace slipway::resume
