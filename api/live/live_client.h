// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "live/live_model.h"

namespace slipway::live {

inline constexpr const char *kDefaultAddress = "unix:path=/run/slipway/bus";
// The boot of this host, which is over, from its system bus.
inline constexpr const char *kHostAddress = "system";

// A connection to the status interface of a boot. Errors say what a person can do.
class LiveClient {
public:
    // `address`: as D-Bus writes them, the path of a socket, or kHostAddress.
    [[nodiscard]] static Result<std::unique_ptr<LiveClient>> connect(const std::string &address);
    LiveClient(const LiveClient &) = delete;
    LiveClient &operator=(const LiveClient &) = delete;
    LiveClient(LiveClient &&) = delete;
    LiveClient &operator=(LiveClient &&) = delete;
    ~LiveClient();

    [[nodiscard]] Result<Status> status();
    // "" for all goals.
    [[nodiscard]] Result<std::string> why(const std::string &goal);
    [[nodiscard]] Result<std::vector<LogLine>> log();
    [[nodiscard]] Result<> retry(const std::string &unit);
    [[nodiscard]] Result<> skip(const std::string &unit);
    [[nodiscard]] Result<> go_on();
    [[nodiscard]] Result<> answer(const std::string &prompt_path, const Secret &secret);

    // Until something has changed, or `time` is over. False: the connection has ended.
    [[nodiscard]] bool wait(Duration time);

    struct Listener {
        std::function<void(const Change &)> change; // may be empty
        std::function<void(const LogLine &)> log;   // may be empty
    };
    // Until the boot goes on to the real root, or the connection ends; if the boot is over, at
    // once.
    void listen(Listener listener);

private:
    struct Connection; // hides sdbus-c++
    explicit LiveClient(std::unique_ptr<Connection> connection);

    std::unique_ptr<Connection> connection_;
};

} // namespace slipway::live
