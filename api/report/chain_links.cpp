// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/chain_links.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace slipway::report {

namespace {

constexpr std::string_view kNoText = "?"; // a question without words is still a question

std::string text_of(const PersonWait &wait) {
    return wait.text.empty() ? std::string(kNoText) : wait.text;
}

class Links {
public:
    explicit Links(const Causes &causes) : causes_(causes) {}

    // `next`: when the next job of the chain starts.
    void add(std::size_t index, std::optional<Duration> next) {
        const CausedJob &job = causes_.jobs[index];
        add_question_of_slipway(job.cause, job.start);
        const Duration end = end_of(job);
        Duration at = job.start;
        Cause cause = job.cause;
        for (const PersonWait &wait : causes_.waits) {
            if (wait.job != index || wait.end.value_or(end) <= at || (next && wait.start >= *next))
                continue;
            if (wait.start > at || at == job.start)
                add_work(job, at, std::max(at, wait.start), cause);
            at = add_wait(wait, job.name, at, end);
            cause = {.kind = CauseKind::person, .job = index};
        }
        if (at < end || at == job.start)
            add_work(job, at, end, cause);
    }

    // What the engine asked, or a break, if `cause` is the answer to it.
    void add_question_of_slipway(const Cause &cause, Duration answered) {
        if (cause.wait && !causes_.waits[*cause.wait].job)
            (void)add_wait(causes_.waits[*cause.wait], "", Duration(0), answered);
    }

    [[nodiscard]] std::vector<ChainLink> take() { return std::move(links_); }

private:
    [[nodiscard]] Duration end_of(const CausedJob &job) const {
        return std::max(job.start, job.end.value_or(causes_.end.value_or(job.start)));
    }

    void add_work(const CausedJob &job, Duration from, Duration to, const Cause &cause) {
        links_.push_back(
            {.unit = job.name, .asked = {}, .start = from, .length = to - from, .cause = cause});
    }

    // From `earliest` on, `latest` if it has no end. Returns when it was over.
    Duration add_wait(const PersonWait &wait, const std::string &unit, Duration earliest,
                      Duration latest) {
        const Duration start = std::max(wait.start, earliest);
        const Duration end = std::max(start, std::min(wait.end.value_or(latest), latest));
        links_.push_back({.unit = unit,
                          .asked = text_of(wait),
                          .start = start,
                          .length = end - start,
                          .cause = wait.cause});
        return end;
    }

    const Causes &causes_;
    std::vector<ChainLink> links_;
};

// `begin`: of PID 1, from which a step counts.
void note_question(const PersonWait &wait, Duration begin, Step &step) {
    const Duration start = std::clamp(wait.start - begin, step.start, step.end());
    const Duration end = wait.end ? std::clamp(*wait.end - begin, start, step.end()) : step.end();
    step.questions.push_back(
        {.text = printable(text_of(wait), kMaxNameBytes), .start = start, .length = end - start});
}

// Two questions at a time, its own and one of its programs, count once.
Duration asked_in(const Step &step) {
    Duration asked{0};
    Duration until{0};
    for (const AskedQuestion &question : step.questions) {
        const Duration end = question.start + question.length;
        asked += std::max(Duration(0), end - std::max(question.start, until));
        until = std::max(until, end);
    }
    return asked;
}

} // namespace

std::vector<ChainLink> links_of(const Causes &causes, const std::vector<std::size_t> &chain) {
    Links links(causes);
    for (std::size_t i = 0; i < chain.size(); ++i)
        links.add(chain[i], i + 1 < chain.size() ? std::optional(causes.jobs[chain[i + 1]].start)
                                                 : std::nullopt);
    if (causes.end && chain == critical_chain(causes))
        links.add_question_of_slipway(causes.last, *causes.end);
    return links.take();
}

Duration asked_in(const std::vector<ChainLink> &links) {
    Duration asked{0};
    for (const ChainLink &link : links)
        if (link.is_person())
            asked += link.length;
    return asked;
}

bool note_questions(const Causes &causes, BootTimeline &timeline) {
    const auto name = [](const CausedJob &job) { return printable(job.name, kMaxNameBytes); };
    if (!std::ranges::equal(causes.jobs, timeline.steps, {}, name, &Step::unit))
        return false;
    for (const PersonWait &wait : causes.waits)
        if (wait.job)
            note_question(wait, timeline.kernel, timeline.steps[*wait.job]);
    for (Step &step : timeline.steps)
        step.prompt = std::max(step.prompt, asked_in(step));
    return true;
}

} // namespace slipway::report
