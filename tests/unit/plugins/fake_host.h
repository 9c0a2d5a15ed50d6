// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace slipway::test {

using StringPairs = std::vector<std::pair<std::string, std::string>>;

// The host's side of the plugin interface: records what a plugin says, answers what it asks.
// Strict: a program or a question that the test did not announce is recorded and fails in the
// plugin's eyes.
class FakeHost {
public:
    FakeHost();
    FakeHost(const FakeHost &) = delete;
    FakeHost &operator=(const FakeHost &) = delete;
    FakeHost(FakeHost &&) = delete;
    FakeHost &operator=(FakeHost &&) = delete;
    ~FakeHost() = default;

    [[nodiscard]] const slipway_host &raw() const { return host_; }

    // Answers to come: a secret, or nothing for "not answered".
    std::deque<std::optional<std::string>> answers;
    // Who gives them: one for each of `answers` that is a secret; a person when there is none left.
    std::deque<sdk::AnswerSource> answer_sources;
    // Of programs: receives argv. The default says "could not be started".
    std::function<sdk::RunResult(const std::vector<std::string> &)> on_run;
    std::map<std::string, int> module_errors; // name → errno value

    std::vector<std::pair<sdk::LogLevel, std::string>> logged;
    std::string reason;
    std::vector<std::string> progress;
    std::vector<std::string> missing;
    std::map<std::string, std::map<std::string, std::string>> published; // by syspath
    std::vector<sdk::Membership> members;
    std::string units;
    std::vector<std::string> questions;
    std::vector<std::string> question_ids;
    std::vector<std::vector<std::string>> programs;
    std::vector<std::string> modules;
    std::vector<std::pair<std::string, std::uint64_t>> acquired;
    unsigned releases = 0;
    unsigned ready_calls = 0;
    std::vector<std::pair<std::string, std::string>> given_answers; // id, secret
    std::vector<bool> accepted_cached;                              // of each question

    // All logged text, one line each.
    [[nodiscard]] std::string log_text() const {
        std::string text;
        for (const auto &[level, line] : logged)
            text += line + "\n";
        return text;
    }

private:
    static FakeHost &self(void *ctx) { return *static_cast<FakeHost *>(ctx); }
    static std::string str(slipway_text text) { return std::string(sdk::view(text)); }
    static slipway_answer_status answer(void *ctx, const slipway_question *question,
                                        slipway_text *secret);
    static int run_program(void *ctx, const char *const *argv, const slipway_text *input,
                           slipway_run_result *result);
    static int load(void *ctx, const char *const *names, std::size_t count);
    static void add_member(void *ctx, const slipway_membership *membership);

    slipway_host host_{};
    std::string secret_;
    sdk::AnswerSource source_ = sdk::AnswerSource::person;
    sdk::RunResult result_;
};

inline FakeHost::FakeHost() {
    host_ = {
        .abi_version = SLIPWAY_ABI_VERSION,
        .struct_size = sizeof(slipway_host),
        .ctx = this,
        .log =
            [](void *ctx, std::uint32_t level, slipway_text message) {
                self(ctx).logged.emplace_back(static_cast<sdk::LogLevel>(level), str(message));
            },
        .progress = [](void *ctx, slipway_text text) { self(ctx).progress.push_back(str(text)); },
        .reason = [](void *ctx, slipway_text message) { self(ctx).reason = str(message); },
        .missing = [](void *ctx, slipway_text what) { self(ctx).missing.push_back(str(what)); },
        .publish =
            [](void *ctx, slipway_text syspath, slipway_text key, slipway_text value) {
                self(ctx).published[str(syspath)][str(key)] = str(value);
            },
        .member = &FakeHost::add_member,
        .units = [](void *ctx, slipway_text toml) { self(ctx).units += str(toml); },
        .ask = &FakeHost::answer,
        .run = &FakeHost::run_program,
        .load_modules = &FakeHost::load,
        .acquire =
            [](void *ctx, slipway_text resource, std::uint64_t amount) {
                self(ctx).acquired.emplace_back(str(resource), amount);
                return 0;
            },
        .release = [](void *ctx) { ++self(ctx).releases; },
        .ready = [](void *ctx) { ++self(ctx).ready_calls; },
        .answer =
            [](void *ctx, slipway_text id, slipway_text secret) {
                self(ctx).given_answers.emplace_back(str(id), str(secret));
                return 0;
            },
        .answer_source = [](void *ctx) { return static_cast<std::uint32_t>(self(ctx).source_); }};
}

