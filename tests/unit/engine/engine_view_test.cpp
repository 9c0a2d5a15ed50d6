// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "unit/unit_catalog.h"

namespace slipway {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<UnitSource> kUnits = {
    {"boot.toml", "[[unit]]\nname = \"switch-root\"\nkind = \"target\"\nwanted = \"never\"\n"
                  "requires = [\"root\"]\n"},
    {"fs.toml", "[plugin]\nname = \"fs\"\nlibrary = \"fs.so\"\nabi = 1\n[[unit]]\nname = \"root\"\n"
                "kind = \"mount\"\nplugin = \"fs\"\ndevice = \"/dev/vda2\"\ntimeout = \"60s\"\n"
                "description = \"Mount {key}\"\n"},
};

class EngineViewTest : public testing::Test {
protected:
    EngineViewTest() : engine_(make_catalog(kUnits).set, config()) {
        (void)engine_.start(Duration(0));
    }
    static EngineConfig config() {
        EngineConfig config;
        config.device_timeout = seconds(20);
        return config;
    }
    void handle(Duration when, const Event &event) { (void)engine_.handle(when, event); }
    void disk_appears(Duration when) {
        handle(when,
               DeviceChanged{"/sys/vda2",
                             {{"devnode", "/dev/vda2"}, {"ready", "1"}, {"subsystem", "block"}}});
    }
    UnitSnapshot unit(const std::string &name) const {
        for (const UnitSnapshot &unit : EngineView(engine_).units()) {
            if (unit.name == name)
                return unit;
        }
        ADD_FAILURE() << "no unit " << name;
        return {};
    }

