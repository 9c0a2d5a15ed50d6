// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/plugin_host.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace slipway {

namespace {

constexpr const char *kModprobe = "/usr/sbin/modprobe";

std::string to_string(slipway_text text) {
    return text.size == 0 ? std::string() : std::string(text.data, text.size);
}

// Plugins that were built for an older slipway hand in a shorter structure.
bool accepts_cached(const slipway_question &question) {
    return question.struct_size > offsetof(slipway_question, accept_cached) &&
           question.accept_cached != 0 && question.echo == 0;
}

// /sys/module has an entry for every loaded module, with '_' for '-'.
bool is_module_loaded(std::string name) {
    std::ranges::replace(name, '-', '_');
    return ::access(("/sys/module/" + name).c_str(), F_OK) == 0;
}

} // namespace

PluginHost::PluginHost(Channel &channel, JobId job) : channel_(channel), job_(job), table_{} {
    table_.abi_version = SLIPWAY_ABI_VERSION;
    table_.struct_size = sizeof(table_);
    table_.ctx = this;
    table_.log = [](void *ctx, std::uint32_t level, slipway_text message) {
        self(ctx).send(
            WorkerLogMessage{self(ctx).job_, static_cast<std::uint8_t>(level), to_string(message)});
    };
    table_.progress = [](void *ctx, slipway_text message) {
        self(ctx).send(ProgressMessage{self(ctx).job_, to_string(message)});
    };
    table_.reason = [](void *ctx, slipway_text message) { self(ctx).reason_ = to_string(message); };
    table_.missing = [](void *ctx, slipway_text what) {
        self(ctx).missing_.push_back(to_string(what));
    };
    table_.publish = [](void *ctx, slipway_text syspath, slipway_text key, slipway_text value) {
        self(ctx).facts_[to_string(syspath)].emplace_back(to_string(key), to_string(value));
    };
    table_.member = [](void *ctx, const slipway_membership *membership) {
        MemberMessage message{self(ctx).job_,
                              to_string(membership->unit),
                              to_string(membership->name),
                              membership->expected,
                              {}};
        for (std::size_t i = 0; i < membership->provides_count; ++i)
            message.provides.push_back(to_string(membership->provides[i]));
        self(ctx).send(message);
    };
    table_.units = [](void *ctx, slipway_text toml) {
        self(ctx).send(UnitsMessage{self(ctx).job_, to_string(toml)});
    };
    table_.ask = [](void *ctx, const slipway_question *question, slipway_text *secret) {
        return self(ctx).ask(*question, *secret);
    };
    table_.run = [](void *ctx, const char *const *argv, const slipway_text *input,
                    slipway_run_result *result) { return self(ctx).run(argv, input, *result); };
    table_.load_modules = [](void *ctx, const char *const *names, std::size_t count) {
        return self(ctx).load_modules(names, count);
    };
    table_.acquire = [](void *ctx, slipway_text resource, std::uint64_t amount) {
        return self(ctx).acquire(resource, amount);
    };
    table_.release = [](void *ctx) { self(ctx).release(); };
    table_.ready = [](void *ctx) {
        self(ctx).send_facts();
        self(ctx).send(ReadyMessage{self(ctx).job_});
    };
    table_.answer = [](void *ctx, slipway_text id, slipway_text secret) {
        return self(ctx).give_answer(id, secret);
    };
    table_.answer_source = [](void *ctx) { return self(ctx).answer_source_; };
}

void PluginHost::send(const Message &message) {
    is_connected_ = is_connected_ && channel_.send(message).has_value();
}

void PluginHost::send_facts() {
    for (auto &[syspath, facts] : facts_)
        send(FactsMessage{job_, syspath, std::move(facts)});
    facts_.clear();
}

Result<> PluginHost::finish(slipway_outcome outcome) {
    secret_.wipe();
    send_facts();
    return channel_.send(
        ResultMessage{job_, static_cast<std::uint8_t>(outcome), reason_, missing_});
}

