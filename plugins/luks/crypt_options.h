// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

    // The volume is none for this plugin: plain, swap, … "" otherwise.
    std::string not_ours;
    // Known words that are not honoured, and unknown or malformed ones; each with its reason.
    std::vector<std::string> complaints;
};

// Reads `text` on top of `options`: later words win.
void read_crypt_options(std::string_view text, CryptOptions &options);

} // namespace slipway::luks
