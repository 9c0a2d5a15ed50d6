// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "luks/crypt_backend.h"

namespace slipway::luks {

// The fourth field of crypttab(5), as far as it is honoured.
struct CryptOptions {
    bool discard = false;
    bool read_only = false;
    bool no_read_workqueue = false;
    bool no_write_workqueue = false;
    bool same_cpu_crypt = false;
    bool submit_from_crypt_cpus = false;
    bool password_echo = false;
    bool try_empty_password = false;
    bool password_cache = true;           // what was typed for another volume may be tried
    bool may_fail = false;                // nofail
    bool is_manual = false;               // noauto
    bool is_for_initrd = false;           // x-initrd.attach, Debian's initramfs
    std::optional<unsigned> tries;        // 0: no limit; nothing: no limit either, nobody counts
    std::chrono::microseconds timeout{0}; // of a prompt; 0: none
    std::uint64_t keyfile_offset = 0;     // bytes
    std::uint64_t keyfile_size = 0;       // bytes; 0: the whole file
    std::optional<std::string> keyfile_timeout; // of a key device, as written; "0": no limit
    std::optional<int> key_slot;
    std::optional<std::string> device_timeout; // as written; "0": no limit

    std::string header; // a place, see place.h; empty: the header is on the device

    bool is_plain = false; // no header at all; what follows counts only then
    std::string cipher;    // "aes-xts-plain64"; empty: the default
    std::string hash;      // "plain": none; empty: the default
    unsigned key_bits = 256;
    std::uint64_t offset = 0;      // sectors of 512 bytes
    std::uint64_t skip = 0;        // sectors of 512 bytes
    std::uint32_t sector_size = 0; // bytes; 0: the default

    // Tokens are asked in any case if the volume has some; these say what is waited for.
    bool has_tpm = false;                     // tpm2-device=
    std::optional<std::string> token_timeout; // as written; "0": no limit

    // The volume is none for this plugin: swap, tcrypt, … "" otherwise.
    std::string not_ours;
    // Known words that are not honoured, and unknown or malformed ones; each with its reason.
    std::vector<std::string> complaints;
};

// Reads `text` on top of `options`: later words win.
void read_crypt_options(std::string_view text, CryptOptions &options);

// How a plain volume is encrypted, with the defaults of systemd-cryptsetup. What is read from a
// file is the key itself, if no hash is asked for.
[[nodiscard]] PlainCipher plain_cipher_of(const CryptOptions &options, bool is_key_file);

} // namespace slipway::luks
