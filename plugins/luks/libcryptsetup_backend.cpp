// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/libcryptsetup_backend.h"

#include <libcryptsetup.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/scope_exit.h"

namespace slipway::luks {

namespace {

struct DeviceDeleter {
    void operator()(crypt_device *device) const noexcept { crypt_free(device); }
};
using DevicePtr = std::unique_ptr<crypt_device, DeviceDeleter>;

std::uint32_t activation_flags(const Mapping &mapping) {
    // Two volumes whose key derivation wants a gigabyte each must not do that at the same time.
    std::uint32_t flags = mapping.has_memory ? 0U : CRYPT_ACTIVATE_SERIALIZE_MEMORY_HARD_PBKDF;
    const auto add = [&](bool is_set, std::uint32_t flag) { flags |= is_set ? flag : 0U; };
    add(mapping.discard, CRYPT_ACTIVATE_ALLOW_DISCARDS);
    add(mapping.read_only, CRYPT_ACTIVATE_READONLY);
    add(mapping.no_read_workqueue, CRYPT_ACTIVATE_NO_READ_WORKQUEUE);
    add(mapping.no_write_workqueue, CRYPT_ACTIVATE_NO_WRITE_WORKQUEUE);
    add(mapping.same_cpu_crypt, CRYPT_ACTIVATE_SAME_CPU_CRYPT);
    add(mapping.submit_from_crypt_cpus, CRYPT_ACTIVATE_SUBMIT_FROM_CRYPT_CPUS);
    return flags;
}

std::string text_or_empty(const char *text) {
    return text == nullptr ? std::string() : text;
}

// The header of a detached volume may carry the signature by which the data was looked for.
bool is_one_device(const std::string &devnode, const std::string &header) {
    struct stat data{};
    struct stat detached{};
    return !header.empty() && ::stat(devnode.c_str(), &data) == 0 &&
           ::stat(header.c_str(), &detached) == 0 && S_ISBLK(data.st_mode) &&
           S_ISBLK(detached.st_mode) && data.st_rdev == detached.st_rdev;
}

class LibcryptsetupBackend final : public CryptBackend {
public:
    // The callback is the library's default one, so that it also sees what crypt_init() has to say.
    // There is one back end per process: every unlock has a worker of its own.
    explicit LibcryptsetupBackend(std::function<void(std::string_view)> log)
        : log_(std::move(log)) {
        crypt_set_log_callback(nullptr, &LibcryptsetupBackend::on_log, this);
    }
    ~LibcryptsetupBackend() override {
        device_.reset();
        crypt_set_log_callback(nullptr, nullptr, nullptr);
    }
    LibcryptsetupBackend(const LibcryptsetupBackend &) = delete;
    LibcryptsetupBackend &operator=(const LibcryptsetupBackend &) = delete;
    LibcryptsetupBackend(LibcryptsetupBackend &&) = delete;
    LibcryptsetupBackend &operator=(LibcryptsetupBackend &&) = delete;

    Result<> load(const std::string &devnode, const std::string &header) override {
        const std::string &place = header.empty() ? devnode : header;
        if (is_one_device(devnode, header))
            return failure("the header is said to be on " + devnode +
                           ", which is the device to be unlocked; name the one with the data, with "
                           "rd.luks.data= or in /etc/crypttab");
        if (auto opened = open(place, header.empty() ? nullptr : devnode.c_str()); !opened)
            return opened;
        if (const int result = crypt_load(device_.get(), CRYPT_LUKS, nullptr); result < 0)
            return failed("read the LUKS header of " + place, result);
        return {};
    }

    // The library's "format" writes nothing for this type.
    Result<> load_plain(const std::string &devnode, const PlainCipher &cipher) override {
        if (auto opened = open(devnode, nullptr); !opened)
            return opened;
        crypt_params_plain plain{};
        plain.hash = cipher.hash.empty() ? nullptr : cipher.hash.c_str();
        plain.offset = cipher.offset;
        plain.skip = cipher.skip;
        plain.sector_size = cipher.sector_size;
        if (const int result =
                crypt_format(device_.get(), CRYPT_PLAIN, cipher.cipher.c_str(), cipher.mode.c_str(),
                             nullptr, nullptr, cipher.key_bytes, &plain);
            result < 0)
            return failed("use " + devnode + " as a plain volume", result);
        return {};
    }

    std::string integrity() const override {
        crypt_params_integrity integrity{};
        if (crypt_get_integrity_info(device_.get(), &integrity) < 0)
            return {};
        return text_or_empty(integrity.integrity);
    }

    MappingState state_of(const std::string &name) override {
        const crypt_status_info status = crypt_status(device_.get(), name.c_str());
        if (status != CRYPT_ACTIVE && status != CRYPT_BUSY)
            return MappingState::free;
        crypt_device *raw = nullptr;
        if (crypt_init_by_name(&raw, name.c_str()) < 0)
            return MappingState::taken_by_another;
        const DevicePtr active(raw);
        // A plain volume has no UUID, but a type.
        const bool is_same = uuid_of(raw) == uuid_of(device_.get()) &&
                             text_or_empty(crypt_get_type(raw)).substr(0, 4) ==
                                 text_or_empty(crypt_get_type(device_.get())).substr(0, 4);
        return is_same ? MappingState::active : MappingState::taken_by_another;
    }

    std::uint64_t key_derivation_memory(std::optional<int> key_slot) override {
        std::uint64_t most = 0;
        for (int slot = key_slot.value_or(0); slot < (key_slot ? *key_slot + 1 : slot_count());
             ++slot)
            most = std::max(most, memory_of(slot));
        return most;
    }

