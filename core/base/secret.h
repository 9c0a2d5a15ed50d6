// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace slipway {

// Bytes that must not outlive their use: page-aligned memory of its own, locked (mlock(2)), left
// out of core dumps (madvise(2), MADV_DONTDUMP) and not inherited by children (MADV_WIPEONFORK); it
// is wiped before it is returned. Fixed capacity, so that growing never leaves a copy behind.
// Move only.
class Secret {
public:
    static constexpr std::size_t kMaxBytes = 4096;

    Secret() noexcept = default;
    // Copies `bytes`; longer input is cut at kMaxBytes (see is_truncated()). The caller wipes its
    // own.
    explicit Secret(std::span<const std::byte> bytes);
    explicit Secret(std::string_view text) : Secret(std::as_bytes(std::span(text))) {}
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;
    ~Secret();

    [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool is_truncated() const noexcept { return truncated_; }

    // One character more; false when the buffer is full.
    [[nodiscard]] bool append(char character);
    // The free rest of the buffer, to be written into, and how much of it counts from then on: for
    // read(2) without a copy in between. Valid until the next call of a function that is not const.
    [[nodiscard]] std::span<std::byte> room();
    void fill(std::size_t bytes) noexcept;
    // Removes the last UTF-8 character, if any.
    void remove_last() noexcept;
    void wipe() noexcept;

private:
    char *data_ = nullptr; // nullptr or a mapping of kMaxBytes
    std::size_t size_ = 0;
    bool truncated_ = false;
};

// Overwrites memory in a way that the compiler may not leave out (explicit_bzero(3)).
void wipe_memory(std::span<std::byte> bytes) noexcept;

} // namespace slipway
