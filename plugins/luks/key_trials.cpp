// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/key_trials.h"

#include <format>

#include "base/text.h"

namespace slipway::luks {

using sdk::AnswerSource;
using sdk::LogLevel;
using sdk::Outcome;

std::string question_id(std::string_view key) {
    return "luks:" + std::string(key);
}

KeyTrials::KeyTrials(sdk::Context &context, CryptBackend &backend, const Volume &volume)
    : context_(context), backend_(backend), volume_(volume),
      memory_(backend.key_derivation_memory(volume.mapping.key_slot)) {}

Outcome KeyTrials::run() {
    const std::string &name = volume_.mapping.name;
    if (try_keyfile())
        return context_.done(std::format("{} unlocked with its key file", name));
    if (try_tokens())
        return context_.done(std::format("{} unlocked with a token", name));
    if (try_empty_password())
        return context_.done(std::format("{} unlocked with an empty passphrase", name));
    return ask_for_passphrase();
}

// The memory is held while a key is derived, and never while a person is asked.
template <class Key>
Result<UnlockResult> KeyTrials::unlock(const Key &key) {
    Mapping mapping = volume_.mapping;
    if (memory_ == 0)
        return backend_.unlock(mapping, key);
    const sdk::Resource memory(context_, "memory", memory_);
    mapping.has_memory = memory.is_held();
    return backend_.unlock(mapping, key);
}

// What stands in a file is the key of a plain volume itself, what a person types is hashed. A
// device that has a header is not touched.
Result<> KeyTrials::use_hash_for(AnswerSource source) {
    const bool is_key_file = source == AnswerSource::plugin;
    if (!volume_.options.is_plain || is_key_file == is_hash_of_key_file_)
        return {};
    is_hash_of_key_file_ = is_key_file;
    return backend_.load_plain(volume_.devnode, plain_cipher_of(volume_.options, is_key_file));
}

bool KeyTrials::try_keyfile() {
    if (volume_.keyfile.empty())
        return false;
    context_.progress("trying the key file of " + volume_.label());
    const CryptOptions &options = volume_.options;
    const std::uint64_t size = options.is_plain ? options.key_bits / 8 : options.keyfile_size;
    auto result = use_hash_for(AnswerSource::plugin).and_then([&] {
        return unlock(KeyFile{volume_.keyfile, options.keyfile_offset, size});
    });
    if (result && *result == UnlockResult::unlocked)
        return true;
    const std::string why = result ? "no key slot opens with it" : result.error().message();
    key_problem_ = std::format("key file {}: {}", printable(volume_.keyfile, 300), why);
    context_.log(LogLevel::warning,
                 std::format("{}: {}; asking for a passphrase", volume_.label(), key_problem_));
    return false;
}

bool KeyTrials::try_empty_password() {
    if (!volume_.options.try_empty_password || volume_.options.is_plain)
        return false;
    context_.progress("trying an empty passphrase for " + volume_.label());
    const auto result = unlock(std::string_view("")); // not null
    return result && *result == UnlockResult::unlocked;
}

std::string KeyTrials::wrong_passphrase(unsigned tries) const {
    const unsigned limit = volume_.options.tries.value_or(0);
    return limit == 0 ? std::format("wrong passphrase for {}, try {}", volume_.label(), tries)
                      : std::format("wrong passphrase for {}, {} of {} tries", volume_.label(),
                                    tries, limit);
}

// Not everything that does not fit was typed for this volume: that is no mistake of the person's.
void KeyTrials::log_wrong_key(AnswerSource source, unsigned tries) {
    switch (source) {
    case AnswerSource::cache:
        return context_.log(LogLevel::info,
                            "the passphrase of another volume does not open " + volume_.label());
    case AnswerSource::plugin:
        return context_.log(LogLevel::warning,
                            std::format("{}: no key slot opens with the key of its key device; "
                                        "asking for a passphrase",
                                        volume_.label()));
    case AnswerSource::person:
        return context_.log(LogLevel::notice, wrong_passphrase(tries));
    }
}

sdk::Question KeyTrials::question() const {
    const CryptOptions &options = volume_.options;
    return {.message = std::format("Passphrase for {}{}", volume_.label(),
                                   awaits_token_ ? ", or plug in the token and press Enter" : ""),
            .id = question_id(volume_.key),
            .echo = options.password_echo,
            .timeout = options.timeout,
            // A plain volume takes every passphrase, so the first one has to be the right one.
            .accept_cached = options.password_cache && !options.is_plain};
}

Outcome KeyTrials::ask_for_passphrase() {
    const std::string label = volume_.label();
    const unsigned limit = volume_.options.tries.value_or(0); // 0: none
    unsigned tries = 0;                                       // of the person
    while (true) {
        context_.progress(key_problem_); // which stands above the prompt
        const sdk::Answer answer = context_.ask(question());
        if (answer.status != SLIPWAY_ANSWERED)
            return context_.fail(std::format("no passphrase was given for {}", label));
        if (awaits_token_ && answer.source == AnswerSource::person && answer.secret.empty()) {
            if (try_tokens())
                return context_.done(volume_.mapping.name + " unlocked with a token");
            continue;
        }
        context_.progress("unlocking " + label);
        const auto result =
            use_hash_for(answer.source).and_then([&] { return unlock(answer.secret); });
        if (!result)
            return context_.fail(std::format("{}: {}; see the log; cryptsetup luksDump shows what "
                                             "the volume needs",
                                             label, result.error().message()));
        if (*result == UnlockResult::unlocked)
            return context_.done(volume_.mapping.name + " unlocked");
        if (answer.source == AnswerSource::person)
            ++tries;
        log_wrong_key(answer.source, tries);
        // The key derivation of each try is the pause that slows down guessing.
        if (tries > 0 && tries == limit)
            return context_.fail(
                std::format("{}: {} wrong passphrases; run the boot again", label, tries));
    }
}

} // namespace slipway::luks
