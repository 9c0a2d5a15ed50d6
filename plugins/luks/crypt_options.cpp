// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/crypt_options.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <format>

#include "base/text.h"

namespace slipway::luks {

namespace {

constexpr int kMaxKeySlot = 31; // LUKS2_KEYSLOTS_MAX - 1
constexpr unsigned kMaxKeyBits = 4096;

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

struct Flag {
    std::string_view word;
    bool CryptOptions::*field;
};
constexpr std::array kFlags = {
    Flag{"discard", &CryptOptions::discard},
    Flag{"allow-discards", &CryptOptions::discard},
    Flag{"readonly", &CryptOptions::read_only},
    Flag{"read-only", &CryptOptions::read_only},
    Flag{"no-read-workqueue", &CryptOptions::no_read_workqueue},
    Flag{"no-write-workqueue", &CryptOptions::no_write_workqueue},
    Flag{"same-cpu-crypt", &CryptOptions::same_cpu_crypt},
    Flag{"submit-from-crypt-cpus", &CryptOptions::submit_from_crypt_cpus},
    Flag{"try-empty-password", &CryptOptions::try_empty_password},
    Flag{"nofail", &CryptOptions::may_fail},
    Flag{"noauto", &CryptOptions::is_manual},
    Flag{"x-initrd.attach", &CryptOptions::is_for_initrd},
    Flag{"initramfs", &CryptOptions::is_for_initrd},
};

// Nothing to do for them here: the engine knows what is needed, a token says itself whether it has
// a PIN, and the host's own words are the host's.
constexpr std::array<std::string_view, 8> kWithoutEffect = {
    "auto", "fail", "loud", "quiet", "none", "verify", "_netdev", "tpm2-pin"};

struct Reason {
    std::string_view word;
    std::string_view reason;
};
constexpr std::array kNotOurs = {
    Reason{"swap", "swap with a random key is left to the host"},
    Reason{"tmp", "tmp with a random key is left to the host"},
    Reason{"tcrypt", "TrueCrypt volumes are left to the host"},
    Reason{"tcrypt-veracrypt", "VeraCrypt volumes are left to the host"},
    Reason{"bitlk", "BitLocker volumes are left to the host"},
};

// Words that mean something for a LUKS volume, and that nothing does yet. '*' stands for any text.
constexpr std::array kNotYet = {
    Reason{"tpm2-measure-*", "nothing is measured into the TPM"},
    Reason{"tpm2-*", "what the token in the header says is taken"},
    Reason{"fido2-*", "what the token in the header says is taken"},
    Reason{"keyfile-erase", "key files are not erased"},
    Reason{"keyscript", "key scripts are not run"},
    Reason{"link-volume-key", "volume keys are not put into keyrings"},
};

class OptionReader {
public:
    explicit OptionReader(CryptOptions &options) : options_(options) {}
    void read(std::string_view word);
    void finish();

private:
    bool read_flag(std::string_view word);
    bool read_value(std::string_view key, std::string_view value);
    bool read_key_value(std::string_view key, std::string_view value);
    bool read_plain_value(std::string_view key, std::string_view value);
    bool read_token_value(std::string_view key, std::string_view value);
    void read_times(std::string_view key, std::string_view value);
    void read_key_slot(std::string_view value);
    template <class T>
    void read_number(std::string_view key, std::string_view value, T &into);
    void malformed(std::string_view key, std::string_view value, std::string_view accepted);

