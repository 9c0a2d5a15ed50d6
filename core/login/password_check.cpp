// SPDX-License-Identifier: LGPL-2.1-or-later
#include "login/password_check.h"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <span>

namespace slipway {

namespace {

// Nothing about the hash shows in the time that this takes.
bool is_same(std::string_view left, std::string_view right) {
    if (left.size() != right.size())
        return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
    return difference == 0;
}

struct WipedCryptData {
    crypt_data data = {};
    WipedCryptData() = default;
    WipedCryptData(const WipedCryptData &) = delete;
    WipedCryptData &operator=(const WipedCryptData &) = delete;
    WipedCryptData(WipedCryptData &&) = delete;
    WipedCryptData &operator=(WipedCryptData &&) = delete;
    ~WipedCryptData() { wipe_memory(std::as_writable_bytes(std::span(&data, 1))); }
};

} // namespace

bool has_hash(const Secret &password, const std::string &hash) {
    if (hash.empty() || password.is_truncated() || password.view().contains('\0'))
        return false;
    // crypt(3) wants a text with an end; a Secret has room for it unless it is full.
    Secret text(password.view());
    if (!text.append('\0'))
        return false;
    const auto work = std::make_unique<WipedCryptData>(); // 32 KiB
    const char *const result = ::crypt_r(&text.view().front(), hash.c_str(), &work->data);
    // "*0" and "*1" stand for an error.
    return result != nullptr && *result != '*' && is_same(result, hash);
}

std::chrono::seconds pause_after(unsigned wrong_tries) noexcept {
    constexpr unsigned kMostDoublings = 5;
    constexpr std::chrono::seconds kLongest(30);
    if (wrong_tries == 0)
        return std::chrono::seconds(0);
    return std::min(std::chrono::seconds(1U << std::min(wrong_tries - 1, kMostDoublings)),
                    kLongest);
}

} // namespace slipway
