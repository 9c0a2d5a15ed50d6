// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace slipway::luks {

// A file on a device, or the device itself.
struct Medium {
    std::string devnode;
    std::string fs_type; // as coldplug found it; only for a file
    std::string path;    // of the file, from the root of its file system; empty: the device
};

// What is read from other devices than the volume's own. A file system is mounted read-only, where
// no other process sees it, and is gone when the call returns.
class MediumBackend {
public:
    static constexpr std::uint64_t kMaxHeaderBytes = 64U << 20U; // the usual one has 16 MiB

    MediumBackend() = default;
    MediumBackend(const MediumBackend &) = delete;
    MediumBackend &operator=(const MediumBackend &) = delete;
    MediumBackend(MediumBackend &&) = delete;
    MediumBackend &operator=(MediumBackend &&) = delete;
    virtual ~MediumBackend() = default;

    // `size` bytes behind the first `offset` ones; 0: all there are. EFBIG: more than a Secret
    // holds.
    [[nodiscard]] virtual Result<Secret> read_key(const Medium &medium, std::uint64_t offset,
                                                  std::uint64_t size) = 0;
    // Copies a file to `destination`, which only root can read. Error EFBIG: larger than
    // kMaxHeaderBytes. Directories on the way are made; what was there is replaced.
    [[nodiscard]] virtual Result<> copy_file(const Medium &medium,
                                             const std::string &destination) = 0;
    // Makes the link `destination` to a device.
    [[nodiscard]] virtual Result<> link(const std::string &devnode,
                                        const std::string &destination) = 0;
    [[nodiscard]] virtual Result<> remove(const std::string &path) = 0;
    // Does /dev/mapper/<name> exist?
    [[nodiscard]] virtual bool has_mapping(const std::string &name) = 0;
};

} // namespace slipway::luks
