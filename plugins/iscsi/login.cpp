// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/login.h"

#include <algorithm>
#include <format>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "iscsi/iscsi_options.h"
#include "iscsi/node_record.h"

namespace slipway::iscsi {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

// How a try with one target ended. In the order in which they count when there are several.
enum class End { done, no_route, later, for_good };

struct Try {
    End end = End::done;
    std::string reason;
};

// One run of activate.
class Attachment {
public:
    Attachment(sdk::Context &context, const sdk::Request &request, const Machine &machine)
        : context_(context), request_(request), machine_(machine), key_(request.key()),
          options_(read_options(request.options())) {}

    Outcome run();

private:
    [[nodiscard]] Outcome attach_configured();
    [[nodiscard]] Outcome attach_leased();
    [[nodiscard]] Outcome attach_firmware();
    [[nodiscard]] Outcome outcome_of(const Try &result);
    [[nodiscard]] Try attach_one(const Target &target, std::string_view leased_server,
                                 bool is_root);
    [[nodiscard]] Try log_in(const Target &target, const std::string &address);
    [[nodiscard]] std::optional<Try>
    judge_sessions(const Target &target, const std::vector<std::string> &addresses) const;
    [[nodiscard]] bool is_logged_in(const Target &target) const;
    void note_interface(const std::string &interface_name);
    void warn(const Result<> &result) {
        if (!result)
            context_.log(LogLevel::warning, result.error().message());
    }
    [[nodiscard]] bool is_root() const { return options_.root_key == key_; }