slipway_answer_status PluginHost::ask(const slipway_question &question, slipway_text &secret) {
    secret_.wipe();
    secret = {nullptr, 0};
    send(AskMessage{job_, to_string(question.message), to_string(question.id),
                    static_cast<std::uint8_t>(question.echo != 0), question.timeout_usec,
                    static_cast<std::uint8_t>(accepts_cached(question))});
    if (!is_connected_)
        return SLIPWAY_ASK_ERROR;
    auto received = channel_.receive();
    if (!received || !*received)
        return SLIPWAY_ASK_ERROR;
    const auto *answer = std::get_if<AnswerMessage>(&(*received)->message);
    if (answer == nullptr || answer->job != job_)
        return SLIPWAY_ASK_ERROR;
    if (answer->status != SLIPWAY_ANSWERED)
        return SLIPWAY_NOT_ANSWERED;
    auto shared = SharedSecret::open(std::move((*received)->fd), answer->size);
    if (!shared)
        return SLIPWAY_ASK_ERROR;
    secret_ = std::move(*shared);
    answer_source_ = answer->source;
    secret = {secret_.view().data(), secret_.view().size()};
    return SLIPWAY_ANSWERED;
}

int PluginHost::acquire(slipway_text resource, std::uint64_t amount) {
    if (holds_resource_)
        return EBUSY;
    send(AcquireMessage{job_, to_string(resource), amount});
    if (!is_connected_)
        return EPIPE;
    const auto received = channel_.receive();
    if (!received || !*received)
        return EPIPE;
    const auto *grant = std::get_if<GrantMessage>(&(*received)->message);
    if (grant == nullptr || grant->job != job_)
        return EPIPE;
    holds_resource_ = true;
    return 0;
}

void PluginHost::release() {
    if (std::exchange(holds_resource_, false))
        send(ReleaseMessage{job_});
}

// PID 1 has its copy when this returns, so the page can be wiped here.
int PluginHost::give_answer(slipway_text id, slipway_text secret) {
    if (id.size == 0)
        return EINVAL;
    if (secret.size > Secret::kMaxBytes)
        return EMSGSIZE;
    const auto shared = SharedSecret::create(Secret(std::string_view(secret.data, secret.size)));
    if (!shared)
        return shared.error().code();
    const GiveAnswerMessage message{job_, to_string(id), static_cast<std::uint32_t>(secret.size)};
    is_connected_ = is_connected_ && channel_.send(message, shared->fd()).has_value();
    if (!is_connected_)
        return EPIPE;
    const auto received = channel_.receive();
    if (!received || !*received)
        return EPIPE;
    const auto *taken = std::get_if<AnswerTakenMessage>(&(*received)->message);
    if (taken == nullptr || taken->job != job_)
        return EPIPE;
    return static_cast<int>(taken->code);
}

int PluginHost::run(const char *const *argv, const slipway_text *input,
                    slipway_run_result &result) {
    std::vector<std::string> words;
    for (const char *const *word = argv; *word != nullptr; ++word)
        words.emplace_back(*word);
    std::optional<std::string_view> fed;
    if (input != nullptr)
        fed = std::string_view(input->data, input->size);
    auto ended = run_program(words, fed);
    program_ = ended ? std::move(*ended) : ProgramResult{-1, "", ended.error().message()};
    result.exit_code = program_.exit_code;
    result.output = {program_.output.data(), program_.output.size()};
    result.errors = {program_.errors.data(), program_.errors.size()};
    return program_.exit_code;
}

int PluginHost::load_modules(const char *const *names, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (is_module_loaded(names[i]))
            continue;
        const auto ended = run_program({kModprobe, "--", names[i]}, std::nullopt);
        if (!ended)
            return ended.error().code() == 0 ? EIO : ended.error().code();
        if (ended->exit_code != 0) {
            reason_ = "modprobe " + std::string(names[i]) + ": " + printable(ended->errors, 300);
            return ENOENT;
        }
    }
    return 0;
}

} // namespace slipway
