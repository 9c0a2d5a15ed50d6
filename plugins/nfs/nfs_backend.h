// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "system/kernel_mount.h"

namespace slipway::nfs {

struct Address {
    std::string text; // in numbers, perhaps with "%<zone>"
    bool is_v6 = false;
};

// Source: "<server>:<dir>". Options: nfs(5), and "addr=".
using sdk::MountRequest;
using sdk::MountResult;

// The network and the kernel's NFS client, as this plugin needs them. The only implementation that
// touches the system is made by make_linux_backend(); tests hand in a fake.
class NfsBackend {
public:
    NfsBackend() = default;
    NfsBackend(const NfsBackend &) = delete;
    NfsBackend &operator=(const NfsBackend &) = delete;
    NfsBackend(NfsBackend &&) = delete;
    NfsBackend &operator=(NfsBackend &&) = delete;
    virtual ~NfsBackend() = default;

    [[nodiscard]] virtual std::chrono::milliseconds now() = 0; // of any clock that only goes on
    // Is an NFS directory mounted there?
    [[nodiscard]] virtual bool is_mounted(const std::string &target) = 0;
    // What tells this machine from others in the eyes of a version 4 server, until it is switched
    // off (the kernel's Documentation/filesystems/nfs/client-identifier.rst). Without it that is
    // the host name, which is "(none)" in every initrd, and the server takes all of them for one
    // machine that keeps rebooting. What was set before stays. ENOENT: the module nfs is missing.
    [[nodiscard]] virtual Result<> identify(const std::string &identity) = 0;
    // All addresses of a host name or address, the one to be preferred first. At least one.
    [[nodiscard]] virtual Result<std::vector<Address>> resolve(const std::string &server) = 0;
    // Opens TCP connections to all of them at once, and closes them. Comes back as soon as one is
    // accepted, all are refused, or the limit has passed. Per address: 0, or the errno value;
    // EINPROGRESS if another one was accepted before.
    [[nodiscard]] virtual std::vector<int> connect(const std::vector<Address> &addresses,
                                                   std::uint16_t port,
                                                   std::chrono::milliseconds limit) = 0;
    // `target` is made if it is missing. After the limit the try is ended.
    [[nodiscard]] virtual MountResult mount(const MountRequest &request,
                                            std::chrono::milliseconds limit) = 0;
};

} // namespace slipway::nfs
