// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/network_root.h"

#include <algorithm>
#include <array>

namespace slipway::fs {

namespace {

bool is_lease(std::string_view text) {
    return text == "dhcp" || text == "dhcp6";
}

// Words before a colon that are no servers.
constexpr std::array<std::string_view, 11> kOtherForms = {
    "http", "https", "cifs", "nbd", "live", "zfs", "ZFS", "bind", "virtiofs", "virtfs", "ubi"};

bool is_disk(std::string_view text) {
    return text.starts_with("iscsi:");
}

// "<server>:<dir>", with an IPv6 address in brackets; nfs(5). A device never has this form: it has
// a tag ("UUID=…"), begins with a slash or is "<major>:<minor>".
bool is_server_and_directory(std::string_view text) {
    if (text.starts_with('/') || text.starts_with('['))
        return text.starts_with('[') && text.contains("]:/");
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 && text.substr(colon).starts_with(":/") &&
           !std::ranges::contains(kOtherForms, text.substr(0, colon)) && text.find('=') > colon;
}

bool is_file_system(std::string_view text) {
    return text.starts_with("nfs:") || text.starts_with("nfs4:") || text == "/dev/nfs" ||
           is_server_and_directory(text);
}

// A list of types is tried in order, so its first word decides whether root= is a tag.
bool is_share(const RootWords &words) {
    return words.root.starts_with("virtiofs:") || words.root.starts_with("virtfs:") ||
           (!words.types.empty() &&
            (words.types.front() == "virtiofs" || words.types.front() == "9p"));
}

} // namespace

RootSource root_source(const RootWords &words) {
    if (is_share(words))
        return RootSource::share;
    // With netroot=, root= may say which device of what the network brings is meant.
    const bool is_left_to_netroot = words.root.empty() || words.root == "/dev/root";
    const std::string &source =
        is_left_to_netroot && !words.netroot.empty() ? words.netroot : words.root;
    const auto is_nfs = [](std::string_view type) { return type == "nfs" || type == "nfs4"; };
    if (is_lease(source))
        return RootSource::lease;
    if (is_disk(source) || (is_left_to_netroot && source == "iscsi"))
        return RootSource::network_disk;
    // initramfs-tools: boot=nfs and nfsroot= stand for root=/dev/nfs.
    const bool is_implied = words.root.empty() && (words.boot == "nfs" || !words.nfsroot.empty());
    if (is_file_system(source) || is_implied || std::ranges::any_of(words.types, is_nfs))
        return RootSource::network_file_system;
    return RootSource::device;
}

} // namespace slipway::fs
