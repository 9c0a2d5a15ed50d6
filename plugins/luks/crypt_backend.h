// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::luks {

struct Mapping {
    std::string name;
    bool discard = false;
    bool read_only = false;
    bool no_read_workqueue = false;
    bool no_write_workqueue = false;
    bool same_cpu_crypt = false;
    bool submit_from_crypt_cpus = false;
    std::optional<int> key_slot; // nothing: any
    // The memory for the key derivation has been set aside. Otherwise volumes take turns with it.
    bool has_memory = false;
};

struct KeyFile {
    std::string path;
    std::uint64_t offset = 0; // bytes
    std::uint64_t size = 0;   // bytes; 0: to the end
};

// How a device without header is encrypted, see cryptsetup-open(8), "plain".
struct PlainCipher {
    std::string cipher = "aes";
    std::string mode = "cbc-essiv:sha256";
    std::string hash;              // of the passphrase; empty: the passphrase is the key
    std::uint32_t key_bytes = 32;  // of the volume key
    std::uint64_t offset = 0;      // of the data on the device, in sectors of 512 bytes
    std::uint64_t skip = 0;        // added to sector numbers, likewise
    std::uint32_t sector_size = 0; // bytes; 0: 512

    [[nodiscard]] bool operator==(const PlainCipher &) const = default;
};

// A token that a LUKS2 header names: something else than a person that knows a passphrase.
struct Token {
    int id = 0;
    std::string type;             // "systemd-tpm2"
    bool has_handler = false;     // the library that can ask it is there
    std::uint64_t memory_kib = 0; // of the key derivation behind it; 0: too little to count
};

enum class TokenResult : std::uint8_t { unlocked, needs_pin, wrong_key, absent };

enum class UnlockResult : std::uint8_t { unlocked, wrong_key };

enum class MappingState : std::uint8_t { free, active, taken_by_another };

// What one encrypted device can do. Secrets are used in place and never copied into ordinary
// memory.
class CryptBackend {
public:
    CryptBackend() = default;
    CryptBackend(const CryptBackend &) = delete;
    CryptBackend &operator=(const CryptBackend &) = delete;
    CryptBackend(CryptBackend &&) = delete;
    CryptBackend &operator=(CryptBackend &&) = delete;
    virtual ~CryptBackend() = default;

    // Reads the LUKS header; this, or load_plain(), is the first call of all, and the others are
    // valid after success only. `header`: a file or device that holds it; empty: the device itself.
    [[nodiscard]] virtual Result<> load(const std::string &devnode, const std::string &header) = 0;
    // A device without header: whatever the key, it will be taken. May be called again.
    [[nodiscard]] virtual Result<> load_plain(const std::string &devnode,
                                              const PlainCipher &cipher) = 0;
    // How the data is protected against changes: "hmac(sha256)"; empty: it is not.
    [[nodiscard]] virtual std::string integrity() const = 0;

    // Who owns /dev/mapper/<name>: nobody, this volume, or something else?
    [[nodiscard]] virtual MappingState state_of(const std::string &name) = 0;
    // What the derivation of a key needs at most, in KiB, over all slots that may be tried. 0: too
    // little to count, as with PBKDF2.
    [[nodiscard]] virtual std::uint64_t key_derivation_memory(std::optional<int> key_slot) = 0;
    [[nodiscard]] virtual Result<UnlockResult> unlock(const Mapping &mapping,
                                                      std::string_view passphrase) = 0;
    [[nodiscard]] virtual Result<UnlockResult> unlock(const Mapping &mapping,
                                                      const KeyFile &keyfile) = 0;
    // In the order of the header; those that open `key_slot`, if one is given.
    [[nodiscard]] virtual std::vector<Token> tokens(std::optional<int> key_slot) = 0;
    // Asks one token. needs_pin: without a PIN, or with this one, it says nothing.
    [[nodiscard]] virtual Result<TokenResult> unlock(const Mapping &mapping, const Token &token,
                                                     std::optional<std::string_view> pin) = 0;
};

} // namespace slipway::luks
