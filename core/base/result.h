// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// An unexpected failure on its way to the job boundary, where it is logged once. `code` is an errno
// value or 0; each layer that knows more puts one sentence of context in front.
class Error {
public:
    explicit Error(std::string message, int code = 0) : code_(code) {
        chain_.push_back(std::move(message));
    }

    [[nodiscard]] int code() const noexcept { return code_; }

    // "outermost: …: innermost"; the text of `code` is already part of the innermost message when
    // the error came from Error::from_errno().
    [[nodiscard]] std::string message() const;

    // Adds what the caller was trying to do. Call once per layer.
    [[nodiscard]] Error with_context(std::string_view what) && {
        chain_.emplace_back(what);
        return std::move(*this);
    }

    // `what` names the operation and its object: "open /dev/vda". `code` is an errno value (> 0).
    [[nodiscard]] static Error from_errno(std::string_view what, int code);

private:
    int code_;
    std::vector<std::string> chain_; // innermost first
};

template <class T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> failure(std::string message, int code = 0) {
    return std::unexpected<Error>(Error(std::move(message), code));
}

[[nodiscard]] inline std::unexpected<Error> errno_failure(std::string_view what, int code) {
    return std::unexpected<Error>(Error::from_errno(what, code));
}

} // namespace slipway
