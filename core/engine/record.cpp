// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/record.h"

#include <utility>
#include <variant>

#include "engine/record_words.h"

// The writer; record_reader.cpp is its mirror.
namespace slipway {

namespace {

using record::add_lines;
using record::add_number;
using record::add_pair;
using record::add_time;
using record::add_word;

template <class Map>
void add_pairs(std::string &out, const Map &map) {
    for (const auto &[key, value] : map)
        add_pair(out, key, value);
}

void add_text_line(std::string &out, std::string_view key, std::string_view word) {
    out += key;
    add_word(out, word);
    out += '\n';
}

void add_time_line(std::string &out, std::string_view key, std::optional<Duration> time) {
    out += key;
    add_time(out, time);
    out += '\n';
}

void add_config(std::string &out, const EngineConfig &config) {
    // A field that is added there does not compile here until it is recorded.
    const auto &[goal, imports, broken_units, device_timeout, options, resources, breaks,
                 degraded_wait, switch_grace, import_timeout, inspect_timeout, resource_timeout,
                 question_timeout, seed] = config;
    add_text_line(out, "goal", goal);
    add_time_line(out, "device_timeout", device_timeout);
    add_time_line(out, "degraded_wait", degraded_wait);
    add_time_line(out, "switch_grace", switch_grace);
    add_time_line(out, "import_timeout", import_timeout);
    add_time_line(out, "inspect_timeout", inspect_timeout);
    add_time_line(out, "resource_timeout", resource_timeout);
    add_time_line(out, "question_timeout", question_timeout);
    if (seed != 0) {
        out += "seed";
        add_number(out, seed);
        out += '\n';
    }
    for (const auto &[key, value] : options) {
        out += "option";
        add_pair(out, key, value);
        out += '\n';
    }
    for (const auto &[name, amount] : resources) {
        out += "resource";
        add_word(out, name);
        add_number(out, amount);
        out += '\n';
    }
    for (const std::string &point : breaks)
        add_text_line(out, "break", point);
    for (const auto &[unit, reason] : broken_units) {
        out += "broken";
        add_pair(out, unit, reason);
        out += '\n';
    }
    for (const ImportRequest &import : imports) {
        out += "import";
        add_word(out, import.plugin);
        add_pairs(out, import.params);
        out += '\n';
    }
}

void add_units(std::string &out, const UnitSource &source) {
    out += "units";
    add_word(out, source.file);
    add_word(out, source.plugin);
    out += "\n|";
    add_lines(out, source.text);
}

// ---- events: the rest of the line after the name, and the lines below it ------------------------

void add(std::string &out, const DeviceChanged &event) {
    add_word(out, event.syspath);
    add_pairs(out, event.facts);
    out += '\n';
}

void add(std::string &out, const DeviceGone &event) {
    add_word(out, event.syspath);
    out += '\n';
}

void add(std::string &out, const Membership &membership) {
    out += "member";
    add_word(out, membership.unit);
    add_word(out, membership.name);
    add_number(out, membership.expected);
    for (const std::string &link : membership.provides)
        add_word(out, link);
    out += '\n';
}

void add_published(std::string &out, const std::map<std::string, Facts> &published) {
    for (const auto &[syspath, facts] : published) {
        out += "published";
        add_word(out, syspath);
        add_pairs(out, facts);
        out += '\n';
    }
}

void add(std::string &out, const ServiceReady &event) {
    add_number(out, event.job);
    out += '\n';
    add_published(out, event.published);
}

void add(std::string &out, const JobFinished &event) {
    add_number(out, event.job);
    add_word(out, record::kOutcomes.at(std::to_underlying(event.outcome)));
    add_word(out, event.reason);
    out += '\n';
    for (const std::string &missing : event.missing)
        add_text_line(out, "missing", missing);
    add_published(out, event.published);
    for (const Membership &membership : event.memberships)
        add(out, membership);
    for (const std::string &unit : event.units) {
        out += "unit\n|";
        add_lines(out, unit);
    }
}

void add(std::string &out, const PromptOpened &event) {
    add_number(out, event.job);
    add_word(out, event.text);
    if (event.question != 0)
        add_number(out, event.question);
    out += '\n';
}

template <class JobEvent>
concept NamesOnlyAJob =
    std::is_same_v<JobEvent, PromptClosed> || std::is_same_v<JobEvent, ResourceReleased>;

void add(std::string &out, const NamesOnlyAJob auto &event) {
    add_number(out, event.job);
    out += '\n';
}

template <class Bare>
concept SaysNothingMore = std::is_empty_v<Bare>;

void add(std::string &out, const SaysNothingMore auto & /*event*/) {
    out += '\n';
}

void add(std::string &out, const QuestionAnswered &event) {
    add_number(out, event.question);
    add_word(out, event.is_yes ? "yes" : "no");
    out += '\n';
}

void add(std::string &out, const ResourceRequested &event) {
    add_number(out, event.job);
    add_word(out, event.resource);
    add_number(out, event.amount);
    out += '\n';
}

void add(std::string &out, const ForeignPromptOpened &event) {
    add_number(out, event.number);
    add_number(out, event.job);
    add_word(out, event.text);
    if (event.question != 0) {
        add_number(out, event.question);
        add_word(out, event.file);
    }
    out += '\n';
}

void add(std::string &out, const ForeignPromptClosed &event) {
    add_number(out, event.number);
    out += '\n';
}

void add(std::string &out, const JobProgressed &event) {
    add_number(out, event.job);
    add_word(out, event.text);
    out += '\n';
}

void add(std::string &out, const BreakContinued &event) {
    add_word(out, event.name);
    out += '\n';
}

void add(std::string &out, const UserCommand &event) {
    add_word(out, record::kVerbs.at(std::to_underlying(event.verb)));
    add_word(out, event.unit);
    add_time(out, event.time);
    out += '\n';
}

void begin_step(std::string &out, Duration when) {
    out += '@';
    out += std::to_string(when.count());
    out += ' ';
}

} // namespace

Recorder::Recorder(const EngineConfig &config, const std::vector<UnitSource> &units,
                   std::size_t max_bytes)
    : max_bytes_(max_bytes) {
    text_ = record::kFirstLine;
    text_ += '\n';
    add_config(text_, config);
    for (const UnitSource &source : units)
        add_units(text_, source);
    // A record without its units is of no use, so this is a limit for what follows as well.
    end_step(text_.size());
}

void Recorder::started(Duration when, const std::vector<Action> &decisions) {
    if (is_full_)
        return;
    const std::size_t begin = text_.size();
    begin_step(text_, when);
    text_ += record::kStart;
    text_ += '\n';
    add_decisions(decisions);
    end_step(begin);
}

void Recorder::handled(Duration when, const Event &event, const std::vector<Action> &decisions) {
    if (is_full_)
        return;
    const std::size_t begin = text_.size();
    begin_step(text_, when);
    text_ += record::kEventNames.at(event.index());
    std::visit([this](const auto &value) { add(text_, value); }, event);
    add_decisions(decisions);
    if (const auto *finished = std::get_if<JobFinished>(&event))
        decisions_.forget(finished->job);
    end_step(begin);
}

void Recorder::add_decisions(const std::vector<Action> &decisions) {
    for (const Action &action : decisions) {
        text_ += "> ";
        add_lines(text_, decisions_.describe(action));
    }
}

// A step is recorded whole or not at all: half of one would replay as a difference.
void Recorder::end_step(std::size_t begin) {
    if (text_.size() <= max_bytes_)
        return;
    is_full_ = true;
    text_.resize(begin);
    text_ += record::kTruncated;
    text_ += '\n';
}

} // namespace slipway
