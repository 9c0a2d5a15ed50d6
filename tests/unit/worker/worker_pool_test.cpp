// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Real processes, a real loop and the faulty plugin: what PID 1 sees when a plugin misbehaves.
#include "worker/worker_pool.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <slipway/abi.h>

#include "event/sd_event_loop.h"

namespace slipway {
namespace {

using ::testing::HasSubstr;

class WorkerPoolTest : public ::testing::Test, public WorkerListener {
protected:
    WorkerPoolTest() : loop_(std::move(SdEventLoop::create().value())), pool_(*loop_, *this) {
        pool_.add_plugin("faulty", {FAULTY_PLUGIN, false, {}});
        pool_.add_plugin("reused", {FAULTY_PLUGIN, true, {}});
        pool_.add_plugin("gone", {"/nowhere/gone.so", false, {}});
    }

    void job_finished(JobFinished finished) override {
        finished_.push_back(std::move(finished));
        if (finished_.size() == expected_)
            loop_->stop(0);
    }
    void job_logged(JobId, LogLevel, const std::string &) override {}
    void job_progressed(JobId, const std::string &) override {}
    void job_asks(const AskMessage &question) override {
        question_ = question.message;
        is_cache_accepted_ = question.accept_cached != 0;
        pool_.answer(question.job, is_answered_, Secret(word_), source_);
    }

    void job_acquires(JobId job, const std::string &resource, std::uint64_t amount) override {
        acquired_.emplace_back(resource, amount);
        pool_.grant(job);
    }
    void job_releases(JobId) override { ++releases_; }
    void job_ready(JobId, std::map<std::string, Facts> published) override {
        ++ready_;
        published_at_ready_ = std::move(published);
    }
    int job_answers(JobId, const std::string &question, Secret secret) override {
        given_.emplace_back(question, secret.view());
        return given_code_;
    }

    static StartJob activate(const std::string &plugin, const std::string &fault, JobId job = 1) {
        StartJob start;
        start.job = job;
        start.plugin = plugin;
        start.unit = "faulty@" + fault;
        return start;
    }

    // Runs the loop until `count` jobs ended; fails after 20 s.
    void run(std::size_t count) {
        expected_ = count;
        auto limit = loop_->at(loop_->now() + std::chrono::seconds(20), [this] { loop_->stop(1); });
        ASSERT_TRUE(limit);
        EXPECT_EQ(loop_->run().value(), 0) << "the jobs did not end in time";
    }

    JobFinished run_one(const StartJob &start) {
        EXPECT_TRUE(pool_.start(start));
        run(1);
        return finished_.empty() ? JobFinished{} : finished_.front();
    }

