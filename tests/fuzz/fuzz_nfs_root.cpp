// SPDX-License-Identifier: LGPL-2.1-or-later
// NFS roots: what the command line and a lease say about them, up to what is mounted. The input is
// a DHCP root-path and, as a second part, lines "key=value": root, netroot, nfsroot, boot, types,
// flags of the command line; next, server, host, addresses of the lease.
#include <algorithm>
#include <cerrno>
#include <map>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "nfs/mount_failure.h"
#include "nfs/option_words.h"
#include "nfs/root_choice.h"
#include "nfs/server_text.h"
#include "nfs/source_text.h"

namespace {

using namespace slipway;
using namespace slipway::nfs;
using fuzz::require;

bool is_printable(std::string_view text) {
    return printable(text, text.size()) == text;
}

void check_source(const Source &source, bool is_trusted) {
    require(source.servers.size() <= 8, "there are few servers");
    for (const std::string &server : source.servers) {
        const auto again = parse_servers(with_brackets(server));
        require(again && again->size() == 1 && again->front() == server,
                "a server is what its text says", server);
    }
    const std::string &directory = source.directory;
    require(directory.empty() || directory.starts_with('/'), "a directory is absolute", directory);
    require(directory.size() <= 1024, "a directory is bounded");
    require(!std::ranges::contains(split_words(directory, "/"), ".."), "it does not lead upwards",
            directory);
    require(directory.find_first_of(":,\n") == std::string::npos, "it ends where options begin",
            directory);
    for (const std::string &word : source.options) {
        require(!word.empty() && !word.contains(','), "an option is one word", word);
        require(is_trusted || check_untrusted_option(word).has_value(), "options are of nfs(5)",
                word);
    }
}

void check_root_path(std::string_view text) {
    const auto source = parse_root_path(text);
    if (!source) {
        require(!source.error().message().empty(), "what is wrong is said");
        require(is_printable(source.error().message()), "and can be printed", text);
        return;
    }
    check_source(*source, false);
    require(text.find_first_of("$`;|&<>\\\"' \n\t") == std::string_view::npos,
            "nothing in it means something to a shell", text);
    const auto same = parse_source(text);
    require(same && same->directory == source->directory && same->servers == source->servers,
            "the command line knows the same spellings", text);
}

void check_options(const Target &target) {
    const auto options = read_mount_options(target.options, target.is_v4);
    if (!options) {
        require(is_printable(options.error().message()), "errors are printable");
        return;
    }
    require(!options->versions.empty(), "there is a version to be tried");
    require(!std::ranges::contains(options->kernel, "rw"), "the mode is kept apart");
    const MountFailure failure{.source =
                                   with_brackets(target.servers.front()) + ":" + target.directory,
                               .address = "192.0.2.1",
                               .version = options->versions.front(),
                               .result = {.code = EACCES, .option = {}, .detail = {}}};
    require(is_printable(describe(failure)), "failures are printable", target.directory);
}

void check_choice(const RootWords &words, const Lease &lease) {
    const auto choice = choose_root(words);
    if (!choice) {
        require(is_printable(choice.error().message()), "errors are printable");
        return;
    }
    if (!*choice)
        return;
    check_source((*choice)->source, true);
    const auto target = complete(**choice, lease);
    if (!target) {
        require(is_printable(target.error().message()), "errors are printable");
        return;
    }
    require(!target->servers.empty(), "there is a server");
    require(target->directory.starts_with('/'), "there is a directory", target->directory);
    require(!std::ranges::contains(split_words(target->directory, "/"), ".."),
            "nothing leads upwards, host names neither", target->directory);
    check_options(*target);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    // A file ends with a newline, a root-path does not.
    const std::string root_path = parts[0].substr(0, parts[0].find_last_not_of('\n') + 1);
    check_root_path(root_path);
    std::map<std::string, std::string> said;
    for (const auto &[key, value] : fuzz::pairs_of(parts.size() > 1 ? parts[1] : std::string()))
        said.emplace(key, value);
    const RootWords words{.root = said["root"],
                          .netroot = said["netroot"],
                          .nfsroot = said["nfsroot"],
                          .boot = said["boot"],
                          .types = split_words(said["types"], ","),
                          .flags = split_words(said["flags"], ","),
                          .writable = std::nullopt};
    check_choice(words, {.interface = "eth0",
                         .root_path = root_path,
                         .root_path_refusal = said["refusal"],
                         .next_server = said["next"],
                         .dhcp_server = said["server"],
                         .host_name = said["host"],
                         .addresses = said["addresses"]});
    return 0;
}
