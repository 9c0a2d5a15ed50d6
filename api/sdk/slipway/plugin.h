// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The C++ side of the plugin interface: derive from slipway::sdk::Plugin, override the operations
// you have, and name the class once:
//
//     class Hello final : public slipway::sdk::Plugin {
//         Outcome activate(Context &context, const Request &request) override { … }
//     };
//     SLIPWAY_PLUGIN("hello", Hello)
//
// Header only, so that a plugin built with another compiler or standard library still meets slipway
// at the C structures of abi.h. Exceptions that leave an operation become a failed job.
#pragma once

#include <slipway/abi.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sdk {

[[nodiscard]] inline std::string_view view(slipway_text text) noexcept {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

[[nodiscard]] inline slipway_text text(std::string_view value) noexcept {
    return {value.data(), value.size()};
}

// A list of key and value, borrowed from the request.
class Pairs {
public:
    explicit Pairs(slipway_pairs pairs) noexcept : pairs_(pairs) {}

    [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const noexcept {
        for (std::size_t i = 0; i < pairs_.count; ++i) {
            if (view(pairs_.items[i].key) == key)
                return view(pairs_.items[i].value);
        }
        return std::nullopt;
    }
    // The value, or "" when there is none.
    [[nodiscard]] std::string_view get(std::string_view key) const noexcept {
        return find(key).value_or(std::string_view());
    }
    [[nodiscard]] bool has(std::string_view key) const noexcept { return find(key).has_value(); }
    // A list-valued entry: one value per line.
    [[nodiscard]] std::vector<std::string_view> list(std::string_view key) const {
        std::vector<std::string_view> values;
        auto rest = find(key);
        while (rest) {
            const std::size_t end = rest->find('\n');
            values.push_back(rest->substr(0, end));
            if (end == std::string_view::npos)
                break;
            rest = rest->substr(end + 1);
        }
        return values;
    }
    [[nodiscard]] slipway_pairs raw() const noexcept { return pairs_; }

private:
    slipway_pairs pairs_;
};

class Device {
public:
    explicit Device(const slipway_device &device) noexcept : device_(&device) {}

    [[nodiscard]] std::string_view syspath() const noexcept { return view(device_->syspath); }
    [[nodiscard]] Pairs facts() const noexcept { return Pairs(device_->facts); }
    [[nodiscard]] std::string_view fact(std::string_view key) const noexcept {
        return facts().get(key);
    }
    // "/dev/vda2"; "" for devices without a node.
    [[nodiscard]] std::string devnode() const { return std::string(fact("devnode")); }

private:
    const slipway_device *device_;
};

enum class Mode : std::uint8_t { normal = SLIPWAY_MODE_NORMAL, degraded = SLIPWAY_MODE_DEGRADED };

class Request {
public:
    explicit Request(const slipway_request &request) noexcept : request_(&request) {}

    [[nodiscard]] std::string_view unit() const noexcept { return view(request_->unit); }
    [[nodiscard]] std::string_view key() const noexcept { return view(request_->key); }
    [[nodiscard]] Mode mode() const noexcept { return static_cast<Mode>(request_->mode); }
    [[nodiscard]] Pairs params() const noexcept { return Pairs(request_->params); }
    [[nodiscard]] Pairs options() const noexcept { return Pairs(request_->options); }
    [[nodiscard]] std::vector<Device> devices() const {
        return {request_->devices, request_->devices + request_->device_count};
    }
    // Device references that goals still wait for.
    [[nodiscard]] std::vector<std::string_view> wanted() const {
        std::vector<std::string_view> references;
        for (std::size_t i = 0; i < request_->wanted_count; ++i)
            references.push_back(view(request_->wanted[i]));
        return references;
    }

private:
    const slipway_request *request_;
};

enum class Outcome : std::uint8_t {
    done = SLIPWAY_DONE,
    incomplete = SLIPWAY_INCOMPLETE,
    failed = SLIPWAY_FAILED,
    retry = SLIPWAY_RETRY,
};

enum class LogLevel : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

struct Membership {
    std::string unit; // template with key: "lvm@<vg uuid>"
    std::string name;
    std::uint32_t expected = 0;
    std::vector<std::string> provides;
};

struct RunResult {
    int exit_code = -1;
    std::string output;
    std::string errors;
    [[nodiscard]] bool is_success() const noexcept { return exit_code == 0; }
};

struct Question {
    std::string message;
    std::string id;
    bool echo = false;
    std::chrono::microseconds timeout{0};
    // A passphrase that a person typed for another question may answer this one before a person is
    // asked; each one is offered once per id. Never with echo.
    bool accept_cached = false;
};

// Who gave an answer, see abi.h. What no person typed for this very question is not a person's try.
enum class AnswerSource : std::uint8_t {
    person = SLIPWAY_SOURCE_PERSON,
    cache = SLIPWAY_SOURCE_CACHE,
    plugin = SLIPWAY_SOURCE_PLUGIN,
};

// The answer to a Question: the secret stays in the host's locked memory, valid until the next
// ask() or the end of the operation. Do not copy it into a std::string.
struct Answer {
    slipway_answer_status status = SLIPWAY_ASK_ERROR;
    std::string_view secret;
    AnswerSource source = AnswerSource::person;
};

// What slipway offers an operation. Valid during that operation only.
class Context {
public:
    explicit Context(const slipway_host &host) noexcept : host_(&host) {}

    void log(LogLevel level, std::string_view message) {
        host_->log(host_->ctx, static_cast<std::uint32_t>(level), text(message));
    }
    void progress(std::string_view message) { host_->progress(host_->ctx, text(message)); }
    void missing(std::string_view what) { host_->missing(host_->ctx, text(what)); }
    void publish(std::string_view syspath, std::string_view key, std::string_view value) {
        host_->publish(host_->ctx, text(syspath), text(key), text(value));
    }
    void units(std::string_view toml) { host_->units(host_->ctx, text(toml)); }

    // "return context.fail("…")" reads well: the reason and the outcome in one.
    [[nodiscard]] Outcome fail(std::string_view why) { return end(Outcome::failed, why); }
    [[nodiscard]] Outcome retry(std::string_view why) { return end(Outcome::retry, why); }
    [[nodiscard]] Outcome incomplete(std::string_view why) { return end(Outcome::incomplete, why); }
    [[nodiscard]] Outcome done(std::string_view note) { return end(Outcome::done, note); }

    void member(const Membership &membership) {
        std::vector<slipway_text> provides;
        provides.reserve(membership.provides.size());
        for (const std::string &link : membership.provides)
            provides.push_back(text(link));
        const slipway_membership raw{.struct_size = sizeof(slipway_membership),
                                     .unit = text(membership.unit),
                                     .name = text(membership.name),
                                     .expected = membership.expected,
                                     .provides = provides.data(),
                                     .provides_count = provides.size()};
        host_->member(host_->ctx, &raw);
    }

    [[nodiscard]] Answer ask(const Question &question) {
        const slipway_question raw{.struct_size = sizeof(slipway_question),
                                   .message = text(question.message),
                                   .id = text(question.id),
                                   .echo = question.echo ? 1U : 0U,
                                   .timeout_usec =
                                       static_cast<std::uint64_t>(question.timeout.count()),
                                   .accept_cached = question.accept_cached ? 1U : 0U};
        slipway_text secret{nullptr, 0};
        const slipway_answer_status status = host_->ask(host_->ctx, &raw, &secret);
        return {status, view(secret), source_of_answer()};
    }

    [[nodiscard]] RunResult run(const std::vector<std::string> &argv,
                                std::optional<std::string_view> input = std::nullopt) {
        std::vector<const char *> raw;
        raw.reserve(argv.size() + 1);
        for (const std::string &word : argv)
            raw.push_back(word.c_str());
        raw.push_back(nullptr);
        slipway_run_result result{};
        result.struct_size = sizeof(result);
        const slipway_text raw_input = text(input.value_or(std::string_view()));
        host_->run(host_->ctx, raw.data(), input ? &raw_input : nullptr, &result);
        return {result.exit_code, std::string(view(result.output)),
                std::string(view(result.errors))};
    }

    // 0 or an errno value, see abi.h.
    [[nodiscard]] int load_modules(const std::vector<std::string> &names) {
        std::vector<const char *> raw;
        raw.reserve(names.size());
        for (const std::string &name : names)
            raw.push_back(name.c_str());
        return host_->load_modules(host_->ctx, raw.data(), raw.size());
    }

    // Answers the question with this id in place of a person, see abi.h. 0 or an errno value;
    // ENOSYS: slipway is too old for it.
    [[nodiscard]] int answer(std::string_view id, std::string_view secret) {
        if (host_->struct_size <= offsetof(slipway_host, answer) || host_->answer == nullptr)
            return ENOSYS;
        return host_->answer(host_->ctx, text(id), text(secret));
    }

    // Of services: what the unit stands for can be used; the operation goes on.
    void ready() {
        if (knows_resources())
            host_->ready(host_->ctx);
    }

private:
    friend class Resource;

    // An older slipway has a shorter table, which ends before these functions.
    [[nodiscard]] bool knows_resources() const noexcept {
        return host_->struct_size > offsetof(slipway_host, ready) && host_->acquire != nullptr;
    }

    [[nodiscard]] AnswerSource source_of_answer() const {
        if (host_->struct_size <= offsetof(slipway_host, answer_source) ||
            host_->answer_source == nullptr)
            return AnswerSource::person;
        return static_cast<AnswerSource>(host_->answer_source(host_->ctx));
    }

    Outcome end(Outcome outcome, std::string_view why) {
        host_->reason(host_->ctx, text(why));
        return outcome;
    }

    const slipway_host *host_;
};

// An amount of a resource that jobs share, held from construction to destruction. Construction
// blocks until it is there. "memory" counts KiB.
class Resource {
public:
    Resource(Context &context, std::string_view name, std::uint64_t amount) : context_(&context) {
        is_held_ = context.knows_resources() &&
                   context.host_->acquire(context.host_->ctx, text(name), amount) == 0;
    }
    Resource(const Resource &) = delete;
    Resource &operator=(const Resource &) = delete;
    Resource(Resource &&) = delete;
    Resource &operator=(Resource &&) = delete;
    ~Resource() {
        if (is_held_)
            context_->host_->release(context_->host_->ctx);
    }
    // False: slipway is gone or too old to count; the operation may go on without.
    [[nodiscard]] bool is_held() const noexcept { return is_held_; }

private:
    Context *context_;
    bool is_held_ = false;
};

// Base of a plugin. One object per worker process, made at the first operation. An operation that
// is not overridden fails with "not supported".
class Plugin {
public:
    Plugin() = default;
    Plugin(const Plugin &) = delete;
    Plugin &operator=(const Plugin &) = delete;
    Plugin(Plugin &&) = delete;
    Plugin &operator=(Plugin &&) = delete;
    virtual ~Plugin() = default;

    virtual Outcome inspect(Context &context, const Request &) { return unsupported(context); }
    virtual Outcome activate(Context &context, const Request &) { return unsupported(context); }
    virtual Outcome deactivate(Context &context, const Request &) { return unsupported(context); }
    virtual Outcome import(Context &context, const Request &) { return unsupported(context); }

private:
    static Outcome unsupported(Context &context) {
        return context.fail("the plugin does not have this operation; check its unit's TOML");
    }
};

namespace detail {

template <class P>
slipway_outcome call(Outcome (Plugin::*operation)(Context &, const Request &),
                     const slipway_host *host, const slipway_request *raw) noexcept {
    Context context(*host);
    try {
        static P plugin;
        Plugin &base = plugin;
        return static_cast<slipway_outcome>((base.*operation)(context, Request(*raw)));
    } catch (const std::exception &error) {
        (void)context.fail(error.what());
    } catch (...) {
        (void)context.fail("the plugin threw something that is not a std::exception");
    }
    return SLIPWAY_FAILED;
}

} // namespace detail

} // namespace slipway::sdk

// The one line that makes a shared object a plugin.
#define SLIPWAY_PLUGIN(plugin_name, Class)                                                         \
    namespace {                                                                                    \
    slipway_outcome entry_inspect(const slipway_host *host, const slipway_request *request) {      \
        return slipway::sdk::detail::call<Class>(&slipway::sdk::Plugin::inspect, host, request);   \
    }                                                                                              \
    slipway_outcome entry_activate(const slipway_host *host, const slipway_request *request) {     \
        return slipway::sdk::detail::call<Class>(&slipway::sdk::Plugin::activate, host, request);  \
    }                                                                                              \
    slipway_outcome entry_deactivate(const slipway_host *host, const slipway_request *request) {   \
        return slipway::sdk::detail::call<Class>(&slipway::sdk::Plugin::deactivate, host,          \
                                                 request);                                         \
    }                                                                                              \
    slipway_outcome entry_import(const slipway_host *host, const slipway_request *request) {       \
        return slipway::sdk::detail::call<Class>(&slipway::sdk::Plugin::import, host, request);    \
    }                                                                                              \
    }                                                                                              \
    extern "C" __attribute__((visibility("default")))                                              \
    const slipway_plugin slipway_plugin_entry = {                                                  \
        SLIPWAY_ABI_VERSION, sizeof(slipway_plugin), plugin_name,  &entry_inspect,                 \
        &entry_activate,     &entry_deactivate,      &entry_import};