    std::unique_ptr<SdEventLoop> loop_;
    WorkerPool pool_;
    std::vector<JobFinished> finished_;
    std::size_t expected_ = 0;
    std::string question_;
    bool is_cache_accepted_ = false;
    std::string word_ = "please";
    bool is_answered_ = true;
    std::vector<std::pair<std::string, std::uint64_t>> acquired_;
    unsigned releases_ = 0;
    unsigned ready_ = 0;
    std::map<std::string, Facts> published_at_ready_;
    std::uint8_t source_ = SLIPWAY_SOURCE_PERSON;
    std::vector<std::pair<std::string, std::string>> given_;
    int given_code_ = 0;
};

TEST_F(WorkerPoolTest, AGoodJobIsDone) {
    EXPECT_EQ(run_one(activate("faulty", "none")).outcome, JobOutcome::done);
}

TEST_F(WorkerPoolTest, FactsComeBackWithTheResult) {
    StartJob start = activate("faulty", "facts");
    start.devices = {{"/sys/devices/vda", {{"devnode", "/dev/vda"}}}};
    const JobFinished finished = run_one(start);
    EXPECT_EQ(finished.published.at("/sys/devices/vda").at("seen"), "/dev/vda");
}

TEST_F(WorkerPoolTest, ADereferencedNullIsAFailedJobThatNamesTheSignal) {
    const JobFinished finished = run_one(activate("faulty", "null"));
    EXPECT_EQ(finished.outcome, JobOutcome::failed);
    EXPECT_THAT(finished.reason, ::testing::AnyOf(HasSubstr("SIGSEGV"), HasSubstr("SIGABRT"),
                                                  HasSubstr("exited with status")));
}

TEST_F(WorkerPoolTest, AnExitInThePluginIsAFailedJob) {
    const JobFinished finished = run_one(activate("faulty", "exit"));
    EXPECT_EQ(finished.outcome, JobOutcome::failed);
    EXPECT_THAT(finished.reason, HasSubstr("exited with status 7"));
}

TEST_F(WorkerPoolTest, AnExceptionIsAFailedJobWithItsText) {
    const JobFinished finished = run_one(activate("faulty", "throw"));
    EXPECT_EQ(finished.outcome, JobOutcome::failed);
    EXPECT_THAT(finished.reason, HasSubstr("thrown on purpose"));
}

TEST_F(WorkerPoolTest, AHangingJobEndsWhenItIsCancelled) {
    ASSERT_TRUE(pool_.start(activate("faulty", "hang")));
    pool_.cancel(1);
    run(1);
    EXPECT_EQ(finished_.at(0).outcome, JobOutcome::failed);
}

TEST_F(WorkerPoolTest, AJobThatIgnoresSigtermIsKilled) {
    ASSERT_TRUE(pool_.start(activate("faulty", "deaf")));
    auto later =
        loop_->at(loop_->now() + std::chrono::milliseconds(300), [this] { pool_.cancel(1); });
    run(1);
    EXPECT_THAT(finished_.at(0).reason, HasSubstr("SIGKILL"));
}

TEST_F(WorkerPoolTest, AMissingPluginSaysWhichFileAndWhatToDo) {
    const JobFinished finished = run_one(activate("gone", "none"));
    EXPECT_EQ(finished.outcome, JobOutcome::failed);
    EXPECT_THAT(finished.reason, HasSubstr("/nowhere/gone.so"));
    EXPECT_FALSE(pool_.start(activate("unheard-of", "none", 2)));
}

TEST_F(WorkerPoolTest, ThePluginsNameMustBeTheOneInItsToml) {
    EXPECT_THAT(run_one(activate("reused", "none")).reason, HasSubstr("calls itself \"faulty\""));
}

TEST_F(WorkerPoolTest, AnAnswerReachesThePlugin) {
    EXPECT_EQ(run_one(activate("faulty", "ask")).outcome, JobOutcome::done);
    EXPECT_EQ(question_, "Magic word");
    EXPECT_FALSE(is_cache_accepted_);
}

TEST_F(WorkerPoolTest, ThePluginLearnsThatItsAnswerWasNotTypedForIt) {
    source_ = SLIPWAY_SOURCE_CACHE;
    const JobFinished finished = run_one(activate("faulty", "ask-cache"));
    EXPECT_EQ(finished.outcome, JobOutcome::done);
    EXPECT_EQ(finished.reason, "source 1");
    EXPECT_TRUE(is_cache_accepted_);
}

TEST_F(WorkerPoolTest, APluginAnswersTheQuestionOfAnother) {
    EXPECT_EQ(run_one(activate("faulty", "answer")).reason, "answer: 0");
    ASSERT_EQ(given_.size(), 1U);
    EXPECT_EQ(given_.front(), std::pair(std::string("magic"), std::string("please")));
}

TEST_F(WorkerPoolTest, ThePluginLearnsWhyItsAnswerWasNotKept) {
    given_code_ = ENOSPC;
    EXPECT_EQ(run_one(activate("faulty", "answer")).reason, "answer: " + std::to_string(ENOSPC));
}

TEST_F(WorkerPoolTest, AnAnswerWithoutAnIdOrTooLongDoesNotLeaveTheWorker) {
    EXPECT_EQ(run_one(activate("faulty", "answer-badly")).reason,
              "answers: " + std::to_string(EINVAL) + " " + std::to_string(EMSGSIZE));
    EXPECT_TRUE(given_.empty());
}

TEST_F(WorkerPoolTest, AWrongAnswerAndNoAnswerAreToldApart) {
    word_ = "now";
    EXPECT_THAT(run_one(activate("faulty", "ask")).reason, HasSubstr("wrong word"));
    finished_.clear();
    is_answered_ = false;
    ASSERT_TRUE(pool_.start(activate("faulty", "ask", 2)));
    run(1);
    EXPECT_THAT(finished_.at(0).reason, HasSubstr("nobody answered"));
}

TEST_F(WorkerPoolTest, AReusedWorkerServesTheNextJobWithoutANewProcess) {
    unsigned spawned = 0;
    WorkerPool pool(*loop_, *this, [&spawned](Channel end) {
        ++spawned;
        return WorkerPool::fork_worker(std::move(end));
    });
    pool.add_plugin("faulty", {FAULTY_PLUGIN, true, {}});
    ASSERT_TRUE(pool.start(activate("faulty", "none", 1)));
    run(1);
    ASSERT_TRUE(pool.start(activate("faulty", "none", 2)));
    run(2);
    EXPECT_EQ(spawned, 1U);
    EXPECT_EQ(finished_.at(1).outcome, JobOutcome::done);
}

TEST_F(WorkerPoolTest, OnlyWhereUdevdRunsDoProgramsWaitForIt) {
    WorkerPool pool(*loop_, *this, WorkerPool::forker_for(DeviceBackend::udevd));
    pool.add_plugin("faulty", {FAULTY_PLUGIN, false, {}});
    ASSERT_TRUE(pool.start(activate("faulty", "environment", 1)));
    run(1);
    ASSERT_TRUE(pool_.start(activate("faulty", "environment", 2)));
    run(2);
    EXPECT_EQ(finished_.at(0).reason, "with udev");
    EXPECT_EQ(finished_.at(1).reason, "without udev");
}

TEST_F(WorkerPoolTest, EndAllLeavesNoWorker) {
    ASSERT_TRUE(pool_.start(activate("faulty", "hang", 1)));
    ASSERT_TRUE(pool_.start(activate("faulty", "none", 2)));
    bool has_ended = false;
    pool_.end_all([&] {
        has_ended = true;
        loop_->stop(0);
    });
    expected_ = 99;
    ASSERT_TRUE(loop_->run());
    EXPECT_TRUE(has_ended);
    EXPECT_EQ(pool_.size(), 0U);
}

TEST_F(WorkerPoolTest, AWorkerThatLiesIsEndedAndItsJobFails) {
    WorkerPool pool(*loop_, *this, [](Channel end) -> Result<pid_t> {
        const pid_t pid = ::fork();
        if (pid == 0) {
            (void)end.receive();
            (void)end.send(AnswerMessage{1, 0, 0});
            ::pause();
            ::_exit(0);
        }
        return pid;
    });
    pool.add_plugin("faulty", {FAULTY_PLUGIN, false, {}});
    ASSERT_TRUE(pool.start(activate("faulty", "none")));
    run(1);
    EXPECT_THAT(finished_.at(0).reason, HasSubstr("only PID 1 may send"));
}

TEST_F(WorkerPoolTest, AJobTakesAResourceAndGivesItBack) {
    EXPECT_EQ(run_one(activate("faulty", "resource")).outcome, JobOutcome::done);
    EXPECT_THAT(acquired_, ::testing::ElementsAre(std::pair("memory", 4096U)));
    EXPECT_EQ(releases_, 1U);
}

TEST_F(WorkerPoolTest, AServiceSaysThatItCanBeUsed) {
    const JobFinished end = run_one(activate("faulty", "service"));
    EXPECT_EQ(end.outcome, JobOutcome::done);
    EXPECT_EQ(ready_, 1U);
    EXPECT_EQ(published_at_ready_.at("/sys/devices/eth0").at("online"), "1");
    EXPECT_TRUE(end.published.empty()) << "they have arrived";
}

TEST_F(WorkerPoolTest, UnitsOfAnyOperationArrive) {
    EXPECT_THAT(run_one(activate("faulty", "units")).units,
                ::testing::ElementsAre("[[unit]]\nname = \"new\"\n"));
}

} // namespace
} // namespace slipway
