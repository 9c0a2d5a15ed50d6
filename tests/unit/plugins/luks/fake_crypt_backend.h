// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "luks/crypt_backend.h"

namespace slipway::test {

// A volume that opens with "right", with the key file /good, and as its tokens say.
class FakeCryptBackend final : public luks::CryptBackend {
public:
    Result<> load(const std::string &devnode, const std::string &from) override {
        loaded = devnode;
        header = from;
        if (has_header)
            return {};
        return failure("read the LUKS header of " + devnode + ": Invalid argument", EINVAL);
    }
    Result<> load_plain(const std::string &devnode, const luks::PlainCipher &cipher) override {
        loaded = devnode;
        plain.push_back(cipher);
        if (has_header)
            return {};
        return failure("use " + devnode + " as a plain volume: Invalid argument", EINVAL);
    }
    std::string integrity() const override { return protection; }
    luks::MappingState state_of(const std::string &) override { return state; }
    std::uint64_t key_derivation_memory(std::optional<int> key_slot) override {
        return key_slot == 3 ? 0 : memory;
    }
    Result<luks::UnlockResult> unlock(const luks::Mapping &mapping,
                                      std::string_view passphrase) override {
        last = mapping;
        ++tries;
        if (on_unlock)
            on_unlock();
        if (passphrase.empty())
            return opens_without_passphrase ? luks::UnlockResult::unlocked
                                            : luks::UnlockResult::wrong_key;
        if (is_broken)
            return failure("activate x: No such file or directory", ENOENT);
        return passphrase == "right" || !plain.empty() ? luks::UnlockResult::unlocked
                                                       : luks::UnlockResult::wrong_key;
    }
    Result<luks::UnlockResult> unlock(const luks::Mapping &mapping,
                                      const luks::KeyFile &keyfile) override {
        last = mapping;
        keyfiles.push_back(keyfile.path);
        keyfile_size = keyfile.size;
        if (keyfile.path == "/good")
            return luks::UnlockResult::unlocked;
        if (keyfile.path == "/wrong")
            return luks::UnlockResult::wrong_key;
        return failure("read the key file: No such file or directory", ENOENT);
    }
    std::vector<luks::Token> tokens(std::optional<int>) override { return all_tokens; }
    Result<luks::TokenResult> unlock(const luks::Mapping &mapping, const luks::Token &token,
                                     std::optional<std::string_view> pin) override {
        last = mapping;
        asked_tokens.push_back(token.type + (pin ? " " + std::string(*pin) : ""));
        if (on_unlock)
            on_unlock();
        const auto result = token_results.find(asked_tokens.back());
        if (result == token_results.end())
            return failure("ask the token: Input/output error", EIO);
        return result->second;
    }

    bool has_header = true;
    bool is_broken = false;
    luks::MappingState state = luks::MappingState::free;
    std::string loaded;
    std::string header;
    std::vector<luks::PlainCipher> plain; // each load
    std::string protection;
    luks::Mapping last;
    int tries = 0;
    std::uint64_t memory = 0;
    bool opens_without_passphrase = false;
    std::function<void()> on_unlock;
    std::vector<std::string> keyfiles;
    std::uint64_t keyfile_size = 0;
    std::vector<luks::Token> all_tokens;
    // "<type>" or "<type> <pin>" → what it says; anything else is an error.
    std::map<std::string, luks::TokenResult> token_results;
    std::vector<std::string> asked_tokens;
};

} // namespace slipway::test
