// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nfs/option_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <utility>

#include "base/text.h"
#include "nfs/server_text.h"

namespace slipway::nfs {

namespace {

// nfs(5), mount(8).
constexpr auto kFlags = std::to_array<std::string_view>({"soft",
                                                         "hard",
                                                         "softerr",
                                                         "softreval",
                                                         "nosoftreval",
                                                         "intr",
                                                         "nointr",
                                                         "ac",
                                                         "noac",
                                                         "cto",
                                                         "nocto",
                                                         "acl",
                                                         "noacl",
                                                         "rdirplus",
                                                         "nordirplus",
                                                         "sharecache",
                                                         "nosharecache",
                                                         "resvport",
                                                         "noresvport",
                                                         "lock",
                                                         "nolock",
                                                         "fsc",
                                                         "nofsc",
                                                         "migration",
                                                         "nomigration",
                                                         "posix",
                                                         "noposix",
                                                         "trunkdiscovery",
                                                         "notrunkdiscovery",
                                                         "alignwrite",
                                                         "noalignwrite",
                                                         "sloppy",
                                                         "sync",
                                                         "async",
                                                         "dirsync",
                                                         "lazytime",
                                                         "ro",
                                                         "rw"});
constexpr auto kNumbers = std::to_array<std::string_view>(
    {"timeo", "retrans", "rsize", "wsize", "acregmin", "acregmax", "acdirmin", "acdirmax",
     "actimeo", "port", "mountport", "mountvers", "nconnect", "max_connect"});
constexpr auto kAttributes = std::to_array<std::string_view>(
    {"suid", "nosuid", "dev", "nodev", "exec", "noexec", "atime", "noatime", "relatime",
     "norelatime", "strictatime", "diratime", "nodiratime"});
// They say how mount.nfs(8) or the host should go about it, or nothing at all.
constexpr auto kWithoutEffect =
    std::to_array<std::string_view>({"bg", "fg", "retry", "defaults", "auto", "noauto", "user",
                                     "nouser", "_netdev", "nofail", "users"});
constexpr auto kTransports = std::to_array<std::string_view>({"tcp", "udp", "rdma"});
constexpr auto kVersions = std::to_array<std::string_view>({"4.2", "4.1", "4.0", "4", "3", "2"});

struct Choice {
    std::string_view key;
    std::array<std::string_view, 6> values; // the unused ones are empty
};
constexpr std::array kChoices = {
    Choice{"lookupcache", {"all", "none", "pos", "positive"}},
    Choice{"local_lock", {"all", "flock", "posix", "none"}},
    Choice{"write", {"lazy", "eager", "wait"}},
    Choice{"xprtsec", {"none", "tls", "mtls"}},
    Choice{"rdirplus", {"none", "force"}},
    Choice{"proto", {"tcp", "tcp6", "udp", "udp6", "rdma", "rdma6"}},
    Choice{"mountproto", {"tcp", "tcp6", "udp", "udp6"}},
};
constexpr auto kSecurity =
    std::to_array<std::string_view>({"sys", "none", "krb5", "krb5i", "krb5p"});

std::pair<std::string_view, std::string_view> split(std::string_view word) {
    const std::size_t equals = word.find('=');
    return {word.substr(0, equals),
            equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1)};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

// "vers=4.1", "nfsvers=3", "v4.2", "v3": the number; empty: another word.
std::string_view version_of(std::string_view word) {
    const auto [key, value] = split(word);
    if (key == "vers" || key == "nfsvers")
        return value;
    const bool is_short =
        word.size() > 1 && word.front() == 'v' && std::ranges::contains(kVersions, word.substr(1));
    return is_short ? word.substr(1) : std::string_view();
}

bool is_without_effect(std::string_view word) {
    return std::ranges::contains(kWithoutEffect, split(word).first) || word.starts_with("x-") ||
           word.starts_with("X-") || word.starts_with("comment=");
}

bool is_allowed_value(std::string_view key, std::string_view value) {
    if (std::ranges::contains(kNumbers, key) || key == "retry" || key == "minorversion")
        return parse_number<std::uint32_t>(value).has_value();
    if (key == "vers" || key == "nfsvers")
        return std::ranges::contains(kVersions, value);
    if (key == "clientaddr" || key == "mountaddr")
        return is_address(value);
    if (key == "sec") {
        const auto flavours = split_words(value, ":");
        return !flavours.empty() && std::ranges::all_of(flavours, [](const std::string &flavour) {
            return std::ranges::contains(kSecurity, flavour);
        });
    }
    const auto *const choice = std::ranges::find(kChoices, key, &Choice::key);
    return choice != kChoices.end() && !value.empty() &&
           std::ranges::contains(choice->values, value);
}

bool is_allowed(std::string_view word) {
    if (word.contains('='))
        return is_allowed_value(split(word).first, split(word).second);
    return std::ranges::contains(kFlags, word) || std::ranges::contains(kAttributes, word) ||
           std::ranges::contains(kWithoutEffect, word) ||
           std::ranges::contains(kTransports, word) || !version_of(word).empty();
}

class Reader {
public:
    explicit Reader(bool is_v4) : version_(is_v4 ? "4" : "") {}

