// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/source_text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>

#include "base/text.h"
#include "nfs/option_words.h"
#include "nfs/server_text.h"

namespace slipway::nfs {

namespace {

constexpr std::size_t kMaxTextBytes = 4096;      // of a kernel command line
constexpr std::size_t kMaxRootPathBytes = 1024;  // of the fact dhcp_root_path
constexpr std::size_t kMaxDirectoryBytes = 1024; // MNTPATHLEN of RFC 1813

// Roots on the network that are not this plugin's.
constexpr std::array<std::string_view, 9> kOtherProtocols = {
    "iscsi:", "nbd:", "http:", "https:", "tftp:", "ftp:", "cifs:", "live:", "nvmf:"};

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// What a path needs, and nothing that means something to a shell.
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+@%=:,[]~").contains(c);
}

// A server may be called "http", but no directory of it begins with two slashes.
bool is_for_another_protocol(std::string_view text) {
    return std::ranges::any_of(kOtherProtocols, [&](std::string_view protocol) {
        if (!text.starts_with(protocol))
            return false;
        const std::string_view rest = text.substr(protocol.size());
        return !rest.starts_with('/') || rest.starts_with("//");
    });
}

bool leads_upwards(std::string_view directory) {
    return std::ranges::contains(split_words(directory, "/"), "..");
}

Result<> check_directory(std::string_view directory) {
    const auto wrong = [&](std::string_view why) {
        return failure(std::format("the directory \"{}\" {}", printable(directory, 120), why));
    };
    if (!directory.starts_with('/'))
        return wrong("does not begin with a slash, as in <server>:/<dir>");
    if (directory.size() > kMaxDirectoryBytes)
        return wrong(std::format("is longer than {} bytes", kMaxDirectoryBytes));
    if (leads_upwards(directory))
        return wrong("holds \"..\"");
    return {};
}

// "/srv/root:ro,vers=3" and "/srv/root,ro,vers=3".
Result<> read_directory(std::string_view text, Source &source) {
    const std::size_t end = text.find_first_of(":,");
    source.directory = text.substr(0, end);
    if (end != std::string_view::npos) {
        std::string_view options = text.substr(end + 1);
        while (options.ends_with(':'))
            options.remove_suffix(1);
        source.options = split_words(options, ",");
    }
    return check_directory(source.directory);
}

Result<> read_servers(std::string_view text, Source &source) {
    auto servers = parse_servers(text);
    if (!servers)
        return std::unexpected(std::move(servers).error());
    source.servers = *std::move(servers);
    return {};
}

// "nfs://<server>/<dir>", from the first slash on.
Result<> read_url(std::string_view text, Source &source) {
    text.remove_prefix(2);
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return failure("there is no directory behind the server");
    if (auto result = read_servers(text.substr(0, slash), source); !result)
        return result;
    return read_directory(text.substr(slash), source);
}

Result<> read_source(std::string_view text, Source &source) {
    if (text.starts_with('/'))
        return read_directory(text, source);
    const std::size_t end = text.find(":/");
    const bool is_server_only = end == std::string_view::npos && text.ends_with(':');
    if (end == std::string_view::npos && !is_server_only)
        return failure("it has no directory, as in <server>:/<dir>");
    const std::size_t colon = is_server_only ? text.size() - 1 : end;
    if (auto result = read_servers(text.substr(0, colon), source); !result || is_server_only)
        return result;
    return read_directory(text.substr(colon + 1), source);
}

} // namespace

Result<Source> parse_source(std::string_view text) {
    if (text.size() > kMaxTextBytes)
        return failure(std::format("it is longer than {} bytes", kMaxTextBytes));
    if (std::ranges::any_of(text, is_control))
        return failure("it holds control characters");
    Source source;
    source.is_v4 = text.starts_with("nfs4:");
    const bool has_protocol = source.is_v4 || text.starts_with("nfs:");
    if (has_protocol)
        text.remove_prefix(text.find(':') + 1);
    if (text.empty() && has_protocol)
        return source;
    const bool is_url = has_protocol && text.starts_with("//");
    if (auto result = is_url ? read_url(text, source) : read_source(text, source); !result)
        return std::unexpected(std::move(result).error());
    return source;
}

Result<Source> parse_root_path(std::string_view text) {
    if (text.empty())
        return failure("the lease has no root-path", ENOMSG);
    if (text.size() > kMaxRootPathBytes)
        return failure(std::format("it is longer than {} bytes", kMaxRootPathBytes));
    if (const auto odd = std::ranges::find_if_not(text, is_plain); odd != text.end())
        return failure(std::format("it holds the character \"{}\", which no root-path needs",
                                   printable(std::string_view(odd, odd + 1))));
    if (is_for_another_protocol(text))
        return failure(std::format("the root-path \"{}\" is none of NFS", printable(text, 120)),
                       ENOMSG);
    auto source = parse_source(text);
    if (!source)
        return source;
    for (const std::string &word : source->options) {
        if (auto allowed = check_untrusted_option(word); !allowed)
            return std::unexpected(std::move(allowed).error());
    }
    return source;
}

} // namespace slipway::nfs