inline slipway_answer_status FakeHost::answer(void *ctx, const slipway_question *question,
                                              slipway_text *secret) {
    FakeHost &host = self(ctx);
    host.questions.push_back(str(question->message));
    host.question_ids.push_back(str(question->id));
    host.accepted_cached.push_back(question->accept_cached != 0);
    if (host.answers.empty())
        return SLIPWAY_NOT_ANSWERED;
    const auto next = std::move(host.answers.front());
    host.answers.pop_front();
    if (!next)
        return SLIPWAY_NOT_ANSWERED;
    host.secret_ = *next;
    host.source_ = sdk::AnswerSource::person;
    if (!host.answer_sources.empty()) {
        host.source_ = host.answer_sources.front();
        host.answer_sources.pop_front();
    }
    *secret = sdk::text(host.secret_);
    return SLIPWAY_ANSWERED;
}

inline int FakeHost::run_program(void *ctx, const char *const *argv, const slipway_text *,
                                 slipway_run_result *result) {
    FakeHost &host = self(ctx);
    std::vector<std::string> words;
    for (const char *const *word = argv; *word != nullptr; ++word)
        words.emplace_back(*word);
    host.programs.push_back(words);
    host.result_ = host.on_run ? host.on_run(words) : sdk::RunResult{};
    *result = {.struct_size = sizeof(slipway_run_result),
               .exit_code = host.result_.exit_code,
               .output = sdk::text(host.result_.output),
               .errors = sdk::text(host.result_.errors)};
    return 0;
}

inline int FakeHost::load(void *ctx, const char *const *names, std::size_t count) {
    FakeHost &host = self(ctx);
    for (std::size_t i = 0; i < count; ++i) {
        host.modules.emplace_back(names[i]);
        if (const auto found = host.module_errors.find(names[i]); found != host.module_errors.end())
            return found->second;
    }
    return 0;
}

inline void FakeHost::add_member(void *ctx, const slipway_membership *membership) {
    sdk::Membership member{str(membership->unit), str(membership->name), membership->expected, {}};
    for (std::size_t i = 0; i < membership->provides_count; ++i)
        member.provides.push_back(str(membership->provides[i]));
    self(ctx).members.push_back(std::move(member));
}

// A request with everything that it points to.
class FakeRequest {
public:
    std::string unit;
    std::string key;
    sdk::Mode mode = sdk::Mode::normal;
    StringPairs params;
    StringPairs options;
    std::vector<std::pair<std::string, StringPairs>> devices; // syspath, facts
    std::vector<std::string> wanted;

    // Valid until the next call and as long as this object is unchanged.
    [[nodiscard]] const slipway_request &raw() {
        facts_.clear();
        devices_.clear();
        wanted_.clear();
        params_ = pairs(params);
        options_ = pairs(options);
        for (const auto &[syspath, facts] : devices)
            facts_.push_back(pairs(facts));
        for (std::size_t i = 0; i < devices.size(); ++i)
            devices_.push_back({sdk::text(devices[i].first), list(facts_[i])});
        for (const std::string &reference : wanted)
            wanted_.push_back(sdk::text(reference));
        raw_ = {.struct_size = sizeof(slipway_request),
                .mode = static_cast<std::uint32_t>(mode),
                .unit = sdk::text(unit),
                .key = sdk::text(key),
                .params = list(params_),
                .options = list(options_),
                .devices = devices_.data(),
                .device_count = devices_.size(),
                .wanted = wanted_.data(),
                .wanted_count = wanted_.size()};
        return raw_;
    }

private:
    static std::vector<slipway_pair> pairs(const StringPairs &from) {
        std::vector<slipway_pair> raw;
        for (const auto &[key, value] : from)
            raw.push_back({sdk::text(key), sdk::text(value)});
        return raw;
    }
    static slipway_pairs list(const std::vector<slipway_pair> &from) {
        return {from.data(), from.size()};
    }

    std::vector<slipway_pair> params_;
    std::vector<slipway_pair> options_;
    std::vector<std::vector<slipway_pair>> facts_;
    std::vector<slipway_device> devices_;
    std::vector<slipway_text> wanted_;
    slipway_request raw_{};
};

} // namespace slipway::test
