// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace slipway {

// Does the password have this hash, as crypt(5) writes it? Never for an empty hash, or one that
// crypt(3) does not know. Takes as long as the hash wants it to.
[[nodiscard]] bool has_hash(const Secret &password, const std::string &hash);

// How long to wait before the next try, after so many wrong ones: 1, 2, 4 s and so on, at most 30
// s.
[[nodiscard]] std::chrono::seconds pause_after(unsigned wrong_tries) noexcept;

} // namespace slipway