    std::vector<Token> tokens(std::optional<int> key_slot) override {
        std::vector<Token> found;
        const int count = crypt_token_max(crypt_get_type(device_.get())); // negative: none ever
        for (int id = 0; id < count; ++id) {
            const char *type = nullptr;
            const crypt_token_info state = crypt_token_status(device_.get(), id, &type);
            if (state != CRYPT_TOKEN_EXTERNAL && state != CRYPT_TOKEN_EXTERNAL_UNKNOWN)
                continue; // the internal ones are keys in a keyring, which is empty in the initrd
            Token token{id, text_or_empty(type), state == CRYPT_TOKEN_EXTERNAL, 0};
            bool opens_slot = false;
            for (int slot = 0; slot < slot_count(); ++slot) {
                if (crypt_token_is_assigned(device_.get(), id, slot) != 0)
                    continue;
                opens_slot = opens_slot || !key_slot || slot == *key_slot;
                token.memory_kib = std::max(token.memory_kib, memory_of(slot));
            }
            if (opens_slot)
                found.push_back(std::move(token));
        }
        return found;
    }

    Result<TokenResult> unlock(const Mapping &mapping, const Token &token,
                               std::optional<std::string_view> pin) override {
        last_message_.clear();
        const int result = crypt_activate_by_token_pin(
            device_.get(), mapping.name.c_str(), token.type.c_str(), token.id,
            pin ? pin->data() : nullptr, pin ? pin->size() : 0, nullptr, activation_flags(mapping));
        if (result >= 0)
            return TokenResult::unlocked;
        switch (-result) {
        case ENOANO:
            return TokenResult::needs_pin;
        case EPERM:
            return TokenResult::wrong_key;
        case EAGAIN:
            return TokenResult::absent;
        default:
            return failed("ask the token", result);
        }
    }

    Result<UnlockResult> unlock(const Mapping &mapping, std::string_view passphrase) override {
        last_message_.clear();
        return interpret(mapping, crypt_activate_by_passphrase(
                                      device_.get(), mapping.name.c_str(),
                                      mapping.key_slot.value_or(CRYPT_ANY_SLOT), passphrase.data(),
                                      passphrase.size(), activation_flags(mapping)));
    }

    Result<UnlockResult> unlock(const Mapping &mapping, const KeyFile &keyfile) override {
        last_message_.clear();
        // The library does not say why it cannot open a file.
        if (::access(keyfile.path.c_str(), R_OK) != 0 && errno == ENOENT)
            return failure("it is not in the image; slipway build --file adds it", ENOENT);
        char *key = nullptr; // in the library's locked memory
        std::size_t size = 0;
        const int result = crypt_keyfile_device_read(device_.get(), keyfile.path.c_str(), &key,
                                                     &size, keyfile.offset, keyfile.size, 0);
        const ScopeExit free_key([&] { crypt_safe_free(key); });
        if (result < 0)
            return failed("read the key file " + keyfile.path, result);
        return unlock(mapping, std::string_view(key, size));
    }

private:
    Result<> open(const std::string &place, const char *data_device) {
        last_message_.clear();
        crypt_device *raw = nullptr;
        const int result = data_device == nullptr
                               ? crypt_init(&raw, place.c_str())
                               : crypt_init_data_device(&raw, place.c_str(), data_device);
        if (result < 0)
            return failed("open " + place, result);
        device_.reset(raw);
        return {};
    }
    static std::string uuid_of(crypt_device *device) {
        return text_or_empty(crypt_get_uuid(device));
    }
    [[nodiscard]] int slot_count() const {
        const char *type = crypt_get_type(device_.get());
        return type == nullptr ? 0 : crypt_keyslot_max(type); // negative: the type has none
    }
    // Of the derivation of this slot's key, in KiB.
    [[nodiscard]] std::uint64_t memory_of(int slot) const {
        const crypt_keyslot_info state = crypt_keyslot_status(device_.get(), slot);
        crypt_pbkdf_type derivation{};
        const bool is_used = state == CRYPT_SLOT_ACTIVE || state == CRYPT_SLOT_ACTIVE_LAST;
        return is_used && crypt_keyslot_get_pbkdf(device_.get(), slot, &derivation) == 0
                   ? derivation.max_memory_kb
                   : 0;
    }

    static void on_log(int level, const char *message, void *self) {
        auto &backend = *static_cast<LibcryptsetupBackend *>(self);
        std::string_view line = text_view(message);
        while (line.ends_with('\n'))
            line.remove_suffix(1);
        if (level == CRYPT_LOG_ERROR)
            backend.last_message_ = line;
        backend.log_(line);
    }
    static std::string_view text_view(const char *text) {
        return text == nullptr ? std::string_view() : std::string_view(text);
    }

    Result<UnlockResult> interpret(const Mapping &mapping, int result) {
        if (result >= 0)
            return UnlockResult::unlocked;
        // libcryptsetup: EPERM means that no key slot opened; ENOENT that the asked slot is not in
        // use.
        if (result == -EPERM)
            return UnlockResult::wrong_key;
        return failed("activate " + mapping.name, result);
    }

    [[nodiscard]] std::unexpected<Error> failed(const std::string &what, int result) const {
        std::string text = what + ": " + std::strerror(-result);
        if (!last_message_.empty())
            text += " (" + last_message_ + ")";
        return std::unexpected<Error>(Error(std::move(text), -result));
    }

    std::function<void(std::string_view)> log_;
    std::string last_message_;
    DevicePtr device_;
};

} // namespace

std::unique_ptr<CryptBackend>
make_libcryptsetup_backend(std::function<void(std::string_view)> log) {
    return std::make_unique<LibcryptsetupBackend>(std::move(log));
}

} // namespace slipway::luks