    CryptOptions &options_;
    std::vector<std::string> for_plain_; // words that mean something for a plain volume only
};

void OptionReader::malformed(std::string_view key, std::string_view value,
                             std::string_view accepted) {
    options_.complaints.push_back(
        std::format("{}={} is ignored: the value must be {}", key, printable(value, 80), accepted));
}

template <class T>
void OptionReader::read_number(std::string_view key, std::string_view value, T &into) {
    if (const auto number = parse_number<std::uint64_t>(value);
        number && *number <= std::uint64_t{0xFFFFFFFF})
        into = static_cast<unsigned>(*number);
    else
        malformed(key, value, "a whole number");
}

bool OptionReader::read_flag(std::string_view word) {
    if (word == "plain" || word == "luks") {
        options_.is_plain = word == "plain";
        return true;
    }
    const auto flag = std::ranges::find(kFlags, word, &Flag::word);
    if (flag != kFlags.end())
        options_.*(flag->field) = true;
    return flag != kFlags.end();
}

void OptionReader::read_times(std::string_view key, std::string_view value) {
    const bool is_infinite = value == "infinity";
    const auto time = is_infinite ? Duration{0} : parse_duration(value);
    if (!time)
        malformed(key, value, "a time like 90s");
    else if (key == "timeout")
        options_.timeout = *time;
    else if (key == "keyfile-timeout")
        options_.keyfile_timeout = is_infinite ? "0" : std::string(value);
    else if (key == "token-timeout")
        options_.token_timeout = is_infinite ? "0" : std::string(value);
    else
        options_.device_timeout = is_infinite ? "0" : std::string(value);
}

void OptionReader::read_key_slot(std::string_view value) {
    if (const auto slot = parse_number<int>(value); slot && *slot >= 0 && *slot <= kMaxKeySlot)
        options_.key_slot = slot;
    else
        malformed("key-slot", value, "a number from 0 to 31");
}

bool OptionReader::read_key_value(std::string_view key, std::string_view value) {
    if (key == "tries")
        read_number(key, value, options_.tries);
    else if (key == "keyfile-offset")
        read_number(key, value, options_.keyfile_offset);
    else if (key == "keyfile-size")
        read_number(key, value, options_.keyfile_size);
    else if (key == "key-slot")
        read_key_slot(value);
    else
        return false;
    return true;
}

bool OptionReader::read_plain_value(std::string_view key, std::string_view value) {
    if (key == "cipher")
        options_.cipher = value;
    else if (key == "hash")
        options_.hash = value;
    else if (key == "size") {
        const auto bits = parse_number<unsigned>(value);
        if (bits && *bits > 0 && *bits % 8 == 0 && *bits <= kMaxKeyBits)
            options_.key_bits = *bits;
        else
            malformed(key, value, "a number of bits, a multiple of 8 up to 4096");
    } else if (key == "offset")
        read_number(key, value, options_.offset);
    else if (key == "skip")
        read_number(key, value, options_.skip);
    else if (key == "sector-size") {
        const auto bytes = parse_number<unsigned>(value);
        if (bytes && std::has_single_bit(*bytes) && *bytes >= 512 && *bytes <= 4096)
            options_.sector_size = *bytes;
        else
            malformed(key, value, "512, 1024, 2048 or 4096");
    } else
        return false;
    // crypttab(5) lets these three stand without effect, and people leave them in.
    if (key != "cipher" && key != "hash" && key != "size")
        for_plain_.push_back(std::format("{}={}", key, printable(value, 80)));
    return true;
}

bool OptionReader::read_token_value(std::string_view key, std::string_view value) {
    if (key == "tpm2-device") {
        options_.has_tpm = true;
        if (value != "auto" && value != "/dev/tpmrm0")
            options_.complaints.push_back(std::format(
                "{}={} is not honoured: the first TPM is asked", key, printable(value, 80)));
    } else if (key == "fido2-device") {
        if (value != "auto")
            options_.complaints.push_back(std::format(
                "{}={} is not honoured: every FIDO2 device is asked", key, printable(value, 80)));
    } else if (key == "pkcs11-uri") {
        if (value != "auto")
            options_.complaints.push_back(
                std::format("{}={} is not honoured: what the token in the header says is taken",
                            key, printable(value, 80)));
    } else
        return false;
    return true;
}

bool OptionReader::read_value(std::string_view key, std::string_view value) {
    if (read_key_value(key, value) || read_plain_value(key, value) || read_token_value(key, value))
        return true;
    if (key == "timeout" || key == "x-systemd.device-timeout" || key == "keyfile-timeout" ||
        key == "token-timeout")
        read_times(key, value);
    else if (key == "header")
        options_.header = value;
    else if (key == "password-echo")
        // "masked" shows asterisks; slipway shows those for every prompt.
        options_.password_echo = parse_boolean(value).value_or(false);
    else if (key == "password-cache")
        // "read-only" is about what is kept; slipway keeps it for the boot only.
        options_.password_cache = parse_boolean(value).value_or(true);
    else
        return false;
    return true;
}

// Only at the end it is known what the volume is.
void OptionReader::finish() {
    if (options_.is_plain)
        return;
    for (const std::string &word : for_plain_)
        options_.complaints.push_back(word + " is not honoured: the header of the volume says it");
}

void OptionReader::read(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos &&
        read_value(word.substr(0, equals), word.substr(equals + 1)))
        return;
    const std::string_view key = word.substr(0, equals);
    const auto names_key = [&](const Reason &entry) { return matches_pattern(entry.word, key); };
    if (read_flag(word) || std::ranges::contains(kWithoutEffect, key))
        return;
    if (const auto found = std::ranges::find_if(kNotOurs, names_key); found != kNotOurs.end()) {
        options_.not_ours = found->reason;
        return;
    }
    const auto found = std::ranges::find_if(kNotYet, names_key);
    options_.complaints.push_back(
        std::format("{} is not honoured: {}", printable(word, 120),
                    found != kNotYet.end() ? found->reason : "slipway does not know it"));
}

} // namespace

void read_crypt_options(std::string_view text, CryptOptions &options) {
    OptionReader reader(options);
    for (const std::string &word : split_words(text, ","))
        reader.read(word);
    reader.finish();
}

PlainCipher plain_cipher_of(const CryptOptions &options, bool is_key_file) {
    PlainCipher plain;
    if (!options.cipher.empty()) {
        const std::size_t dash = options.cipher.find('-');
        plain.cipher = options.cipher.substr(0, dash);
        plain.mode = dash == std::string::npos ? "plain" : options.cipher.substr(dash + 1);
    }
    if (options.hash.empty())
        plain.hash = is_key_file ? "" : "ripemd160";
    else if (options.hash != "plain")
        plain.hash = options.hash;
    plain.key_bytes = options.key_bits / 8;
    plain.offset = options.offset;
    plain.skip = options.skip;
    plain.sector_size = options.sector_size;
    return plain;
}

} // namespace slipway::luks
