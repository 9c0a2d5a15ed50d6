// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/carrier_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <fstream>

namespace slipway::net {

namespace {

// IFF_LOWER_UP: linux/if.h, which has it, cannot be included beside net/if.h. IFF_RUNNING comes up
// to a second later.
constexpr unsigned kLowerUp = 1U << 16U;

// The file cannot be read while the interface is down: then its next report tells.
bool has_no_cable(const std::string &interface) {
    char digit = '1';
    return (std::ifstream("/sys/class/net/" + interface + "/carrier") >> digit) && digit == '0';
}

} // namespace

Result<CarrierWatch> CarrierWatch::open(const std::string &interface) {
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0)
        return errno_failure("look at interface " + interface, errno);
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!socket)
        return errno_failure("listen to rtnetlink", errno);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0)
        return errno_failure("listen to rtnetlink", errno);
    return CarrierWatch(std::move(socket), static_cast<int>(index), !has_no_cable(interface));
}

bool CarrierWatch::has_come() {
    bool has_come = false;
    alignas(nlmsghdr) std::array<char, 16384> block{};
    while (true) {
        const ssize_t size = ::recv(socket_.get(), block.data(), block.size(), 0);
        if (size >= 0)
            has_come = read_block(block.data(), static_cast<std::size_t>(size)) || has_come;
        else if (errno != EINTR && errno != ENOBUFS)
            return has_come;
    }
}

bool CarrierWatch::read_block(const char *block, std::size_t size) {
    bool has_come = false;
    auto left = static_cast<unsigned>(size);
    for (const auto *header = reinterpret_cast<const nlmsghdr *>(block); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
        const auto *link = static_cast<const ifinfomsg *>(NLMSG_DATA(header));
        if (header->nlmsg_type != RTM_NEWLINK ||
            header->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg)) || link->ifi_index != index_)
            continue;
        const bool is_there = (link->ifi_flags & kLowerUp) != 0;
        has_come = has_come || (is_there && !is_there_);
        is_there_ = is_there;
    }
    return has_come;
}

} // namespace slipway::net