    void read(const std::string &word);
    [[nodiscard]] Result<MountOptions> finish();

private:
    // True if there is nothing more to do with the word.
    bool read_version(std::string_view word);
    bool read_mount_word(std::string_view word);
    void read_attribute(std::string_view word);
    void note(std::string_view key, std::string_view value);

    MountOptions options_;
    std::string version_; // empty: the best that both sides speak
    std::string minor_;   // minorversion=
};

bool Reader::read_version(std::string_view word) {
    if (const std::string_view version = version_of(word); !version.empty()) {
        version_ = version;
        minor_.clear();
        return true;
    }
    if (!word.starts_with("minorversion="))
        return false;
    minor_ = split(word).second;
    return true;
}

// Of two that contradict each other the later one stays: "nodev", "dev".
void Reader::read_attribute(std::string_view word) {
    const bool is_off = word.starts_with("no");
    const std::string_view plain = is_off ? word.substr(2) : word;
    std::erase_if(options_.attributes, [&](const std::string &other) {
        const bool is_time = plain.ends_with("atime") && other.ends_with("atime") &&
                             (plain != "diratime") == (other != "nodiratime");
        return other == word || other == "no" + std::string(plain) || is_time;
    });
    // The others are what a mount has anyway.
    if ((is_off && plain != "relatime") || word == "strictatime")
        options_.attributes.emplace_back(word);
}

bool Reader::read_mount_word(std::string_view word) {
    if (word == "ro" || word == "rw") {
        options_.writable = word == "rw";
        return true;
    }
    if (!std::ranges::contains(kAttributes, word))
        return false;
    read_attribute(word);
    return true;
}

void Reader::note(std::string_view key, std::string_view value) {
    if (key == "proto")
        options_.transport = value;
    else if (key == "tcp" || key == "udp" || key == "rdma")
        options_.transport = key;
    else if (key == "port")
        options_.port = parse_number<std::uint16_t>(value);
    else if (key == "mountport")
        options_.mount_port = parse_number<std::uint16_t>(value);
    else if (key == "sec")
        options_.chooses_security = true;
    else if (key == "lock" || key == "nolock" || key == "local_lock")
        options_.chooses_locking = true;
}

void Reader::read(const std::string &word) {
    if (read_version(word) || read_mount_word(word) || is_without_effect(word))
        return;
    const auto [key, value] = split(word);
    note(key, value);
    options_.kernel.push_back(word);
}

Result<MountOptions> Reader::finish() {
    if (version_ == "4" && !minor_.empty())
        version_ = "4." + minor_;
    if (version_.empty())
        options_.versions = {"4.2", "4.1", "4.0", "3"};
    else if (version_ == "4")
        options_.versions = {"4.2", "4.1", "4.0"};
    else if (version_ == "2" || !std::ranges::contains(kVersions, version_))
        return failure(std::format("there is no NFS version {}; use vers=3, vers=4, vers=4.1 or "
                                   "vers=4.2",
                                   printable(version_, 16)));
    else
        options_.versions = {version_};
    // Version 4 is not spoken over UDP (RFC 8881, 2.9.1).
    if (options_.transport.starts_with("udp") && version_.empty())
        options_.versions = {"3"};
    return std::move(options_);
}

} // namespace

Result<> check_untrusted_option(std::string_view word) {
    if (is_allowed(word))
        return {};
    return failure(std::format("\"{}\" is no mount option of nfs(5)", printable(word, 80)));
}

Result<MountOptions> read_mount_options(const std::vector<std::string> &words, bool is_v4) {
    Reader reader(is_v4);
    for (const std::string &word : words)
        reader.read(word);
    return reader.finish();
}

} // namespace slipway::nfs