    Engine engine_;
};

TEST_F(EngineViewTest, tells_what_a_unit_waits_for_and_for_how_long) {
    const EngineView view(engine_);
    EXPECT_EQ(view.state(), BootState::waiting);
    EXPECT_THAT(view.goals(), ElementsAre("switch-root"));
    const UnitSnapshot root = unit("root");
    EXPECT_EQ(root.state, "waiting");
    EXPECT_EQ(root.kind, "mount");
    EXPECT_TRUE(root.is_wanted);
    EXPECT_FALSE(root.is_goal);
    EXPECT_THAT(root.waits_for, ElementsAre("device /dev/vda2"));
    EXPECT_THAT(unit("switch-root").waits_for, ElementsAre("root"));
    EXPECT_TRUE(unit("switch-root").is_goal);
    EXPECT_EQ(view.time_left("root", seconds(5)), seconds(15));
    EXPECT_EQ(view.time_left("switch-root", seconds(5)), std::nullopt);
    EXPECT_EQ(view.time_left("absent", seconds(5)), std::nullopt);
}

TEST_F(EngineViewTest, tells_of_a_running_job) {
    disk_appears(seconds(1));
    const EngineView view(engine_);
    EXPECT_EQ(view.state(), BootState::booting);
    EXPECT_THAT(view.jobs(), ElementsAre("root"));
    EXPECT_EQ(unit("root").state, "running");
    EXPECT_THAT(unit("root").waits_for, IsEmpty());
    EXPECT_EQ(view.time_left("root", seconds(11)), seconds(50));
    ASSERT_EQ(view.devices().size(), 1U);
    EXPECT_THAT(view.devices().front().used_by, ElementsAre("root"));
}

TEST_F(EngineViewTest, tells_of_questions_emergencies_and_the_switch) {
    disk_appears(seconds(1));
    handle(seconds(2), PromptOpened{1, "Passphrase"});
    EXPECT_EQ(EngineView(engine_).state(), BootState::asking);
    handle(seconds(3), PromptClosed{1});
    EXPECT_EQ(EngineView(engine_).state(), BootState::booting);
    JobFinished failed;
    failed.job = 1;
    failed.reason = "no such file system";
    handle(seconds(4), failed);
    EXPECT_EQ(EngineView(engine_).state(), BootState::emergency);
    EXPECT_EQ(unit("root").state, "failed");
    EXPECT_THAT(unit("root").reason, HasSubstr("no such file system"));
    handle(seconds(5), UserCommand{UserCommand::Verb::skip, "root", Duration(0)});
    EXPECT_EQ(EngineView(engine_).state(), BootState::switching);
    EXPECT_EQ(unit("root").state, "skipped");
}

// udevd runs as long as the boot does.
TEST(EngineViewOfServices, a_service_that_is_ready_is_no_work_that_is_waited_for) {
    std::vector<UnitSource> sources = kUnits;
    sources.push_back({"udevd.toml", "[plugin]\nname = \"udevd\"\nlibrary = \"udevd.so\"\nabi = "
                                     "1\n[[unit]]\nname = \"udevd\"\nkind = \"service\"\nwanted = "
                                     "\"always\"\n"});
    Engine engine(make_catalog(sources).set, EngineConfig{});
    (void)engine.start(Duration(0));
    EXPECT_EQ(EngineView(engine).state(), BootState::booting);
    (void)engine.handle(seconds(1), ServiceReady{1, {}});
    EXPECT_EQ(EngineView(engine).state(), BootState::waiting);
    EXPECT_THAT(EngineView(engine).jobs(), ElementsAre("udevd"));
}

TEST_F(EngineViewTest, looking_later_tells_less_time_and_changes_nothing) {
    const std::string before = engine_.dump();
    EXPECT_THAT(engine_.why_at(seconds(5)), HasSubstr("15 s left"));
    EXPECT_THAT(engine_.headline_at(seconds(8)), HasSubstr("12 s left"));
    EXPECT_THAT(engine_.why_unit_at("root", seconds(9)).value(), HasSubstr("11 s left"));
    EXPECT_EQ(engine_.why_unit_at("absent", seconds(9)), std::nullopt);
    EXPECT_THAT(engine_.why(), HasSubstr("20 s left"));
    EXPECT_EQ(engine_.dump(), before);
    disk_appears(seconds(1));
    JobFinished done;
    done.job = 1;
    done.outcome = JobOutcome::done;
    handle(seconds(2), done);
    EXPECT_EQ(engine_.why_unit_at("root", seconds(9)), "root is ready\n");
}

class BarrierTest : public testing::Test {
protected:
    // A barrier that a job has to decide, and an importer that may say more of it.
    BarrierTest()
        : engine_(make_catalog({{"x.toml", "[plugin]\nname = \"p\"\nlibrary = \"p.so\"\nabi = 1\n"
                                           "[[unit]]\nname = \"decided\"\nkind = \"target\"\n"
                                           "barrier = true\n"
                                           "[[unit]]\nname = \"look\"\nkind = \"job\"\n"
                                           "before = [\"decided\"]\n"}})
                      .set,
                  config()) {
        for (const Action &action : engine_.start(Duration(0)))
            note(action);
    }
    static EngineConfig config() {
        EngineConfig config;
        config.imports = {{"p", {}}};
        return config;
    }
    void note(const Action &action) {
        if (const auto *start = std::get_if<StartJob>(&action))
            jobs_[start->operation] = start->job;
    }
    void ends(Operation operation, JobOutcome outcome) {
        JobFinished event;
        event.job = jobs_.at(operation);
        event.outcome = outcome;
        for (const Action &action : engine_.handle(seconds(1), event))
            note(action);
    }
    [[nodiscard]] bool is_decided() const { return EngineView(engine_).has_decided_barriers(); }

    Engine engine_;
    std::map<Operation, JobId> jobs_;
};

TEST_F(BarrierTest, is_decided_when_all_have_looked) {
    EXPECT_FALSE(is_decided());
    ends(Operation::import, JobOutcome::done);
    EXPECT_FALSE(is_decided());
    ends(Operation::activate, JobOutcome::done);
    EXPECT_TRUE(is_decided());
}

TEST_F(BarrierTest, is_not_decided_by_a_look_that_failed) {
    ends(Operation::import, JobOutcome::done);
    ends(Operation::activate, JobOutcome::failed);
    EXPECT_FALSE(is_decided());
}

TEST_F(BarrierTest, is_not_decided_when_an_importer_failed) {
    ends(Operation::import, JobOutcome::failed);
    ends(Operation::activate, JobOutcome::done);
    EXPECT_FALSE(is_decided());
}

TEST_F(EngineViewTest, without_a_barrier_nothing_is_decided) {
    EXPECT_FALSE(EngineView(engine_).has_decided_barriers());
}

} // namespace
} // namespace slipway
