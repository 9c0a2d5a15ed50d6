// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cerrno>
#include <format>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "nfs/nfs_backend.h"

namespace slipway::nfs {

// A network of servers, with a clock that goes on by what a real one would take.
class FakeNfs : public NfsBackend {
public:
    using Milliseconds = std::chrono::milliseconds;

    std::map<std::string, std::vector<std::string>> names;     // host name → addresses
    std::map<std::string, int> ports;                          // "<address> <port>" → errno value
    std::function<MountResult(const MountRequest &)> on_mount; // default: mounted
    bool has_mount = false;
    bool has_module = true;

    std::vector<std::string> identities;
    std::vector<MountRequest> mounts;
    std::vector<std::string> knocks; // "<address> <port>"

    Milliseconds now() override { return now_; }
    bool is_mounted(const std::string &) override { return has_mount; }

    Result<> identify(const std::string &identity) override {
        if (!has_module)
            return errno_failure("write the identity", ENOENT);
        identities.push_back(identity);
        return {};
    }

    Result<std::vector<Address>> resolve(const std::string &server) override {
        const auto found = names.find(server);
        if (found == names.end() && !server.contains(':') && !server.contains('.'))
            return failure("the server \"" + server + "\" has no address");
        std::vector<Address> addresses;
        for (const std::string &text :
             found == names.end() ? std::vector<std::string>{server} : found->second)
            addresses.push_back({text, text.contains(':')});
        return addresses;
    }

    // What is not in `ports` accepts.
    std::vector<int> connect(const std::vector<Address> &addresses, std::uint16_t port,
                             Milliseconds limit) override {
        std::vector<int> results;
        for (const Address &address : addresses) {
            const std::string place = std::format("{} {}", address.text, port);
            knocks.push_back(place);
            const auto found = ports.find(place);
            results.push_back(found == ports.end() ? 0 : found->second);
        }
        const bool is_accepted = std::ranges::contains(results, 0);
        if (!is_accepted && std::ranges::contains(results, ETIMEDOUT))
            now_ += limit;
        return results;
    }

    MountResult mount(const MountRequest &request, Milliseconds limit) override {
        mounts.push_back(request);
        MountResult result = on_mount ? on_mount(request) : MountResult{};
        if (result.code == ETIMEDOUT)
            now_ += limit;
        return result;
    }

    // "4.2" of "vers=4.2".
    static std::string version_of(const MountRequest &request) {
        for (const std::string &word : request.options) {
            if (word.starts_with("vers="))
                return word.substr(5);
        }
        return "";
    }
    [[nodiscard]] std::vector<std::string> versions() const {
        std::vector<std::string> tried;
        std::ranges::transform(mounts, std::back_inserter(tried), &version_of);
        return tried;
    }

private:
    Milliseconds now_{1000};
};

} // namespace slipway::nfs
