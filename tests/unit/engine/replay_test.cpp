// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/unit_catalog.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;

const std::vector<UnitSource> kUnits = {
    {"boot.toml", "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\nwanted = \"never\"\n"
                  "requires = [\"sysroot\"]\n"},
    {"fs.toml", "[plugin]\nname = \"fs\"\nlibrary = \"fs.so\"\nabi = 1\nimports = [\"sysroot\"]\n"},
};

EngineConfig config() {
    EngineConfig config;
    config.imports = {{"fs", {}}};
    config.device_timeout = std::chrono::seconds(20);
    return config;
}

JobFinished imported() {
    JobFinished event;
    event.job = 1;
    event.outcome = JobOutcome::done;
    event.units = {"[[unit]]\nname = \"sysroot\"\nkind = \"mount\"\nplugin = \"fs\"\n"
                   "device = \"/dev/vda2\"\n"};
    return event;
}

// A boot whose root never appears: an import, a device that does not help, the end of the wait.
std::string recorded_boot() {
    Engine engine(make_catalog(kUnits).set, config());
    Recorder recorder(config(), kUnits);
    recorder.started(Duration(100), engine.start(Duration(100)));
    const auto handle = [&](std::int64_t when, const Event &event) {
        recorder.handled(Duration(when), event, engine.handle(Duration(when), event));
    };
    handle(200, imported());
    handle(300, DeviceChanged{"/sys/devices/vda1", {{"devnode", "/dev/vda1"}}});
    handle(25'000'000, TimePassed{});
    return recorder.text();
}

Record parsed(const std::string &text) {
    auto record = parse_record(text);
    EXPECT_TRUE(record) << record.error().message();
    return record ? std::move(*record) : Record{};
}

std::string with(std::string text, const std::string &old, const std::string &replacement) {
    const std::size_t found = text.find(old);
    EXPECT_NE(found, std::string::npos) << old << " is not in\n" << text;
    return found == std::string::npos ? text : text.replace(found, old.size(), replacement);
}

TEST(Replay, ARecordedBootDecidesTheSameAgain) {
    const Record record = parsed(recorded_boot());
    Replay replay(record);
    replay.run();
    EXPECT_FALSE(replay.difference());
    EXPECT_EQ(replay.steps(), 4U);
    EXPECT_GT(replay.compared(), replay.decisions().size()) << "timers are compared as well";
    EXPECT_EQ(replay.decisions().front().text, "start import:fs");
    EXPECT_THAT(replay.decisions().back().text, HasSubstr("emergency\nswitch-root failed"));
}

TEST(Replay, AnotherDecisionIsFound) {
    const Record record = parsed(with(recorded_boot(), "> start import:fs", "> start import:luks"));
    Replay replay(record);
    replay.run();
    ASSERT_TRUE(replay.difference());
    EXPECT_EQ(replay.difference()->when, Duration(100));
    EXPECT_EQ(replay.difference()->recorded, "start import:luks");
    EXPECT_EQ(replay.difference()->replayed, "start import:fs");
}

TEST(Replay, AMissingAndAnExtraDecisionAreFound) {
    const Record less = parsed(with(recorded_boot(), "> start import:fs\n", ""));
    Replay missing(less);
    missing.run();
    ASSERT_TRUE(missing.difference());
    EXPECT_NE(missing.difference()->replayed, missing.difference()->recorded);
    const Record more = parsed(recorded_boot() + "> switch-root\n");
    Replay extra(more);
    extra.run();
    ASSERT_TRUE(extra.difference());
    EXPECT_EQ(extra.difference()->recorded, "switch-root");
    EXPECT_FALSE(extra.difference()->replayed);
}

TEST(Replay, AnotherConfigurationDecidesDifferently) {
    const Record record =
        parsed(with(recorded_boot(), "device_timeout 20000000", "device_timeout 50000000"));
    Replay replay(record);
    replay.run();
    EXPECT_TRUE(replay.difference());
}

TEST(Replay, StopsInTimeToSeeWhatTheBootWaitedFor) {
    const Record record = parsed(recorded_boot());
    Replay replay(record);
    replay.run(std::chrono::seconds(12));
    EXPECT_EQ(replay.steps(), 3U);
    EXPECT_FALSE(replay.difference());
    EXPECT_THAT(replay.engine().why(), HasSubstr("/dev/vda2"));
    EXPECT_THAT(replay.engine().why(), HasSubstr("8 s left"));
}

} // namespace
} // namespace slipway
