// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "luks/crypt_backend.h"
#include "luks/crypt_options.h"

namespace slipway::luks {

// The identity of what is asked for a volume. `key` is that of its unit, luks@<key>, and not the
// UUID in the header: who brings a key from elsewhere knows the unit, and may not know more.
[[nodiscard]] std::string question_id(std::string_view key);

// A device that was loaded, and all that may open it: a key file in the image, tokens, an empty
// passphrase, and a person, who is asked until a passphrase is right or the tries are used up.
// Lives for one operation.
class KeyTrials {
public:
    struct Volume {
        std::string key; // of the unit luks@<key>
        std::string devnode;
        std::string keyfile; // in the image; empty: none
        Mapping mapping;
        CryptOptions options;

        // "cryptroot (/dev/vda2)"
        [[nodiscard]] std::string label() const { return mapping.name + " (" + devnode + ")"; }
    };

    // All of them outlive the object.
    KeyTrials(sdk::Context &context, CryptBackend &backend, const Volume &volume);

    // The outcome of the operation, with its reason.
    [[nodiscard]] sdk::Outcome run();

private:
    [[nodiscard]] bool try_keyfile();
    [[nodiscard]] bool try_empty_password();
    [[nodiscard]] bool try_tokens();
    [[nodiscard]] bool try_token(const Token &token);
    [[nodiscard]] bool try_pins(const Token &token, std::string_view what);
    [[nodiscard]] Result<TokenResult> ask_token(const Token &token,
                                                std::optional<std::string_view> pin);
    [[nodiscard]] sdk::Outcome ask_for_passphrase();
    [[nodiscard]] sdk::Question question() const;
    template <class Key>
    [[nodiscard]] Result<UnlockResult> unlock(const Key &key);
    [[nodiscard]] Result<> use_hash_for(sdk::AnswerSource source);
    void log_wrong_key(sdk::AnswerSource source, unsigned tries);
    [[nodiscard]] std::string wrong_passphrase(unsigned tries) const;

    sdk::Context &context_;
    CryptBackend &backend_;
    const Volume &volume_;
    std::uint64_t memory_ = 0;         // KiB, of one key derivation
    std::string key_problem_;          // why the key file of the image did not do; empty: none
    bool awaits_token_ = false;        // one that a person can plug in was not there
    bool is_hash_of_key_file_ = false; // of a plain volume: as it was loaded last
};

} // namespace slipway::luks
