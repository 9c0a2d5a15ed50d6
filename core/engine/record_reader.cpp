// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/record.h"
#include "engine/record_stream.h"
#include "engine/record_words.h"

// The mirror of record.cpp. A record may come from anywhere: everything is bounded, nothing is
// believed, and what does not fit is an error with its line.
namespace slipway {

namespace {

using record::Words;

// Well above Recorder::kMaxBytes, so that a record with another limit is read too.
constexpr std::size_t kMaxRecordBytes = 64U << 20U;

template <class Map>
Map read_pairs(Words &words, std::string_view what) {
    Map map;
    while (words.has_more())
        map.insert(words.pair(what));
    return map;
}

JobId read_job(Words &words) {
    return static_cast<JobId>(words.number("job", std::numeric_limits<JobId>::max()));
}

// ---- events, in the order of their alternatives -------------------------------------------------

Event read_device(Words &words) {
    DeviceChanged event;
    event.syspath = words.text("device");
    event.facts = read_pairs<Facts>(words, "fact");
    return event;
}

Event read_gone(Words &words) {
    return DeviceGone{words.text("device")};
}

Event read_finished(Words &words) {
    JobFinished event;
    event.job = read_job(words);
    event.outcome = static_cast<JobOutcome>(words.choice("outcome", record::kOutcomes));
    event.reason = words.text("reason");
    return event;
}

QuestionId read_question(Words &words) {
    // Questions of the engine get the numbers behind: there must be some left.
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    return static_cast<QuestionId>(words.number("question", kMax));
}

Event read_asks(Words &words) {
    PromptOpened event;
    event.job = read_job(words);
    event.text = words.text("question");
    if (words.has_more())
        event.question = read_question(words);
    return event;
}

template <class JobEvent>
Event read_job_event(Words &words) {
    JobEvent event;
    event.job = read_job(words);
    return event;
}

template <class Bare>
Event read_bare(Words & /*words*/) {
    return Bare{};
}

Event read_replied(Words &words) {
    QuestionAnswered event;
    event.question = read_question(words);
    event.is_yes = words.choice("answer", std::array<std::string_view, 2>{"no", "yes"}) == 1;
    return event;
}

Event read_acquires(Words &words) {
    ResourceRequested event;
    event.job = read_job(words);
    event.resource = words.text("resource");
    event.amount = words.number("amount");
    return event;
}

Event read_command(Words &words) {
    UserCommand event;
    event.verb = static_cast<UserCommand::Verb>(words.choice("command", record::kVerbs));
    event.unit = words.text("unit");
    event.time = words.time("time");
    return event;
}

std::uint32_t read_foreign_number(Words &words) {
    return static_cast<std::uint32_t>(
        words.number("question", std::numeric_limits<std::uint32_t>::max()));
}

Event read_foreign_asks(Words &words) {
    ForeignPromptOpened event;
    event.number = read_foreign_number(words);
    event.job = read_job(words);
    event.text = words.text("question's text");
    if (words.has_more()) {
        event.question = read_question(words);
        event.file = words.text("ask file");
    }
    return event;
}

Event read_foreign_answered(Words &words) {
    return ForeignPromptClosed{read_foreign_number(words)};
}

Event read_progress(Words &words) {
    const JobId job = read_job(words);
    return JobProgressed{job, words.text("progress")};
}

Event read_continue(Words &words) {
    return BreakContinued{words.text("break")};
}

using ReadEvent = Event (*)(Words &);
constexpr std::array<ReadEvent, std::variant_size_v<Event>> kEventReaders = {
    read_device,
    read_gone,
    read_finished,
    read_asks,
    read_job_event<PromptClosed>,
    read_bare<TimePassed>,
    read_bare<RetryFailed>,
    read_job_event<ServiceReady>,
    read_replied,
    read_acquires,
    read_job_event<ResourceReleased>,
    read_command,
    read_foreign_asks,
    read_foreign_answered,
    read_progress,
    read_continue,
};

// ---- the parts of a JobFinished, and the facts of a ServiceReady
// -----------------------------------------------------------------

void read_missing(Words &words, std::string_view /*text*/, JobFinished &event) {
    event.missing.push_back(words.text("missing thing"));
}

void read_facts_of(Words &words, std::map<std::string, Facts> &published) {
    const std::string syspath = words.text("device");
    published[syspath] = read_pairs<Facts>(words, "fact");
}

void read_published(Words &words, std::string_view /*text*/, JobFinished &event) {
    read_facts_of(words, event.published);
}

void read_member(Words &words, std::string_view /*text*/, JobFinished &event) {
    Membership membership;
    membership.unit = words.text("unit");
    membership.name = words.text("name");
    membership.expected = static_cast<unsigned>(
        words.number("number of members", std::numeric_limits<unsigned>::max()));
    while (words.has_more())
        membership.provides.push_back(words.text("link"));
    event.memberships.push_back(std::move(membership));
}

void read_unit(Words & /*words*/, std::string_view text, JobFinished &event) {
    event.units.emplace_back(text);
}

struct Part {
    std::string_view name;
    void (*read)(Words &words, std::string_view text, JobFinished &event);
    bool has_text = false;
};
constexpr std::array kParts = {Part{"missing", read_missing}, Part{"published", read_published},
                               Part{"member", read_member}, Part{"unit", read_unit, true}};

// ---- the configuration --------------------------------------------------------------------------

void read_import(Words &words, Record &record) {
    ImportRequest import;
    import.plugin = words.text("plugin");
    import.params = read_pairs<Params>(words, "parameter");
    record.config.imports.push_back(std::move(import));
}

void read_resource(Words &words, Record &record) {
    const std::string name = words.text("resource");
    record.config.resources[name] = words.number("amount");
}

void read_units(Words &words, std::string text, Record &record) {
    UnitSource source;
    source.file = words.text("file");
    source.plugin = words.text("plugin");
    source.text = std::move(text);
    record.units.push_back(std::move(source));
}

// "key TIME": the durations of the configuration.
template <Duration EngineConfig::*field>
void read_time(Words &words, Record &record) {
    record.config.*field = words.time("time");
}
template <std::optional<Duration> EngineConfig::*field>
void read_optional_time(Words &words, Record &record) {
    record.config.*field = words.optional_time("time");
}

struct ConfigKey {
    std::string_view name;
    void (*read)(Words &words, Record &record);
};
constexpr std::array kConfigKeys = {
    ConfigKey{"goal",
              [](Words &words, Record &record) { record.config.goal = words.text("unit"); }},
    ConfigKey{"device_timeout", read_optional_time<&EngineConfig::device_timeout>},
    ConfigKey{"degraded_wait", read_optional_time<&EngineConfig::degraded_wait>},
    ConfigKey{"switch_grace", read_time<&EngineConfig::switch_grace>},
    ConfigKey{"import_timeout", read_time<&EngineConfig::import_timeout>},
    ConfigKey{"inspect_timeout", read_time<&EngineConfig::inspect_timeout>},
    ConfigKey{"resource_timeout", read_time<&EngineConfig::resource_timeout>},
    ConfigKey{"question_timeout", read_time<&EngineConfig::question_timeout>},
    ConfigKey{"option", [](Words &words,
                           Record &record) { record.config.options.insert(words.pair("option")); }},
    ConfigKey{"broken",
              [](Words &words, Record &record) {
                  record.config.broken_units.insert(words.pair("unit"));
              }},
    ConfigKey{"break", [](Words &words,
                          Record &record) { record.config.breaks.push_back(words.text("break")); }},
    ConfigKey{"resource", read_resource},
    ConfigKey{"seed",
              [](Words &words, Record &record) { record.config.seed = words.number("seed"); }},
    ConfigKey{"import", read_import},
};

// ---- the whole ----------------------------------------------------------------------------------

} // namespace

// ---- lines and statements -----------------------------------------------------------------------

Result<> RecordStream::feed(std::string_view bytes) {
    bytes_ += bytes.size();
    if (bytes_ > kMaxRecordBytes)
        return failure("the record is larger than 64 MiB");
    while (!bytes.empty() && problem_.empty()) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) {
            tail_ += bytes;
            break;
        }
        if (tail_.empty()) {
            take_line(bytes.substr(0, end));
        } else {
            tail_ += bytes.substr(0, end);
            take_line(std::exchange(tail_, {}));
        }
        bytes.remove_prefix(end + 1);
    }
    return result();
}

