// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/system.h"

namespace slipway {

// Can this be a link that slipway makes: strictly below /dev, without "." and "..", of bounded
// length, without control characters?
[[nodiscard]] bool is_device_link(std::string_view path);

// What a link below /dev has to hold to lead to `devnode`: ("/dev/disk/by-uuid/x", "/dev/vda1") →
// "../../vda1". Both as is_device_link() demands.
[[nodiscard]] std::string relative_target(std::string_view link, std::string_view devnode);

// Who owns which link below /dev, by udev's rule: of all devices that claim a link the one with the
// highest priority gets it; among equals the one that claimed it first keeps it. Owned by main, in
// PID 1. Links that were made by somebody else and that nobody claims are not touched.
class LinkRegistry {
public:
    struct Conflict {
        std::string link;
        std::string owner;     // syspaths
        std::string contender; // of the same priority as the owner
        bool operator==(const Conflict &) const = default;
    };

    // Further links of one device are refused.
    static constexpr std::size_t kMaxLinksPerDevice = 256;

    // `system` must outlive the registry.
    explicit LinkRegistry(System &system) : system_(&system) {}

    // From now on `device` (a syspath) with the node `devnode` claims exactly `links`. Makes,
    // redirects and removes links accordingly. Each error is about one link; the others are made
    // all the same, and a failed one is tried again at the next update of a claimant.
    [[nodiscard]] std::vector<Error> update(const std::string &device, const std::string &devnode,
                                            const std::vector<std::string> &links, int priority);
    // The device is gone; its links go to the next claimant, or go.
    [[nodiscard]] std::vector<Error> remove(const std::string &device);

    // The syspath of the device that owns `link`.
    [[nodiscard]] std::optional<std::string> owner(std::string_view link) const;
    // Sorted by link, then in the order of the claims.
    [[nodiscard]] std::vector<Conflict> conflicts() const;

private:
    struct Claim {
        std::string device;
        std::string devnode;
        int priority = 0;
    };
    struct Link {
        std::vector<Claim> claims; // in the order of the claims
        std::string target;        // what we made it hold; empty: nothing
    };
    using Links = std::map<std::string, Link, std::less<>>;

    [[nodiscard]] static const Claim *winner(const Link &link);
    void claim(const std::string &link, const Claim &claim);
    void withdraw(const std::string &link, const std::string &device);
    [[nodiscard]] Result<> apply(const std::string &name);
    [[nodiscard]] Result<> make(const std::string &name, const std::string &target);
    [[nodiscard]] Result<> check_replaceable(const std::string &name);
    [[nodiscard]] Result<> unmake(const std::string &name, const std::string &target);
    [[nodiscard]] std::vector<Error> apply_all(const std::vector<std::string> &names);

    System *system_;
    Links links_;
    std::map<std::string, std::vector<std::string>> claimed_; // device → its links
};

} // namespace slipway
