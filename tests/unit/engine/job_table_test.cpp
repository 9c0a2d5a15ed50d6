// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/job_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Job job_of(const std::string &plugin) {
    Job job;
    job.request.plugin = plugin;
    return job;
}

class JobTableTest : public ::testing::Test {
protected:
    JobTableTest() {
        PluginSpec limited;
        limited.name = "limited";
        limited.workers = 1;
        table_ = std::make_unique<JobTable>(std::vector{limited});
    }
    std::unique_ptr<JobTable> table_;
};

TEST_F(JobTableTest, APluginWithOneWorkerRunsOneJobAtATime) {
    table_->add(job_of("limited"));
    table_->add(job_of("limited"));
    EXPECT_THAT(table_->take_startable(), ElementsAre(1));
    EXPECT_THAT(table_->take_startable(), IsEmpty());
    EXPECT_TRUE(table_->remove(1));
    EXPECT_THAT(table_->take_startable(), ElementsAre(2));
}

TEST_F(JobTableTest, APluginWithoutALimitRunsAllAtOnce) {
    table_->add(job_of("other"));
    table_->add(job_of("other"));
    EXPECT_THAT(table_->take_startable(), ElementsAre(1, 2));
}

TEST_F(JobTableTest, AJobThatIsRemovedBeforeItStartedFreesNoWorker) {
    table_->add(job_of("limited"));
    table_->add(job_of("limited"));
    table_->add(job_of("limited"));
    EXPECT_THAT(table_->take_startable(), ElementsAre(1));
    EXPECT_TRUE(table_->remove(2));
    EXPECT_THAT(table_->take_startable(), IsEmpty());
    EXPECT_FALSE(table_->remove(2));
}

TEST_F(JobTableTest, APausedJobKeepsWhatWasLeftOfItsTime) {
    Job &job = table_->add(job_of("other"));
    job.timeout = Duration(100);
    job.deadline = Duration(100);
    table_->pause(job, Duration(30));
    EXPECT_EQ(job.deadline, std::nullopt);
    table_->pause(job, Duration(40));
    table_->resume(job, Duration(500));
    EXPECT_EQ(job.deadline, std::nullopt);
    table_->resume(job, Duration(1000));
    EXPECT_EQ(job.deadline, Duration(1070));
}

TEST_F(JobTableTest, AnInspectionIsQueuedUntilAWorkerIsFree) {
    for (const char *syspath : {"/sys/a", "/sys/b"}) {
        Job job = job_of("limited");
        job.request.operation = Operation::inspect;
        job.syspath = syspath;
        table_->add(std::move(job));
    }
    EXPECT_TRUE(table_->has_queued_inspection("limited", "/sys/a"));
    EXPECT_THAT(table_->take_startable(), ElementsAre(1));
    EXPECT_FALSE(table_->has_queued_inspection("limited", "/sys/a"));
    EXPECT_TRUE(table_->has_queued_inspection("limited", "/sys/b"));
    EXPECT_FALSE(table_->has_queued_inspection("other", "/sys/b"));
}

} // namespace
} // namespace slipway
