// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/unlock.h"

#include <cerrno>
#include <cstring>
#include <format>

#include "base/text.h"
#include "luks/crypt_options.h"
#include "luks/crypttab.h"
#include "luks/import_volumes.h"

namespace slipway::luks {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

class Unlocking {
public:
    Unlocking(sdk::Context &context, const sdk::Request &request, CryptBackend &backend)
        : context_(context), request_(request), backend_(backend) {}

    Outcome run();

private:
    [[nodiscard]] Outcome open_volume();
    [[nodiscard]] std::string refusal() const;
    [[nodiscard]] bool try_keyfile(const Mapping &mapping);
    [[nodiscard]] bool try_empty_password(const Mapping &mapping);
    template <class Key>
    [[nodiscard]] Result<UnlockResult> unlock(Mapping mapping, const Key &key);
    [[nodiscard]] Outcome ask_for_passphrase(const Mapping &mapping);
    [[nodiscard]] Mapping mapping() const;
    void log_wrong_key(sdk::AnswerSource source, unsigned tries);
    [[nodiscard]] std::string wrong_passphrase(unsigned tries) const;
    [[nodiscard]] Outcome fail(const Error &error, std::string_view remedy) {
        return context_.fail(std::format("{}: {}; {}", label(), error.message(), remedy));
    }
    // "cryptroot (/dev/vda2)"
    [[nodiscard]] std::string label() const { return std::format("{} ({})", name_, devnode_); }

