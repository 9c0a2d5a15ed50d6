// SPDX-License-Identifier: LGPL-2.1-or-later
#include "worker/shared_secret.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace slipway {

namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;

} // namespace

Result<SharedSecret> SharedSecret::map(UniqueFd fd, std::size_t size) {
    if (size > Secret::kMaxBytes)
        return errno_failure("use a shared secret", EINVAL);
    void *page =
        ::mmap(nullptr, Secret::kMaxBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (page == MAP_FAILED)
        return errno_failure("map a shared secret", errno);
    // A memfd page is never swapped here (no swap in an initrd); the rest keeps it out of core
    // dumps and out of other workers.
    (void)::mlock(page, Secret::kMaxBytes);
    (void)::madvise(page, Secret::kMaxBytes, MADV_DONTDUMP);
    (void)::madvise(page, Secret::kMaxBytes, MADV_DONTFORK);
    SharedSecret shared;
    shared.fd_ = std::move(fd);
    shared.data_ = static_cast<char *>(page);
    shared.size_ = size;
    return shared;
}

Result<SharedSecret> SharedSecret::create(const Secret &secret) {
    UniqueFd fd(::memfd_create("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd)
        return errno_failure("create memory for a secret", errno);
    if (::ftruncate(fd.get(), Secret::kMaxBytes) != 0)
        return errno_failure("size memory for a secret", errno);
    if (::fcntl(fd.get(), F_ADD_SEALS, kSizeSeals) != 0)
        return errno_failure("seal memory for a secret", errno);
    auto shared = map(std::move(fd), secret.size());
    if (shared && secret.size() > 0)
        std::memcpy(shared->data_, secret.view().data(), secret.size());
    return shared;
}

Result<SharedSecret> SharedSecret::open(UniqueFd fd, std::size_t size) {
    return map(std::move(fd), size);
}

// Read and not mapped: the descriptor comes from a worker, which may hand in anything. Seals exist
// on memory files only, and reading those does not block.
Result<Secret> SharedSecret::take(const UniqueFd &fd, std::size_t size) {
    const int seals = fd ? ::fcntl(fd.get(), F_GET_SEALS) : -1;
    if (size > Secret::kMaxBytes || seals < 0 || (seals & F_SEAL_SHRINK) == 0)
        return errno_failure("take a secret from a worker", EPROTO);
    std::array<std::byte, Secret::kMaxBytes> page{};
    const ssize_t count = ::pread(fd.get(), page.data(), size, 0);
    Result<Secret> secret = errno_failure("take a secret from a worker", EPROTO);
    if (count == static_cast<ssize_t>(size))
        secret = Secret(std::span<const std::byte>(page).first(size));
    wipe_memory(page);
    // The worker's own copy: what cannot be wiped is not used either.
    if (::pwrite(fd.get(), page.data(), page.size(), 0) < 0)
        return errno_failure("wipe a secret in the memory of a worker", errno);
    return secret;
}

SharedSecret::SharedSecret(SharedSecret &&other) noexcept
    : fd_(std::move(other.fd_)), data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedSecret &SharedSecret::operator=(SharedSecret &&other) noexcept {
    if (this != &other) {
        wipe();
        fd_ = std::move(other.fd_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void SharedSecret::wipe() noexcept {
    if (data_ != nullptr) {
        ::explicit_bzero(data_, Secret::kMaxBytes);
        ::munmap(data_, Secret::kMaxBytes);
    }
    data_ = nullptr;
    size_ = 0;
    fd_.reset();
}

} // namespace slipway
