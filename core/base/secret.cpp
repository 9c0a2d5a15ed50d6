// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/secret.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace slipway {

namespace {

char *map_locked_page() {
    void *page = ::mmap(nullptr, Secret::kMaxBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        throw std::bad_alloc();
    // There is no swap in an initrd, so a refused lock (RLIMIT_MEMLOCK in tests) loses nothing.
    (void)::mlock(page, Secret::kMaxBytes);
    (void)::madvise(page, Secret::kMaxBytes, MADV_DONTDUMP);
    (void)::madvise(page, Secret::kMaxBytes, MADV_WIPEONFORK);
    return static_cast<char *>(page);
}

} // namespace

Secret::Secret(std::span<const std::byte> bytes) {
    if (bytes.empty())
        return;
    data_ = map_locked_page();
    size_ = std::min(bytes.size(), kMaxBytes);
    truncated_ = bytes.size() > kMaxBytes;
    std::memcpy(data_, bytes.data(), size_);
}

Secret::Secret(Secret &&other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
      truncated_(std::exchange(other.truncated_, false)) {}

Secret &Secret::operator=(Secret &&other) noexcept {
    if (this != &other) {
        wipe();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        truncated_ = std::exchange(other.truncated_, false);
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

bool Secret::append(char character) {
    if (data_ == nullptr)
        data_ = map_locked_page();
    if (size_ == kMaxBytes)
        return false;
    data_[size_++] = character;
    return true;
}

std::span<std::byte> Secret::room() {
    if (data_ == nullptr)
        data_ = map_locked_page();
    return std::as_writable_bytes(std::span(data_ + size_, kMaxBytes - size_));
}

void Secret::fill(std::size_t bytes) noexcept {
    size_ += data_ == nullptr ? 0 : std::min(bytes, kMaxBytes - size_);
}

void Secret::remove_last() noexcept {
    // UTF-8 continuation bytes are 10xxxxxx: remove them together with their first byte.
    while (size_ > 0) {
        const auto byte = static_cast<unsigned char>(data_[--size_]);
        data_[size_] = '\0';
        if ((byte & 0xC0U) != 0x80U)
            return;
    }
}

void Secret::wipe() noexcept {
    if (data_ != nullptr) {
        ::explicit_bzero(data_, kMaxBytes);
        ::munmap(data_, kMaxBytes);
    }
    data_ = nullptr;
    size_ = 0;
    truncated_ = false;
}

void wipe_memory(std::span<std::byte> bytes) noexcept {
    ::explicit_bzero(bytes.data(), bytes.size());
}

} // namespace slipway