    sdk::Context &context_;
    const sdk::Request &request_;
    CryptBackend &backend_;
    std::string devnode_;
    std::string name_;
    CryptOptions options_;
    std::uint64_t memory_ = 0; // KiB, of one key derivation
};

// rd.auto= starts every volume there is, and knows nothing of the options that narrow that.
std::string Unlocking::refusal() const {
    const LuksCommandLine line = command_line_of(request_);
    if (!line.is_enabled)
        return "switched off by rd.luks=0";
    const bool is_named = request_.params().has("named");
    if (!is_named && line.is_automatic && line.names_volumes())
        return "the kernel command line names other volumes";
    return {};
}

Outcome Unlocking::run() {
    if (const std::string why = refusal(); !why.empty())
        return context_.fail(std::format("{} is not unlocked: {}", request_.unit(), why));
    const auto devices = request_.devices();
    if (devices.size() != 1 || devices.front().devnode().empty())
        return context_.fail(std::format("unit {} needs exactly one device, and has {}",
                                         request_.unit(), devices.size()));
    devnode_ = devices.front().devnode();
    name_ = request_.params().get("name");
    if (name_.empty())
        name_ = "luks-" + std::string(devices.front().fact("fs_uuid"));
    if (!is_mapping_name(name_))
        return context_.fail(std::format("\"{}\" cannot be the name of a mapping; use 1 to 127 "
                                         "characters without '/'",
                                         printable(name_, 140)));
    // Complaints about options were logged when they were imported.
    read_crypt_options(request_.params().get("options"), options_);
    return open_volume();
}

Outcome Unlocking::open_volume() {
    // The unit modules@luks has loaded these, and the usual cipher; the kernel asks modprobe for
    // others.
    if (const int code = context_.load_modules({"dm_mod", "dm_crypt"}); code != 0)
        return context_.fail(
            std::format("{}: the kernel module dm_crypt cannot be loaded: {}; rebuild "
                        "the image with it",
                        label(), std::strerror(code)));
    if (const auto loaded = backend_.load(devnode_); !loaded)
        return fail(loaded.error(), unreadable_header_remedy(devnode_));
    switch (backend_.state_of(name_)) {
    case MappingState::active:
        return context_.done("unlocked already");
    case MappingState::taken_by_another:
        return context_.fail(
            std::format("{}: a device named {} exists already; give this volume another "
                        "name in /etc/crypttab or with rd.luks.name=",
                        label(), name_));
    case MappingState::free:
        break;
    }
    const Mapping wanted = mapping();
    memory_ = backend_.key_derivation_memory(wanted.key_slot);
    if (try_keyfile(wanted))
        return context_.done(std::format("{} unlocked with its key file", name_));
    if (try_empty_password(wanted))
        return context_.done(std::format("{} unlocked with an empty passphrase", name_));
    return ask_for_passphrase(wanted);
}

Mapping Unlocking::mapping() const {
    return {.name = name_,
            .discard = options_.discard,
            .read_only = options_.read_only,
            .no_read_workqueue = options_.no_read_workqueue,
            .no_write_workqueue = options_.no_write_workqueue,
            .same_cpu_crypt = options_.same_cpu_crypt,
            .submit_from_crypt_cpus = options_.submit_from_crypt_cpus,
            .key_slot = options_.key_slot};
}

// The memory is held while a key is derived, and never while a person is asked.
template <class Key>
Result<UnlockResult> Unlocking::unlock(Mapping mapping, const Key &key) {
    if (memory_ == 0)
        return backend_.unlock(mapping, key);
    const sdk::Resource memory(context_, "memory", memory_);
    mapping.has_memory = memory.is_held();
    return backend_.unlock(mapping, key);
}

bool Unlocking::try_empty_password(const Mapping &mapping) {
    if (!options_.try_empty_password)
        return false;
    context_.progress("trying an empty passphrase for " + label());
    const auto result = unlock(mapping, std::string_view("")); // not null
    return result && *result == UnlockResult::unlocked;
}

bool Unlocking::try_keyfile(const Mapping &mapping) {
    const std::string path(request_.params().get("keyfile"));
    if (path.empty())
        return false;
    context_.progress("trying the key file of " + label());
    const auto result =
        unlock(mapping, KeyFile{path, options_.keyfile_offset, options_.keyfile_size});
    if (result && *result == UnlockResult::unlocked)
        return true;
    const std::string why = result ? "no key slot opens with it" : result.error().message();
    context_.log(LogLevel::warning, std::format("{}: key file {}: {}; asking for a passphrase",
                                                label(), printable(path, 300), why));
    return false;
}

// Not everything that does not fit was typed for this volume: that is no mistake of the person's.
void Unlocking::log_wrong_key(sdk::AnswerSource source, unsigned tries) {
    switch (source) {
    case sdk::AnswerSource::cache:
        return context_.log(LogLevel::info,
                            "the passphrase of another volume does not open " + label());
    case sdk::AnswerSource::plugin:
        return context_.log(LogLevel::warning,
                            std::format("{}: no key slot opens with the key of its key device; "
                                        "asking for a passphrase",
                                        label()));
    case sdk::AnswerSource::person:
        return context_.log(LogLevel::notice, wrong_passphrase(tries));
    }
}

std::string Unlocking::wrong_passphrase(unsigned tries) const {
    const unsigned limit = options_.tries.value_or(0);
    return limit == 0
               ? std::format("wrong passphrase for {}, try {}", label(), tries)
               : std::format("wrong passphrase for {}, {} of {} tries", label(), tries, limit);
}

Outcome Unlocking::ask_for_passphrase(const Mapping &mapping) {
    const unsigned limit = options_.tries.value_or(0); // 0: none
    const sdk::Question question = {.message = "Passphrase for " + label(),
                                    .id = question_id(request_.key()),
                                    .echo = options_.password_echo,
                                    .timeout = options_.timeout,
                                    .accept_cached = options_.password_cache};
    unsigned tries = 0; // of the person
    while (true) {
        const sdk::Answer answer = context_.ask(question);
        if (answer.status != SLIPWAY_ANSWERED)
            return context_.fail(std::format("no passphrase was given for {}", label()));
        context_.progress("unlocking " + label());
        const auto result = unlock(mapping, answer.secret);
        if (!result)
            return fail(result.error(),
                        "see the log; cryptsetup luksDump shows what the volume needs");
        if (*result == UnlockResult::unlocked)
            return context_.done(name_ + " unlocked");
        if (answer.source == sdk::AnswerSource::person)
            ++tries;
        log_wrong_key(answer.source, tries);
        // The key derivation of each try is the pause that slows down guessing.
        if (tries > 0 && tries == limit)
            return context_.fail(
                std::format("{}: {} wrong passphrases; run the boot again", label(), tries));
    }
}

} // namespace

std::string question_id(std::string_view key) {
    return "luks:" + std::string(key);
}

std::string unreadable_header_remedy(std::string_view header) {
    return std::format(
        "its header is damaged, or this is no LUKS volume. From a rescue system, try "
        "cryptsetup repair {0}; if that does not help, put a backup of the header "
        "back with cryptsetup luksHeaderRestore {0} --header-backup-file <file>",
        header);
}

Outcome unlock_volume(sdk::Context &context, const sdk::Request &request, CryptBackend &backend) {
    return Unlocking(context, request, backend).run();
}

} // namespace slipway::luks
