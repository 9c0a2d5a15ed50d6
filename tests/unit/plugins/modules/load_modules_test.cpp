// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modules/load_modules.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <map>

#include "unit/plugins/fake_host.h"

namespace slipway::modules {
namespace {

using sdk::Outcome;
using test::FakeHost;
using test::FakeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeKmodBackend final : public KmodBackend {
public:
    Result<std::vector<std::string>> find(const std::string &name,
                                          bool applies_blacklist) override {
        applied_blacklist = applies_blacklist;
        if (is_broken)
            return failure("look up module " + name + ": Input/output error", EIO);
        const auto found = answers.find(name);
        return found == answers.end() ? std::vector<std::string>() : found->second;
    }
    Result<> insert(const std::string &module) override {
        if (const auto found = errors.find(module); found != errors.end())
            return errno_failure("load module " + module, found->second);
        inserted.push_back(module);
        return {};
    }

    std::map<std::string, std::vector<std::string>> answers = {
        {"virtio:d2v1", {"virtio_blk"}},
        {"pci:v1d2", {"first", "dm-second", "third"}},
        {"virtio_blk", {"virtio_blk"}},
        {"ext4", {"ext4"}}};
    std::map<std::string, int> errors; // module → errno value
    bool is_broken = false;
    bool applied_blacklist = false;
    std::vector<std::string> inserted;
};

class LoadModules : public ::testing::Test {
protected:
    Outcome load_for(const std::string &modalias) {
        request.unit = "modules@" + modalias;
        request.key = modalias;
        return load();
    }
    Outcome load_named(const std::string &modules) {
        request.unit = "modules@plan";
        request.key = "plan";
        request.params = {{"modules", modules}};
        return load();
    }
    Outcome load() {
        sdk::Context context(host.raw());
        return load_modules(context, sdk::Request(request.raw()), backend);
    }

    FakeHost host;
    FakeRequest request;
    FakeKmodBackend backend;
};

TEST_F(LoadModules, AModaliasLoadsAllThatAnswerToIt) {
    EXPECT_EQ(load_for("pci:v1d2"), Outcome::done);
    EXPECT_THAT(backend.inserted, ElementsAre("first", "dm-second", "third"));
    EXPECT_TRUE(backend.applied_blacklist);
    EXPECT_EQ(host.reason, "loaded first, dm-second, third");
}

TEST_F(LoadModules, AModaliasThatNobodyAnswersToIsNoError) {
    EXPECT_EQ(load_for("pci:unknown"), Outcome::done);
    EXPECT_THAT(host.reason, HasSubstr("no module in the image"));
}

TEST_F(LoadModules, EveryBlacklistOptionKeepsAModuleOut) {
    for (const char *option :
         {"rd.driver.blacklist", "module_blacklist", "modprobe.blacklist", "blacklist"}) {
        backend.inserted.clear();
        request.options = {{option, "x,dm_second"}};
        EXPECT_EQ(load_for("pci:v1d2"), Outcome::done);
        EXPECT_THAT(backend.inserted, ElementsAre("first", "third")) << option;
        EXPECT_THAT(host.log_text(), HasSubstr("dm-second is not loaded")) << option;
    }
}

TEST_F(LoadModules, AFailingModuleDoesNotKeepTheOthersOut) {
    backend.errors["first"] = EINVAL;
    EXPECT_EQ(load_for("pci:v1d2"), Outcome::failed);
    EXPECT_THAT(backend.inserted, ElementsAre("dm-second", "third"));
    EXPECT_THAT(host.reason, HasSubstr("load module first: Invalid argument"));
}

TEST_F(LoadModules, AModuleWithoutItsHardwareIsNoError) {
    backend.errors["first"] = ENODEV;
    EXPECT_EQ(load_for("pci:v1d2"), Outcome::done);
    EXPECT_THAT(host.log_text(), HasSubstr("first"));
}

TEST_F(LoadModules, AFileThatTheImageLacksIsNamed) {
    backend.errors["first"] = ENOENT;
    EXPECT_EQ(load_for("pci:v1d2"), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("module first or one that it needs is not in the image"));
}

TEST_F(LoadModules, ALookUpThatFailsFails) {
    backend.is_broken = true;
    EXPECT_EQ(load_for("pci:v1d2"), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("Input/output error"));
    EXPECT_EQ(load_named("ext4?"), Outcome::failed);
}

TEST_F(LoadModules, NamedModulesAreLoadedInOrderAndPastTheBlacklist) {
    request.options = {{"rd.driver.blacklist", "ext4"}};
    EXPECT_EQ(load_named("ext4,virtio_blk"), Outcome::done);
    EXPECT_THAT(backend.inserted, ElementsAre("ext4", "virtio_blk"));
    EXPECT_FALSE(backend.applied_blacklist);
}

TEST_F(LoadModules, ANamedModuleThatIsMissingFailsUnlessItIsOptional) {
    EXPECT_EQ(load_named("gone? ext4"), Outcome::done);
    EXPECT_EQ(load_named("gone ext4"), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("module gone is not in the image"));
    EXPECT_THAT(backend.inserted, ElementsAre("ext4", "ext4"));
}

TEST_F(LoadModules, AnEmptyListOfModulesLoadsNothing) {
    request.key = "pci:v1d2";
    EXPECT_EQ(load_named(""), Outcome::done);
    EXPECT_THAT(backend.inserted, IsEmpty());
}

class ImportModules : public ::testing::Test {
protected:
    void import(const test::StringPairs &options) {
        request.options = options;
        sdk::Context context(host.raw());
        EXPECT_EQ(import_modules(context, sdk::Request(request.raw())), Outcome::done);
    }

    FakeHost host;
    FakeRequest request;
};

TEST_F(ImportModules, WritesAUnitPerOption) {
    import({{"rd.driver.pre", "a"}, {"rd.driver.post", "b"}, {"rd.modules_load", "c"}});
    for (const char *name :
         {"modules@rd.driver.pre", "modules@rd.driver.post", "modules@rd.modules_load"})
        EXPECT_THAT(host.units, HasSubstr(name));
}

TEST_F(ImportModules, WritesNothingWithoutOptions) {
    import({});
    EXPECT_EQ(host.units, "");
}

} // namespace
} // namespace slipway::modules