    sdk::Context &context_;
    const sdk::Request &request_;
    const Machine &machine_;
    std::string key_;
    IscsiOptions options_;
};

// What the lease of an interface says about the server, if the root-path does not.
std::string server_of(const sdk::Device &interface) {
    for (const char *fact : {"dhcp_next_server", "dhcp_server"}) {
        if (const std::string_view server = interface.fact(fact); is_server(server))
            return std::string(server);
    }
    return {};
}

// Logging in once more would make the same disks appear twice.
std::optional<Try> Attachment::judge_sessions(const Target &target,
                                              const std::vector<std::string> &addresses) const {
    for (const Session &session : machine_.sessions.sessions()) {
        if (session.target != target.name || session.port != std::to_string(target.port) ||
            session.interface_id != interface_id_of(target) ||
            !std::ranges::contains(addresses, session.address))
            continue;
        if (session.is_logged_in)
            return Try{End::done, std::format("logged in already ({})", session.id)};
        return Try{End::later,
                   std::format("{}: {} is not logged in, and iscsid goes on trying; does the "
                               "server know a target of this name, and does it let this initiator "
                               "in?",
                               portal_text(session.address, target.port), session.id)};
    }
    return std::nullopt;
}

bool Attachment::is_logged_in(const Target &target) const {
    return std::ranges::any_of(machine_.sessions.sessions(), [&](const Session &session) {
        return session.target == target.name && session.is_logged_in;
    });
}

void Attachment::note_interface(const std::string &interface_name) {
    if (!interface_name.empty())
        warn(machine_.files.write_interface(interface_name, is_root()));
}

Try Attachment::log_in(const Target &target, const std::string &address) {
    const std::string portal = portal_text(address, target.port);
    context_.progress(std::format("connecting to {}", portal));
    const Reach reach = machine_.network.connect(address, target.port, target.netdev);
    if (reach.state == Reach::State::no_route)
        return {End::no_route, std::format("no route to {} ({})", portal, reach.reason)};
    if (reach.state == Reach::State::failed)
        return {End::later, std::format("{}: {}", portal, reach.reason)};
    context_.progress(std::format("logging in at {}", portal));
    LoginRequest login{&target, address, options_.login_retries, options_.params};
    const LoginResult result = machine_.initiator.login(login);
    const bool is_there = result.end == LoginResult::End::exists && is_logged_in(target);
    if (result.end == LoginResult::End::done || is_there) {
        note_interface(reach.interface_name);
        return {End::done,
                std::format("logged in at {}{}{}", portal,
                            reach.interface_name.empty() ? "" : " through ", reach.interface_name)};
    }
    return {result.end == LoginResult::End::for_good ? End::for_good : End::later,
            std::format("{}: {}", portal, result.reason)};
}

Try Attachment::attach_one(const Target &target, std::string_view leased_server, bool is_root) {
    if (is_root)
        warn(machine_.files.write_root_disk({target.name, target.lun}));
    const auto named = [&](Try result) {
        result.reason = std::format("iSCSI target {}: {}", target.name, result.reason);
        return result;
    };
    const std::string server = target.server.empty() ? std::string(leased_server) : target.server;
    if (server.empty())
        return named({End::no_route, "its server is not named, and no lease names one"});
    const auto addresses = machine_.network.resolve(server);
    if (!addresses)
        return named({End::later, addresses.error().message()});
    if (auto known = judge_sessions(target, *addresses))
        return named(*std::move(known));
    // The first that works; else what went wrong with the one that came furthest.
    std::optional<Try> worst;
    for (const std::string &address : *addresses) {
        Try result = log_in(target, address);
        if (result.end == End::done)
            return named(std::move(result));
        if (!worst || result.end > worst->end)
            worst = std::move(result);
    }
    return named(worst ? *std::move(worst) : Try{End::later, server + " has no address"});
}

Outcome Attachment::outcome_of(const Try &result) {
    switch (result.end) {
    case End::done:
        return context_.done(result.reason);
    case End::no_route:
        context_.missing("a network interface that leads to the target");
        return context_.incomplete(result.reason);
    case End::later:
        return context_.retry(result.reason);
    case End::for_good:
        return context_.fail(result.reason);
    }
    return context_.fail(result.reason);
}

Outcome Attachment::attach_configured() {
    const Target *target = options_.find(key_);
    if (target == nullptr)
        return context_.fail(
            std::format("{} is no target of the kernel command line", request_.unit()));
    std::string leased_server;
    for (const sdk::Device &interface : request_.devices()) {
        if (leased_server.empty())
            leased_server = server_of(interface);
    }
    return outcome_of(attach_one(*target, leased_server, is_root()));
}

// Each interface has a lease of its own; the first that leads to a target counts.
Outcome Attachment::attach_leased() {
    std::optional<Try> worst;
    for (const sdk::Device &interface : request_.devices()) {
        const std::string_view root_path = interface.fact("dhcp_root_path");
        if (!is_iscsi_root_path(root_path))
            continue;
        auto target = parse_root_path(root_path);
        Try result;
        if (target) {
            if (!target->chap.is_used())
                target->chap = options_.chap;
            result = attach_one(*target, server_of(interface), is_root());
        } else {
            // The lease of another interface may say something better.
            result = {End::no_route, std::format("{}: {}", interface.fact("uevent.INTERFACE"),
                                                 target.error().message())};
            context_.log(LogLevel::error, result.reason);
        }
        if (result.end == End::done)
            return outcome_of(result);
        if (!worst || result.end > worst->end)
            worst = std::move(result);
    }
    return outcome_of(worst ? *std::move(worst)
                            : Try{End::no_route, "no lease names an iSCSI target yet"});
}

Outcome Attachment::attach_firmware() {
    // Built in or absent: the table shows which.
    (void)context_.load_modules({"iscsi_ibft"});
    const Firmware firmware = read_firmware(machine_.sysfs_root);
    for (const std::string &problem : firmware.problems)
        context_.log(LogLevel::error, problem);
    if (firmware.targets.empty()) {
        const std::string reason = firmware.is_present
                                       ? "the firmware's table (iBFT) names no target that is used"
                                       : "the firmware has no table of iSCSI targets (iBFT)";
        return is_root() ? context_.fail(reason + "; set one up there, or use netroot=iscsi:…")
                         : context_.done(reason);
    }
    std::optional<Try> worst;
    for (const Target &target : firmware.targets) {
        // The first is the one that was booted from.
        Try result = attach_one(target, {}, is_root() && &target == firmware.targets.data());
        if (result.end != End::done)
            context_.log(LogLevel::warning, result.reason);
        if (!worst || result.end > worst->end)
            worst = std::move(result);
    }
    return outcome_of(*worst);
}

Outcome Attachment::run() {
    if (key_ == kLeaseKey)
        return attach_leased();
    if (key_ == kFirmwareKey)
        return attach_firmware();
    return attach_configured();
}

} // namespace

Outcome attach(sdk::Context &context, const sdk::Request &request, const Machine &machine) {
    return Attachment(context, request, machine).run();
}

} // namespace slipway::iscsi
