// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/server_tries.h"

#include <algorithm>
#include <cerrno>
#include <format>
#include <utility>

#include "base/text.h"
#include "nfs/mount_failure.h"
#include "nfs/server_text.h"

namespace slipway::nfs {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kConnectLimit = std::chrono::seconds(3); // two SYNs get lost, the third not
constexpr milliseconds kMountLimit = std::chrono::seconds(15);
constexpr std::uint16_t kNfsPort = 2049;
constexpr std::uint16_t kRpcbindPort = 111;
constexpr std::string_view kVersion3 = "3";

// A server that speaks version 4 only has none of the services of version 3: that says less than
// how version 4 failed.
bool says_less(const MountFailure &later, const MountFailure &earlier) {
    const int code = later.result.code;
    const bool is_absent = code == ECONNREFUSED || code == ETIMEDOUT || code == EPROTONOSUPPORT;
    const NextVersion hint = next_version(earlier.result, earlier.version);
    return is_absent && hint == NextVersion::three;
}

} // namespace

std::optional<std::string> ServerTries::run() {
    for (const std::string &server : target_.servers) {
        if (try_server(server))
            return mounted_;
        if (is_hopeless_ || left() <= milliseconds{0})
            break;
    }
    return std::nullopt;
}

bool ServerTries::try_server(const std::string &server) {
    progress_(std::format("mounting {}:{}", with_brackets(server), target_.directory));
    std::vector<Address> addresses = addresses_of(server);
    while (!addresses.empty() && !is_hopeless_ && left() > milliseconds{0}) {
        const auto choice = choose(server, addresses);
        if (!choice)
            return false;
        const auto before = static_cast<std::ptrdiff_t>(errors_.size());
        if (try_versions({server, addresses[choice->index], choice->version}))
            return true;
        // That the service is not there says more than how its elder brother failed.
        if (!choice->refusal.empty() && !std::ranges::contains(errors_, choice->refusal))
            errors_.insert(errors_.begin() + before, choice->refusal);
        addresses.erase(addresses.begin() + static_cast<std::ptrdiff_t>(choice->index));
    }
    return false;
}

std::vector<Address> ServerTries::addresses_of(const std::string &server) {
    auto addresses = backend_.resolve(server);
    if (!addresses) {
        add_error(addresses.error().message());
        return {};
    }
    std::erase_if(*addresses,
                  [&](const Address &address) { return !options_.admits(address.is_v6); });
    if (addresses->empty())
        add_error(std::format("{} has no address that suits proto={}: use tcp for IPv4 and tcp6 "
                              "for IPv6",
                              printable(server), options_.transport));
    return *std::move(addresses);
}

std::uint16_t ServerTries::port_of(std::string_view version) const {
    if (version == kVersion3 && options_.mount_port.value_or(0) != 0)
        return *options_.mount_port;
    if (options_.port.value_or(0) != 0)
        return *options_.port;
    return version == kVersion3 ? kRpcbindPort : kNfsPort;
}

std::vector<int> ServerTries::knock(const std::vector<Address> &addresses,
                                    std::string_view version) {
    if (!options_.uses_tcp())
        return std::vector<int>(addresses.size(), 0);
    return backend_.connect(addresses, port_of(version), std::min(kConnectLimit, left()));
}

bool ServerTries::may_fall_back(std::string_view version) const {
    return version != kVersion3 && options_.versions.back() == kVersion3;
}

std::optional<ServerTries::Choice> ServerTries::choose(const std::string &server,
                                                       const std::vector<Address> &addresses) {
    const std::string_view version = options_.versions.front();
    const auto accepted = [](const std::vector<int> &answers) -> std::optional<std::size_t> {
        const auto found = std::ranges::find(answers, 0);
        if (found == answers.end())
            return std::nullopt;
        return static_cast<std::size_t>(found - answers.begin());
    };
    const std::vector<int> answers = knock(addresses, version);
    if (const auto index = accepted(answers))
        return Choice{*index, version, {}};
    // Who refuses is there, and may have version 3 on another port.
    if (may_fall_back(version) && std::ranges::contains(answers, ECONNREFUSED)) {
        if (const auto index = accepted(knock(addresses, kVersion3)))
            return Choice{*index, kVersion3,
                          describe_unreachable(server, addresses[*index].text, port_of(version),
                                               answers[*index])};
    }
    for (std::size_t i = 0; i < answers.size(); ++i)
        add_error(describe_unreachable(server, addresses[i].text, port_of(version), answers[i]));
    return std::nullopt;
}

bool ServerTries::try_versions(const Attempt &attempt) {
    std::optional<MountFailure> failure;
    bool has_asked_for_3 = attempt.version == kVersion3;
    auto version = std::ranges::find(options_.versions, attempt.version);
    while (version != options_.versions.end() && left() > milliseconds{0}) {
        if (*version == kVersion3 && !std::exchange(has_asked_for_3, true) &&
            knock({attempt.address}, kVersion3).front() != 0)
            break;
        MountFailure next{
            .source = std::format("{}:{}", with_brackets(attempt.server), target_.directory),
            .address = attempt.address.text,
            .version = *version,
            .result = mount(attempt, *version)};
        if (next.result.code == 0) {
            mounted_ = std::format("{} (NFS {})", printable(next.source, 300), *version);
            return true;
        }
        const NextVersion hint = next_version(next.result, *version);
        if (!failure || !says_less(next, *failure))
            failure = std::move(next);
        if (hint == NextVersion::none)
            break;
        version = hint == NextVersion::next
                      ? version + 1
                      : std::ranges::find(version, options_.versions.end(), kVersion3);
    }
    if (failure) {
        is_hopeless_ = !failure->result.option.empty() || failure->result.code == ENODEV;
        add_error(describe(*failure));
    }
    return false;
}

MountResult ServerTries::mount(const Attempt &attempt, std::string_view version) {
    MountRequest request{
        .source = std::format("{}:{}", with_brackets(attempt.server), target_.directory),
        .type = "nfs",
        .target = where_,
        .options = {std::format("addr={}", attempt.address.text), std::format("vers={}", version)},
        .attributes = options_.attributes};
    // The kernel does not refuse them for version 4, but they would say nothing there.
    if (version == kVersion3 && !options_.chooses_locking)
        request.options.emplace_back("nolock");
    // Nothing here could get a ticket; without this word the server's first choice counts.
    if (!options_.chooses_security)
        request.options.emplace_back("sec=sys");
    request.options.insert(request.options.end(), options_.kernel.begin(), options_.kernel.end());
    request.options.emplace_back(options_.writable.value_or(false) ? "rw" : "ro");
    return backend_.mount(request, std::min(kMountLimit, left()));
}

void ServerTries::add_error(std::string text) {
    if (!std::ranges::contains(errors_, text))
        errors_.push_back(std::move(text));
}

} // namespace slipway::nfs
