// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "iscsi/session_table.h"
#include "iscsi/target.h"

namespace slipway::iscsi {

// One login: a target behind a portal whose address is known.
struct LoginRequest {
    const Target *target = nullptr; // borrowed
    std::string address;            // numeric, without brackets
    unsigned retries = 3;           // of the login itself, before this try has failed
    std::vector<std::pair<std::string, std::string>> params; // further settings; they win
};

// How a login ended.
struct LoginResult {
    enum class End {
        done,
        exists,   // iscsid has this session already: logged in, or still trying
        later,    // another try may succeed
        for_good, // not before somebody changes something
    };
    End end = End::done;
    std::string reason; // for people; no password; empty: done
};

// What this plugin wants from an iSCSI initiator.
class InitiatorBackend {
public:
    InitiatorBackend() = default;
    InitiatorBackend(const InitiatorBackend &) = delete;
    InitiatorBackend &operator=(const InitiatorBackend &) = delete;
    InitiatorBackend(InitiatorBackend &&) = delete;
    InitiatorBackend &operator=(InitiatorBackend &&) = delete;
    virtual ~InitiatorBackend() = default;

    // Runs the daemon that holds the connections, with the initiator name in `initiator_file`.
    // `ready` is called when logins can be asked for, `say` with each line that the daemon writes.
    // Comes back when the daemon has ended: with nothing if that was because `stop` (borrowed) has
    // become readable, else with the reason, as it never ends by itself.
    [[nodiscard]] virtual std::optional<Error>
    serve(const std::string &initiator_file, int stop, const std::function<void()> &ready,
          const std::function<void(std::string_view)> &say) = 0;

    // Blocks until the target's disks are there, the login has failed, or it takes too long; the
    // daemon must be ready.
    [[nodiscard]] virtual LoginResult login(const LoginRequest &request) = 0;

    // Takes a session without disks from the kernel; no daemon may run.
    [[nodiscard]] virtual Result<> remove(const Session &session) = 0;
};

} // namespace slipway::iscsi