Result<> RecordStream::settle() {
    if (!tail_.empty())
        take_line(std::exchange(tail_, {}));
    end_statement();
    if (problem_.empty() && !is_first_line_read_)
        problem_ = "line 1: " + read_first_line({});
    is_step_open_ = false;
    return result();
}

void RecordStream::take_line(std::string_view line) {
    ++line_;
    if (!line.starts_with('|') || !statement_) {
        end_statement();
        statement_.emplace(Statement{line_, std::string(line), std::nullopt, false});
        return;
    }
    const auto text = record::unescape(line.substr(1));
    statement_->is_broken = statement_->is_broken || !text;
    if (statement_->text)
        *statement_->text += '\n';
    else
        statement_->text.emplace();
    *statement_->text += text.value_or("");
}

void RecordStream::end_statement() {
    if (!statement_ || !problem_.empty())
        return;
    const Statement statement = std::move(*std::exchange(statement_, std::nullopt));
    const std::string problem =
        is_first_line_read_ ? read_statement(statement) : read_first_line(statement);
    is_first_line_read_ = true;
    if (!problem.empty())
        problem_ = "line " + std::to_string(statement.line) + ": " + problem;
}

Result<> RecordStream::result() const {
    if (!problem_.empty())
        return failure(problem_);
    return {};
}

