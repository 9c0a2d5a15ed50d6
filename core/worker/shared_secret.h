// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

namespace slipway {

// One page of memory that PID 1 and one worker share while the worker uses a secret. A socket would
// leave copies in kernel buffers that nobody can wipe; this page is wiped by whoever drops it
// first, and its size is sealed, so that neither side can take it from under the other. Not
// inherited by workers that are forked meanwhile.
class SharedSecret {
public:
    // A new page that holds `secret`. Fails if memfd_create(2) or mmap(2) fail.
    [[nodiscard]] static Result<SharedSecret> create(const Secret &secret);
    // PID 1: the secret out of a page that a worker made, which is wiped. EPROTO if the descriptor
    // is not such a page or `size` does not fit.
    [[nodiscard]] static Result<Secret> take(const UniqueFd &fd, std::size_t size);
    // Worker: the page behind a received descriptor. EINVAL if `size` does not fit the page.
    [[nodiscard]] static Result<SharedSecret> open(UniqueFd fd, std::size_t size);

    SharedSecret() noexcept = default;
    SharedSecret(SharedSecret &&other) noexcept;
    SharedSecret &operator=(SharedSecret &&other) noexcept;
    SharedSecret(const SharedSecret &) = delete;
    SharedSecret &operator=(const SharedSecret &) = delete;
    ~SharedSecret() { wipe(); }

    [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    void wipe() noexcept;

private:
    [[nodiscard]] static Result<SharedSecret> map(UniqueFd fd, std::size_t size);

    UniqueFd fd_;
    char *data_ = nullptr; // nullptr or a shared mapping of Secret::kMaxBytes
    std::size_t size_ = 0;
};

} // namespace slipway
