// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coldplug/trigger_devices.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <map>

#include "unit/plugins/fake_host.h"

namespace slipway::coldplug {
namespace {

using sdk::Outcome;
using test::FakeHost;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeUdevBackend final : public UdevBackend {
public:
    Result<std::vector<std::string>> list(const std::vector<std::string> &subsystems) override {
        asked_for = subsystems;
        if (is_broken)
            return failure("list /sys: Input/output error", EIO);
        return std::vector<std::string>{"/sys/a", "/sys/a/b", "/sys/c"};
    }
    Result<> trigger(const std::string &syspath) override {
        triggered.push_back(syspath);
        if (const auto found = errors.find(syspath); found != errors.end())
            return errno_failure("trigger " + syspath, found->second);
        return {};
    }

    bool is_broken = false;
    std::map<std::string, int> errors; // syspath → errno value
    std::vector<std::string> asked_for;
    std::vector<std::string> triggered;
};

class TriggerDevices : public ::testing::Test {
protected:
    Outcome trigger() {
        sdk::Context context(host.raw());
        return trigger_devices(context, backend);
    }

    FakeHost host;
    FakeUdevBackend backend;
};

TEST_F(TriggerDevices, AnnouncesEveryDeviceInOrder) {
    EXPECT_EQ(trigger(), Outcome::done);
    EXPECT_THAT(backend.triggered, ElementsAre("/sys/a", "/sys/a/b", "/sys/c"));
    EXPECT_THAT(backend.asked_for, Contains("block"));
    EXPECT_THAT(host.reason, HasSubstr("3 devices"));
}

TEST_F(TriggerDevices, ADeviceThatWentAwayIsNotMissed) {
    backend.errors["/sys/a"] = ENOENT;
    EXPECT_EQ(trigger(), Outcome::done);
    EXPECT_THAT(backend.triggered, Contains("/sys/c"));
    EXPECT_EQ(host.log_text(), "");
    EXPECT_THAT(host.reason, HasSubstr("2 devices"));
}

TEST_F(TriggerDevices, ADeviceThatRefusesIsLoggedAndTheOthersGoOn) {
    backend.errors["/sys/a"] = EINVAL;
    EXPECT_EQ(trigger(), Outcome::done);
    EXPECT_THAT(backend.triggered, Contains("/sys/c"));
    EXPECT_THAT(host.log_text(), HasSubstr("/sys/a"));
}

TEST_F(TriggerDevices, WithoutAListThereIsNothingToAnnounce) {
    backend.is_broken = true;
    EXPECT_EQ(trigger(), Outcome::failed);
    EXPECT_THAT(host.reason, HasSubstr("/sys"));
}

} // namespace
} // namespace slipway::coldplug
