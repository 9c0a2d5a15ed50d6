// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/ibft.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <format>
#include <fstream>
#include <optional>
#include <utility>

#include "base/letter_case.h"
#include "base/result.h"
#include "base/text.h"

namespace slipway::net {

namespace {

namespace fs = std::filesystem;

constexpr const char *kTable = "/sys/firmware/ibft";
constexpr unsigned kValid = 1;      // bit of "flags": the block is used
constexpr unsigned kSelected = 2;   // the firmware booted through it
constexpr unsigned kDhcpOrigin = 3; // of "origin"
constexpr unsigned kMaxVlan = 4094;

std::string read(const fs::path &path) {
    std::ifstream file(path);
    std::array<char, 256> text{};
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    const std::string_view read(text.data(), static_cast<std::size_t>(file.gcount()));
    return std::string(trimmed(read.substr(0, read.find('\n'))));
}

unsigned number(const fs::path &path) {
    const std::string text = read(path);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

bool is_mac(std::string_view text) {
    if (text.size() != 17)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (i % 3 == 2 ? c != ':' : !is_hex)
            return false;
    }
    return true;
}

// An address as the kernel writes it; zeros stand for none. Nothing if it is no address.
std::optional<std::string> address(const fs::path &path) {
    std::string text = read(path);
    if (text == "0.0.0.0" || text == "::" || text.empty())
        return std::string();
    std::array<std::uint8_t, 16> bytes{};
    const int family = text.contains(':') ? AF_INET6 : AF_INET;
    if (::inet_pton(family, text.c_str(), bytes.data()) != 1)
        return std::nullopt;
    return text;
}

// Newer kernels say the length, all of them the mask.
std::optional<unsigned> prefix_of(const fs::path &place, bool is_v6) {
    const unsigned longest = is_v6 ? 128 : 32;
    const unsigned length = number(place / "prefix-len");
    if (length != 0)
        return length <= longest ? std::optional(length) : std::nullopt;
    in_addr mask{};
    if (is_v6 || ::inet_pton(AF_INET, read(place / "subnet-mask").c_str(), &mask) != 1)
        return std::nullopt;
    const std::uint32_t bits = ntohl(mask.s_addr);
    const int ones = std::countl_one(bits);
    return ones + std::countr_zero(bits) >= 32 ? std::optional(static_cast<unsigned>(ones))
                                               : std::nullopt;
}

Result<> read_static(const fs::path &place, FirmwareInterface &interface) {
    const auto own = address(place / "ip-addr");
    const auto gateway = address(place / "gateway");
    if (!own || own->empty() || !gateway)
        return failure("its addresses are not understood");
    interface.address = *own;
    interface.gateway = *gateway;
    const auto prefix = prefix_of(place, own->contains(':'));
    if (!prefix)
        return failure("its network mask is not understood");
    interface.prefix = *prefix;
    for (const char *name : {"primary-dns", "secondary-dns"}) {
        if (auto server = address(place / name); server && !server->empty())
            interface.dns.push_back(*std::move(server));
    }
    return {};
}

Result<FirmwareInterface> read_interface(const fs::path &place) {
    FirmwareInterface interface;
    interface.mac = lower_case(read(place / "mac"));
    if (!is_mac(interface.mac))
        return failure(std::format("\"{}\" is no MAC address", printable(interface.mac, 40)));
    interface.is_boot = (number(place / "flags") & kSelected) != 0;
    interface.vlan = number(place / "vlan");
    if (interface.vlan > kMaxVlan)
        return failure(std::format("VLAN {} does not exist", interface.vlan));
    const auto server = address(place / "dhcp");
    interface.is_dhcp = (server && !server->empty()) || number(place / "origin") == kDhcpOrigin;
    if (!interface.is_dhcp) {
        if (auto good = read_static(place, interface); !good)
            return std::unexpected(std::move(good).error());
    }
    return interface;
}

} // namespace

FirmwareNetwork read_firmware_network(const std::string &root) {
    FirmwareNetwork network;
    std::vector<fs::path> places;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(root + kTable, error)) {
        if (entry.path().filename().string().starts_with("ethernet") &&
            (number(entry.path() / "flags") & kValid) != 0)
            places.push_back(entry.path());
    }
    std::ranges::sort(places);
    for (const fs::path &place : places) {
        if (auto interface = read_interface(place))
            network.interfaces.push_back(*std::move(interface));
        else
            network.problems.push_back(std::format("{} of the firmware's table is refused: {}",
                                                   place.filename().string(),
                                                   interface.error().message()));
    }
    std::ranges::stable_partition(network.interfaces, &FirmwareInterface::is_boot);
    return network;
}

} // namespace slipway::net
