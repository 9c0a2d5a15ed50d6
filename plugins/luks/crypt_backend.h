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

enum class UnlockResult : std::uint8_t { unlocked, wrong_key };

enum class MappingState : std::uint8_t { free, active, taken_by_another };

// What one LUKS device can do. Secrets are used in place and never copied into ordinary memory.
class CryptBackend {
public:
    CryptBackend() = default;
    CryptBackend(const CryptBackend &) = delete;
    CryptBackend &operator=(const CryptBackend &) = delete;
    CryptBackend(CryptBackend &&) = delete;
    CryptBackend &operator=(CryptBackend &&) = delete;
    virtual ~CryptBackend() = default;

    // Reads the LUKS header; first call of all. Other calls are valid after success only.
    [[nodiscard]] virtual Result<> load(const std::string &devnode) = 0;
    [[nodiscard]] virtual std::string uuid() const = 0;

    // Who owns /dev/mapper/<name>: nobody, this volume, or something else?
    [[nodiscard]] virtual MappingState state_of(const std::string &name) = 0;
    // What the derivation of a key needs at most, in KiB, over all slots that may be tried. 0: too
    // little to count, as with PBKDF2.
    [[nodiscard]] virtual std::uint64_t key_derivation_memory(std::optional<int> key_slot) = 0;
    [[nodiscard]] virtual Result<UnlockResult> unlock(const Mapping &mapping,
                                                      std::string_view passphrase) = 0;
    [[nodiscard]] virtual Result<UnlockResult> unlock(const Mapping &mapping,
                                                      const KeyFile &keyfile) = 0;
};

} // namespace slipway::luks
