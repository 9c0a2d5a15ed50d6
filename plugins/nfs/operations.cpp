// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/operations.h"

#include <algorithm>
#include <cerrno>
#include <format>
#include <utility>
#include <vector>

#include "base/text.h"
#include "nfs/option_words.h"
#include "nfs/root_choice.h"
#include "nfs/server_tries.h"
#include "system/option_list.h"

namespace slipway::nfs {

using sdk::Context;
using sdk::LogLevel;
using sdk::Outcome;
using sdk::Request;

namespace {

constexpr const char *kUnit = "sysroot-nfs";
// Of one round; the unit's timeout is longer by a slow name server.
constexpr std::chrono::milliseconds kRound = std::chrono::seconds(30);

RootWords words_of(const sdk::Pairs &options) {
    RootWords words;
    // In the order in which they stand last on the command line.
    for (const auto &[key, quoted] : sdk::option_list(options)) {
        const std::string_view value = without_quotes(quoted);
        if (key == "root")
            words.root = value;
        else if (key == "netroot")
            words.netroot = without_quotes(value.substr(0, value.find('\n')));
        else if (key == "nfsroot")
            words.nfsroot = value;
        else if (key == "boot")
            words.boot = value;
        else if (key == "rootfstype")
            words.types = split_words(value, ",");
        else if (key == "rootflags")
            words.flags = split_words(value, ",");
        else if (key == "ro" || key == "rw")
            words.writable = key == "rw";
    }
    return words;
}

Lease lease_of(const sdk::Device &device) {
    const auto fact = [&](std::string_view key) { return std::string(device.fact(key)); };
    return {.interface = printable(fact("uevent.INTERFACE"), 32),
            .root_path = fact("dhcp_root_path"),
            .root_path_refusal = fact("dhcp_root_path_refused"),
            .next_server = fact("dhcp_next_server"),
            .dhcp_server = fact("dhcp_server"),
            .host_name = fact("dhcp_hostname"),
            .addresses = fact("net_addresses")};
}

// "192.0.2.1:/srv/root", for people.
std::string name_of(const Target &target) {
    return printable(std::format("{}:{}", join(target.servers, ","), target.directory), 300);
}

// One run of mount_root.
class RootMount {
public:
    RootMount(Context &context, NfsBackend &backend, const std::string &where)
        : context_(context), backend_(backend), where_(where), end_(backend.now() + kRound) {}

    [[nodiscard]] Outcome run(const RootChoice &choice, const std::vector<sdk::Device> &devices);

private:
    // What the interfaces say is to be mounted, each once.
    [[nodiscard]] std::vector<Target> targets(const RootChoice &choice,
                                              const std::vector<sdk::Device> &devices);
    // The first of them stands for this machine.
    void identify(const std::vector<sdk::Device> &devices);
    // What was mounted.
    [[nodiscard]] std::optional<std::string> try_target(const Target &target);
    [[nodiscard]] Outcome nothing_to_mount(const RootChoice &choice);

    Context &context_;
    NfsBackend &backend_;
    const std::string &where_;
    std::chrono::milliseconds end_;
    std::vector<std::string> refusals_; // one per interface that cannot help
    std::vector<std::string> errors_;
    bool is_hopeless_ = false;
};

std::vector<Target> RootMount::targets(const RootChoice &choice,
                                       const std::vector<sdk::Device> &devices) {
    std::vector<Target> found;
    for (const sdk::Device &device : devices) {
        auto target = complete(choice, lease_of(device));
        if (!target)
            refusals_.push_back(target.error().message());
        else if (!std::ranges::contains(found, *target))
            found.push_back(*std::move(target));
    }
    return found;
}

void RootMount::identify(const std::vector<sdk::Device> &devices) {
    const auto has_mac = [](const sdk::Device &device) { return !device.fact("net_mac").empty(); };
    const auto device = std::ranges::find_if(devices, has_mac);
    if (device == devices.end())
        return;
    const std::string mac = printable(device->fact("net_mac"), 64);
    auto result = backend_.identify(mac);
    if (!result && result.error().code() == ENOENT && context_.load_modules({"nfs"}) == 0)
        result = backend_.identify(mac);
    if (!result)
        context_.log(LogLevel::warning,
                     std::format("{}; a server may take this machine for another one: give each a "
                                 "nfs.nfs4_unique_id= of its own",
                                 result.error().message()));
}

std::optional<std::string> RootMount::try_target(const Target &target) {
    auto options = read_mount_options(target.options, target.is_v4);
    if (!options) {
        errors_.push_back(std::format("{}: {}", name_of(target), options.error().message()));
        is_hopeless_ = true;
        return std::nullopt;
    }
    ServerTries tries(backend_, target, *std::move(options), where_, end_,
                      [this](const std::string &text) { context_.progress(printable(text, 300)); });
    auto mounted = tries.run();
    errors_.insert(errors_.end(), tries.errors().begin(), tries.errors().end());
    is_hopeless_ = is_hopeless_ || tries.is_hopeless();
    return mounted;
}

Outcome RootMount::nothing_to_mount(const RootChoice &choice) {
    if (choice.source.directory.empty())
        context_.missing(choice.may_be_a_disk ? "a DHCP lease with a root-path"
                                              : "a DHCP lease with an NFS root-path");
    else
        context_.missing("a DHCP lease that names the server");
    return context_.incomplete(refusals_.empty() ? "no network interface can be used yet"
                                                 : join(refusals_, "; "));
}

Outcome RootMount::run(const RootChoice &choice, const std::vector<sdk::Device> &devices) {
    const std::vector<Target> found = targets(choice, devices);
    if (found.empty())
        return nothing_to_mount(choice);
    identify(devices);
    for (const Target &target : found) {
        if (const auto mounted = try_target(target)) {
            for (const std::string &error : errors_)
                context_.log(LogLevel::notice, error);
            return context_.done("mounted " + *mounted);
        }
    }
    if (errors_.empty())
        errors_.push_back(std::format("{}: there was no time left to try it", name_of(found[0])));
    // A mistake in what one lease says may be absent from another, one on the command line not.
    const bool is_final = is_hopeless_ && !choice.source.directory.empty();
    errors_.insert(errors_.end(), refusals_.begin(), refusals_.end());
    const std::string reason = join(errors_, "; ");
    return is_final ? context_.fail(reason) : context_.retry(reason);
}

} // namespace

Outcome inspect_interface(Context &context, const Request &request) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one network interface");
    const auto choice = choose_root(words_of(request.options()));
    if (choice && !*choice)
        return context.done("the root is not on NFS");
    std::string name;
    if (choice) { // otherwise activate says what is wrong with the command line
        const auto target = complete(**choice, lease_of(devices.front()));
        if (target)
            name = name_of(*target);
        else if (target.error().code() != ENOMSG)
            context.log(LogLevel::warning, target.error().message());
    }
    context.member({.unit = kUnit, .name = name, .expected = 0, .provides = {}});
    return Outcome::done;
}

Outcome mount_root(Context &context, const Request &request, NfsBackend &backend,
                   const std::string &where) {
    const auto choice = choose_root(words_of(request.options()));
    if (!choice)
        return context.fail(choice.error().message());
    if (!*choice)
        return context.fail("the kernel command line names no NFS root; write "
                            "root=nfs:<server>:<dir>, or root=dhcp");
    // A try that was ended may have come to its end all the same.
    if (backend.is_mounted(where))
        return context.done(where + " is mounted already");
    return RootMount(context, backend, where).run(**choice, request.devices());
}

} // namespace slipway::nfs