std::vector<RecordedStep> RecordStream::take_steps() {
    std::vector<RecordedStep> steps = std::exchange(record_.steps, {});
    if (is_step_open_ && !steps.empty()) {
        record_.steps.push_back(std::move(steps.back()));
        steps.pop_back();
    }
    return steps;
}

// ---- the whole ----------------------------------------------------------------------------------

std::string RecordStream::read_first_line(const Statement &statement) {
    if (statement.head == record::kFirstLine && !statement.text)
        return {};
    if (statement.head.starts_with("slipway-record "))
        return "this program reads version 1 of records, and this is another one; use the slipway "
               "that made it";
    return "this is no record of slipway: it must begin with \"slipway-record 1\"";
}

std::string RecordStream::read_statement(const Statement &statement) {
    if (record_.is_truncated)
        return "nothing may follow \"truncated\"";
    if (statement.is_broken)
        return "a '%' in the text below must be followed by two hexadecimal digits";
    if (statement.head.starts_with('@'))
        return read_step(statement);
    if (statement.head.starts_with("> "))
        return read_decision(statement);
    if (statement.head == record::kTruncated) {
        record_.is_truncated = true;
        is_step_open_ = false;
        return statement.text ? "text where none belongs" : "";
    }
    return has_started_ ? read_part(statement) : read_config(statement);
}

std::string RecordStream::read_step(const Statement &statement) {
    Words words(std::string_view(statement.head).substr(1));
    RecordedStep step;
    step.line = statement.line;
    step.when = words.time("time");
    const std::string name = words.text("event");
    const auto *const event = std::ranges::find(record::kEventNames, name);
    const bool is_first = !std::exchange(has_started_, true);
    if (statement.text)
        words.complain("text where none belongs");
    if (is_first != (name == record::kStart))
        words.complain(is_first ? "the first step must be \"start\""
                                : "only the first step is \"start\"");
    if (step.when < std::exchange(last_step_, step.when))
        words.complain("the time goes back");
    if (event != record::kEventNames.end())
        step.event =
            kEventReaders.at(static_cast<std::size_t>(event - record::kEventNames.begin()))(words);
    else if (!is_first)
        words.complain("unknown event \"" + printable(name, 40) + "\"");
    words.finish();
    record_.steps.push_back(std::move(step));
    is_step_open_ = true;
    return words.problem();
}

std::string RecordStream::read_decision(const Statement &statement) {
    if (!is_step_open_)
        return has_started_ ? "a decision after the end of its step"
                            : "a decision before the first step";
    auto text = record::unescape(std::string_view(statement.head).substr(2));
    if (!text)
        return "a '%' must be followed by two hexadecimal digits";
    if (statement.text)
        *text += "\n" + *statement.text;
    record_.steps.back().decisions.push_back(std::move(*text));
    return {};
}

std::string RecordStream::read_config(const Statement &statement) {
    Words words(statement.head);
    const std::string name = words.text("key");
    const auto *const key = std::ranges::find(kConfigKeys, name, &ConfigKey::name);
    if (name == "units")
        read_units(words, statement.text.value_or(""), record_);
    else if (statement.text)
        words.complain("text where none belongs");
    else if (key != kConfigKeys.end())
        key->read(words, record_);
    else
        words.complain("unknown key \"" + printable(name, 40) + "\"");
    words.finish();
    return words.problem();
}

std::string RecordStream::read_part(const Statement &statement) {
    RecordedStep *const step = is_step_open_ ? &record_.steps.back() : nullptr;
    Words words(statement.head);
    const std::string name = words.text("part");
    const auto *const part = std::ranges::find(kParts, name, &Part::name);
    const bool may_have_parts = step != nullptr && step->event && step->decisions.empty();
    auto *const event = may_have_parts ? std::get_if<JobFinished>(&*step->event) : nullptr;
    auto *const ready = may_have_parts ? std::get_if<ServiceReady>(&*step->event) : nullptr;
    if (ready != nullptr && name == "published")
        read_facts_of(words, ready->published);
    else if (part == kParts.end())
        words.complain("unknown word \"" + printable(name, 40) + "\"");
    else if (event == nullptr)
        words.complain("\"" + name + "\" belongs below \"finished\"");
    else if (statement.text.has_value() != part->has_text)
        words.complain(part->has_text ? "no text" : "text where none belongs");
    else
        part->read(words, statement.text.value_or(""), *event);
    words.finish();
    return words.problem();
}

Result<Record> parse_record(std::string_view text) {
    RecordStream stream;
    auto read = stream.feed(text);
    if (read)
        read = stream.settle();
    if (!read)
        return std::unexpected(std::move(read).error());
    return stream.take_record();
}

} // namespace slipway
