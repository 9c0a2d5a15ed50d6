// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/root_choice.h"

#include <algorithm>
#include <cerrno>
#include <format>
#include <utility>

#include "base/text.h"
#include "nfs/server_text.h"

namespace slipway::nfs {

namespace {

constexpr std::size_t kMaxHostNameBytes = 64; // HOST_NAME_MAX

bool is_lease(std::string_view text) {
    return text == "dhcp" || text == "dhcp6";
}

bool has_protocol(std::string_view text) {
    return text.starts_with("nfs:") || text.starts_with("nfs4:");
}

// A device has a tag ("UUID=…"), begins with a slash or is "<major>:<minor>"; another protocol goes
// on with two slashes.
bool is_server_and_directory(std::string_view text) {
    const std::size_t colon = text.find(":/");
    return !text.starts_with('/') && colon != std::string_view::npos && colon > 0 &&
           !text.substr(colon).starts_with("://") && text.find('=') > colon;
}

// The word that says what the root is, with its value.
std::pair<std::string, std::string> deciding_word(const RootWords &words) {
    // With netroot=, root= may say which device of what the network brings is meant.
    const bool is_open = words.root.empty() || words.root == "/dev/root";
    if (is_open && !words.netroot.empty())
        return {"netroot=", words.netroot};
    if (words.root.empty() && (words.boot == "nfs" || !words.nfsroot.empty()))
        return {"root=", "/dev/nfs"};
    return {"root=", words.root};
}

class Chooser {
public:
    explicit Chooser(const RootWords &words)
        : words_(words), is_typed_(std::ranges::any_of(words.types, [](const std::string &type) {
              return type == "nfs" || type == "nfs4";
          })) {}

    [[nodiscard]] Result<std::optional<RootChoice>> choose();

private:
    [[nodiscard]] Result<std::optional<RootChoice>> read(std::string_view value);
    [[nodiscard]] std::optional<RootChoice> finish();

    const RootWords &words_;
    bool is_typed_; // rootfstype= says NFS
    RootChoice choice_;
};

Result<std::optional<RootChoice>> Chooser::choose() {
    const auto [key, value] = deciding_word(words_);
    choice_.word = key + printable(value, 200);
    if (is_lease(value)) {
        choice_.may_be_a_disk = !is_typed_;
        return finish();
    }
    if (value != "/dev/nfs")
        return has_protocol(value) || is_server_and_directory(value) || is_typed_
                   ? read(value)
                   : Result<std::optional<RootChoice>>(std::nullopt);
    // Without a value, or with "auto" (initramfs-tools(7)), the lease says everything.
    if (words_.nfsroot.empty() || words_.nfsroot == "auto" || is_lease(words_.nfsroot))
        return finish();
    choice_.word = "nfsroot=" + printable(words_.nfsroot, 200);
    return read(words_.nfsroot);
}

Result<std::optional<RootChoice>> Chooser::read(std::string_view value) {
    auto source = parse_source(value);
    if (!source)
        return failure(std::format("{} on the kernel command line: {}", choice_.word,
                                   source.error().message()));
    choice_.source = *std::move(source);
    return finish();
}

std::optional<RootChoice> Chooser::finish() {
    if (std::ranges::contains(words_.types, "nfs4"))
        choice_.source.is_v4 = true;
    choice_.flags = words_.flags;
    choice_.writable = words_.writable;
    return std::move(choice_);
}

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= kMaxHostNameBytes && !text.starts_with('.') &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_';
           });
}

std::string first_address(const Lease &lease) {
    for (const std::string &line : split_words(lease.addresses, "\n")) {
        const std::string address = line.substr(0, line.find('/'));
        if (is_address(address))
            return address;
    }
    return {};
}

// "%s" is this machine: its host name if the lease gives one, else its address (the kernel's
// Documentation/admin-guide/nfs/nfsroot.rst).
Result<> insert_host(std::string &directory, const Lease &lease) {
    const std::size_t place = directory.find("%s");
    if (place == std::string::npos)
        return {};
    const std::string host = is_host_name(lease.host_name) ? lease.host_name : first_address(lease);
    if (host.empty())
        return failure(std::format("\"%s\" in {} stands for the name or the address of this "
                                   "machine, and {} has neither",
                                   printable(directory, 120), lease.interface));
    directory.replace(place, 2, host);
    return {};
}

std::string server_of_lease(const Lease &lease) {
    for (const std::string &server : {lease.next_server, lease.dhcp_server}) {
        if (is_address(server))
            return server;
    }
    return {};
}

Result<Source> refused_root_path(const Lease &lease, const Error &error) {
    if (lease.root_path.empty() && !lease.root_path_refusal.empty())
        return failure(std::format("the root-path of the lease is refused: {}",
                                   printable(lease.root_path_refusal, 300)),
                       EBADMSG);
    if (error.code() == ENOMSG)
        return failure(error.message(), ENOMSG);
    return failure(std::format("the root-path \"{}\" is refused: {}; correct the DHCP server's "
                               "option 17",
                               printable(lease.root_path, 120), error.message()),
                   EBADMSG);
}

Result<Source> merge(const RootChoice &choice, const Lease &lease) {
    Source source = choice.source;
    if (source.directory.empty()) {
        const auto path = parse_root_path(lease.root_path);
        if (!path)
            return refused_root_path(lease, path.error());
        if (path->directory.empty())
            return failure("the root-path names no directory", ENOMSG);
        source.is_v4 = source.is_v4 || path->is_v4;
        source.directory = path->directory;
        source.options = path->options;
        // A server that is named on the command line wins.
        if (source.servers.empty())
            source.servers = path->servers;
    }
    if (source.servers.empty()) {
        const std::string server = server_of_lease(lease);
        if (server.empty())
            return failure("no server is named, and the lease has neither a next-server nor the "
                           "address of the DHCP server; write root=nfs:<server>:<dir>",
                           ENOMSG);
        source.servers.push_back(server);
    }
    return source;
}

} // namespace

Result<std::optional<RootChoice>> choose_root(const RootWords &words) {
    return Chooser(words).choose();
}

Result<Target> complete(const RootChoice &choice, const Lease &lease) {
    const auto name_interface = [&](Error error) {
        return std::unexpected(std::move(error).with_context(lease.interface));
    };
    auto source = merge(choice, lease);
    if (!source)
        return name_interface(std::move(source).error());
    Target target{.servers = std::move(source->servers),
                  .directory = std::move(source->directory),
                  .is_v4 = source->is_v4,
                  .options = std::move(source->options)};
    if (auto inserted = insert_host(target.directory, lease); !inserted)
        return name_interface(std::move(inserted).error());
    target.options.insert(target.options.end(), choice.flags.begin(), choice.flags.end());
    if (choice.writable)
        target.options.emplace_back(*choice.writable ? "rw" : "ro");
    return target;
}

} // namespace slipway::nfs
