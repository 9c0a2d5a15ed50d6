// SPDX-License-Identifier: LGPL-2.1-or-later
// The part of KeyTrials that is about tokens.
#include <array>
#include <format>

#include "base/text.h"
#include "luks/key_trials.h"

namespace slipway::luks {

using sdk::LogLevel;

namespace {

// A TPM counts wrong PINs and locks itself after some, for hours.
constexpr unsigned kMaxPins = 3;
constexpr std::string_view kTpm = "systemd-tpm2";

struct TokenName {
    std::string_view type;
    std::string_view name;
};
constexpr std::array kTokenNames = {
    TokenName{kTpm, "TPM"},
    TokenName{"systemd-fido2", "FIDO2 token"},
    TokenName{"systemd-pkcs11", "smart card"},
};

// For people. The type is text from a header.
std::string name_of(const Token &token) {
    for (const TokenName &known : kTokenNames) {
        if (token.type == known.type)
            return std::string(known.name);
    }
    return std::format("token {} of type {}", token.id, printable(token.type, 60));
}

std::string why_absent(const Token &token) {
    return token.type == kTpm ? "there is no TPM device; tpm2-device=auto in crypttab waits for it"
                              : "it is not plugged in";
}

} // namespace

bool KeyTrials::try_tokens() {
    awaits_token_ = false;
    if (volume_.options.is_plain)
        return false;
    for (const Token &token : backend_.tokens(volume_.mapping.key_slot)) {
        if (token.has_handler ? try_token(token) : false)
            return true;
        if (!token.has_handler)
            context_.log(LogLevel::notice,
                         std::format("{}: the {} is not asked: the image has no "
                                     "libcryptsetup-token-{}.so; build it with that library",
                                     volume_.label(), name_of(token), printable(token.type, 60)));
    }
    return false;
}

// Each token gets its memory only while it works: a person may have to type a PIN in between.
Result<TokenResult> KeyTrials::ask_token(const Token &token, std::optional<std::string_view> pin) {
    Mapping mapping = volume_.mapping;
    if (token.memory_kib == 0)
        return backend_.unlock(mapping, token, pin);
    const sdk::Resource memory(context_, "memory", token.memory_kib);
    mapping.has_memory = memory.is_held();
    return backend_.unlock(mapping, token, pin);
}

bool KeyTrials::try_token(const Token &token) {
    const std::string what = name_of(token);
    // Its driver may not have had its turn yet; most are built into the kernel, and an image for
    // another machine has none of them.
    if (token.type == kTpm) {
        (void)context_.load_modules({"tpm_crb"});
        (void)context_.load_modules({"tpm_tis"});
    }
    context_.progress(std::format("asking the {} for the key of {}", what, volume_.label()));
    if (token.type == "systemd-fido2")
        context_.log(LogLevel::notice,
                     std::format("{}: touch the {} if it blinks", volume_.label(), what));
    const auto result = ask_token(token, std::nullopt);
    if (result && *result == TokenResult::unlocked)
        return true;
    if (result && *result == TokenResult::needs_pin)
        return try_pins(token, what);
    const bool is_absent = result && *result == TokenResult::absent;
    awaits_token_ = awaits_token_ || (is_absent && token.type != kTpm);
    const std::string why = !result     ? result.error().message()
                            : is_absent ? why_absent(token)
                                        : "its key opens no key slot";
    context_.log(LogLevel::warning,
                 std::format("{}: the {} does not help: {}", volume_.label(), what, why));
    return false;
}

bool KeyTrials::try_pins(const Token &token, std::string_view what) {
    const unsigned limit = volume_.options.tries.value_or(kMaxPins); // 0: none
    const auto give_up = [&](std::string_view why) {
        context_.log(LogLevel::warning,
                     std::format("{}: the {} does not help: {}", volume_.label(), what, why));
        return false;
    };
    for (unsigned tries = 1;; ++tries) {
        context_.progress("");
        const sdk::Answer answer =
            context_.ask({.message = std::format("PIN of the {} for {}, empty to go on without it",
                                                 what, volume_.label()),
                          .id = "luks-pin:" + volume_.key,
                          .timeout = volume_.options.timeout});
        if (answer.status != SLIPWAY_ANSWERED || answer.secret.empty())
            return give_up("no PIN was given");
        context_.progress(std::format("asking the {} for the key of {}", what, volume_.label()));
        const auto result = ask_token(token, answer.secret);
        if (result && *result == TokenResult::unlocked)
            return true;
        if (!result)
            return give_up(result.error().message());
        if (*result != TokenResult::needs_pin)
            return give_up(*result == TokenResult::absent ? why_absent(token)
                                                          : "its key opens no key slot");
        context_.log(LogLevel::notice, std::format("wrong PIN of the {} for {}, try {}", what,
                                                   volume_.label(), tries));
        if (tries == limit)
            return give_up(std::format("{} wrong PINs", tries));
    }
}

} // namespace slipway::luks
