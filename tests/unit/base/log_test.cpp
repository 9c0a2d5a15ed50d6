// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/log.h"

#include <vector>

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const Log &log) {
    std::vector<std::string> lines;
    for (const LogRecord &record : log.records())
        lines.push_back(record.text);
    return lines;
}

TEST(Log, MakesOneRecordOfEachLine) {
    Log log;
    log.warning("first\n\nsecond\n");
    EXPECT_THAT(texts(log), ElementsAre("first", "second"));
    EXPECT_EQ(log.records().front().level, LogLevel::warning);
}

TEST(Log, CannotBeUsedToDriveTheTerminal) {
    Log log;
    log.info("label \x1b[2J");
    EXPECT_THAT(texts(log), ElementsAre("label ?[2J"));
}

TEST(Log, KeepsTheLastRecordsAndCountsTheOthers) {
    Log log(2);
    for (const char *text : {"a", "b", "c"})
        log.info(text);
    EXPECT_THAT(texts(log), ElementsAre("b", "c"));
    EXPECT_EQ(log.dropped(), 1U);
}

TEST(Log, GivesASinkWhatWasLoggedBeforeIt) {
    Log log;
    log.info("early");
    std::vector<std::string> seen;
    log.add_sink([&](const LogRecord &record) { seen.push_back(record.text); });
    log.error("late");
    EXPECT_THAT(seen, ElementsAre("early", "late"));
}

TEST(Log, IgnoresAnEmptyText) {
    Log log;
    log.info("");
    EXPECT_THAT(texts(log), IsEmpty());
}

} // namespace
} // namespace slipway
