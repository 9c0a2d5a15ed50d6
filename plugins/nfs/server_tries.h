// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nfs/nfs_backend.h"
#include "nfs/option_words.h"
#include "nfs/root_choice.h"

namespace slipway::nfs {

// One round of tries to mount one target: every server, each of its addresses, the versions from
// the best one down. An address counts only if it accepts a TCP connection, so that one that is
// dead costs as much as that, and not the minutes of the kernel's own patience. The whole round has
// a limit; what was not tried then waits for the next one.
class ServerTries {
public:
    using Progress = std::function<void(const std::string &)>;

    ServerTries(NfsBackend &backend, const Target &target, MountOptions options, std::string where,
                std::chrono::milliseconds end, Progress progress)
        : backend_(backend), target_(target), options_(std::move(options)),
          where_(std::move(where)), end_(end), progress_(std::move(progress)) {}

    // What has been mounted, for people: "192.0.2.1:/srv/root (NFS 4.2)". Nothing: see errors().
    [[nodiscard]] std::optional<std::string> run();
    // One per server and kind of failure.
    [[nodiscard]] const std::vector<std::string> &errors() const { return errors_; }
    // The kernel refuses an option, or has no NFS: no server can help.
    [[nodiscard]] bool is_hopeless() const { return is_hopeless_; }

private:
    struct Attempt {
        const std::string &server;
        const Address &address;
        std::string_view version; // to begin with
    };
    // The address to go on with.
    struct Choice {
        std::size_t index;
        std::string_view version;
        std::string refusal; // of the version before: why this one is tried; empty: it is the best
    };

    [[nodiscard]] bool try_server(const std::string &server);
    [[nodiscard]] std::vector<Address> addresses_of(const std::string &server);
    [[nodiscard]] std::optional<Choice> choose(const std::string &server,
                                               const std::vector<Address> &addresses);
    // Per address as NfsBackend::connect().
    [[nodiscard]] std::vector<int> knock(const std::vector<Address> &addresses,
                                         std::string_view version);
    [[nodiscard]] std::uint16_t port_of(std::string_view version) const;
    [[nodiscard]] bool may_fall_back(std::string_view version) const;
    [[nodiscard]] bool try_versions(const Attempt &attempt);
    [[nodiscard]] MountResult mount(const Attempt &attempt, std::string_view version);
    void add_error(std::string text);
    [[nodiscard]] std::chrono::milliseconds left() const { return end_ - backend_.now(); }

    NfsBackend &backend_;
    const Target &target_;
    MountOptions options_;
    std::string where_; // the mount point
    std::chrono::milliseconds end_;
    Progress progress_;
    std::vector<std::string> errors_;
    std::string mounted_;
    bool is_hopeless_ = false;
};

} // namespace slipway::nfs
