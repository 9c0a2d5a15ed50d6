// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/ip_word.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <format>

#include "base/text.h"
#include "net/lease_text.h"

namespace slipway::net {

namespace {

constexpr std::size_t kMaxWordBytes = 512;
constexpr unsigned kLeastMtu = 68; // RFC 791
constexpr unsigned kMostMtu = 65535;
constexpr std::string_view kForms =
    "ip=<method>, ip=<interface>:<method>[:<mtu>[:<mac>]], "
    "ip=<address>:[<peer>]:[<gateway>]:<netmask>:[<host name>]:[<interface>]:<method>"
    "[:<mtu>[:<mac>]|:<dns>[:<dns>]], with a method of dhcp, dhcp6, auto6, either6, link6, ibft, "
    "off";

struct Method {
    std::string_view name;
    IpMethods methods;
    std::string_view notice;
};
constexpr IpMethods kDhcp4{.dhcp4 = true};
constexpr std::string_view kHistoric = "is a method of the past; DHCP is used";
constexpr std::array kMethods = {
    Method{"dhcp", kDhcp4, ""},
    Method{"dhcp4", kDhcp4, ""},
    Method{"on", kDhcp4, ""},
    Method{"any", kDhcp4, ""},
    Method{"single-dhcp", kDhcp4, ""},
    Method{"dhcp6", {.dhcp6 = true, .advertisements = true}, ""},
    Method{"auto6", {.advertisements = true}, ""},
    Method{"either6", {.dhcp6 = true, .advertisements = true}, ""},
    Method{"link6", {.link_local = true}, ""},
    Method{"ibft", {.firmware = true}, ""},
    Method{"bootp", kDhcp4, kHistoric},
    Method{"rarp", kDhcp4, kHistoric},
    Method{"both", kDhcp4, kHistoric},
    Method{"none", {}, ""},
    Method{"off", {}, ""},
    Method{"static", {}, ""},
};

const Method *find_method(std::string_view name) {
    const auto *found = std::ranges::find(kMethods, name, &Method::name);
    return found == kMethods.end() ? nullptr : found;
}

// The kernel gives a card neither the address of a group nor none (is_valid_ether_addr).
bool is_for_one_card(std::string_view mac) {
    constexpr std::string_view kOdd = "13579bdf";
    return !kOdd.contains(mac[1]) && mac != "00:00:00:00:00:00";
}

// What the parts of one word become; the first complaint ends it.
class IpWordReader {
public:
    explicit IpWordReader(std::string_view word) : text_(word), parts_(split_colons(word)) {}
    Result<IpWord> read();

private:
    [[nodiscard]] std::string_view part(std::size_t index) const {
        return index < parts_.size() ? std::string_view(parts_[index]) : std::string_view();
    }
    [[nodiscard]] bool is_short() const;
    void read_short();
    void read_long();
    void read_method(std::string_view name);
    void read_address();
    void read_interface(std::string_view name);
    void read_mtu_and_mac(std::size_t first);
    void read_tail(std::size_t first);
    [[nodiscard]] std::string read_optional_address(std::size_t index, std::string_view what);
    void complain(std::string text) {
        if (complaint_.empty())
            complaint_ = std::move(text);
    }

    std::string_view text_;
    std::vector<std::string> parts_;
    IpWord word_;
    std::string complaint_;
};

// "<method>", or "<interface>:<method>…". An interface may be called like a method, an address may
// not be called like an interface.
bool IpWordReader::is_short() const {
    if (parts_.size() == 1)
        return true;
    // A method that is none is better told of as such than its interface as an address that is
    // none.
    const char first = part(0).empty() ? '\0' : part(0).front();
    const bool is_letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (is_letter && is_interface_name(part(0)) && !part(1).empty() && !canonical_address(part(1)))
        return true;
    return !part(0).empty() && !canonical_address(part(0)) && !part(0).contains('/') &&
           find_method(part(1)) != nullptr;
}

void IpWordReader::read_method(std::string_view name) {
    if (name.empty())
        return; // with an address: static
    const Method *method = find_method(name);
    if (method == nullptr) {
        complain("\"" + printable(name, 40) + "\" is no method");
        return;
    }
    word_.methods = method->methods;
    word_.is_off = !word_.methods.any();
    if (!method->notice.empty())
        word_.notice = std::format("\"{}\" {}", name, method->notice);
}

void IpWordReader::read_interface(std::string_view name) {
    if (!name.empty() && !is_interface_name(name))
        complain("\"" + printable(name, 40) + "\" is no name of an interface");
    word_.interface = name;
}

std::string IpWordReader::read_optional_address(std::size_t index, std::string_view what) {
    if (part(index).empty())
        return "";
    const auto address = canonical_address(part(index));
    if (!address)
        complain(std::format("\"{}\" is no address of a {}", printable(part(index), 60), what));
    return address.value_or("");
}

void IpWordReader::read_address() {
    std::string_view text = part(0);
    if (text.empty())
        return;
    std::string_view mask = part(3);
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        mask = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const auto address = canonical_address(text);
    if (!address)
        return complain("\"" + printable(text, 60) + "\" is no address");
    const bool is_ipv6 = address->contains(':');
    // The classes of old are gone: without a mask the link is the whole network only for IPv6.
    const auto prefix =
        mask.empty() ? std::optional(is_ipv6 ? 64U : 32U) : prefix_length(mask, is_ipv6);
    if (!prefix)
        return complain("\"" + printable(mask, 60) + "\" is no netmask");
    word_.address = std::format("{}/{}", *address, *prefix);
}

void IpWordReader::read_mtu_and_mac(std::size_t first) {
    if (!part(first).empty()) {
        const auto mtu = parse_mtu(part(first));
        if (!mtu)
            return complain("\"" + printable(part(first), 40) + "\" is no MTU");
        word_.mtu = *mtu;
    }
    if (first + 1 >= parts_.size())
        return;
    // The colons of the address have cut it into parts.
    const std::vector<std::string> rest(parts_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                                        parts_.end());
    const std::string text = join(rest, ":");
    const auto mac = canonical_mac(text);
    if ((!mac && !text.empty()) || (mac && !is_for_one_card(*mac)))
        return complain("\"" + printable(text, 60) + "\" is no hardware address");
    word_.mac = mac.value_or("");
}

void IpWordReader::read_tail(std::size_t first) {
    if (!canonical_address(part(first)))
        return read_mtu_and_mac(first);
    // A third address would be a time server, which nothing here asks.
    for (std::size_t i = first; i < std::min(parts_.size(), first + 2); ++i) {
        if (std::string server = read_optional_address(i, "name server"); !server.empty())
            word_.dns.push_back(std::move(server));
    }
}

void IpWordReader::read_short() {
    if (parts_.size() == 1) {
        // The kernel takes an address alone, too.
        if (find_method(part(0)) == nullptr && (canonical_address(part(0)) || text_.contains('/')))
            return read_address();
        if (part(0).empty())
            return complain("it is empty");
        return read_method(part(0));
    }
    read_interface(part(0));
    read_method(part(1));
    read_mtu_and_mac(2);
}

void IpWordReader::read_long() {
    read_address();
    word_.peer = read_optional_address(1, "peer");
    word_.gateway = read_optional_address(2, "gateway");
    for (const std::string &other : {word_.peer, word_.gateway}) {
        if (!word_.address.empty() && !other.empty() &&
            word_.address.contains(':') != other.contains(':'))
            complain("one address is IPv4, \"" + other + "\" is not, or the other way round");
    }
    if (!part(4).empty() && !is_domain_name(part(4)))
        complain("\"" + printable(part(4), 60) + "\" is no host name");
    word_.host_name = part(4);
    read_interface(part(5));
    read_method(part(6));
    read_tail(7);
    if (!word_.address.empty())
        word_.is_off = false;
}

Result<IpWord> IpWordReader::read() {
    if (text_.size() > kMaxWordBytes)
        complain("it is longer than 512 bytes");
    else if (std::ranges::count(text_, '[') != std::ranges::count(text_, ']'))
        complain("a bracket is missing");
    else if (is_short())
        read_short();
    else
        read_long();
    if (!complaint_.empty())
        return failure(
            std::format("ip={}: {}; accepted are {}", printable(text_, 120), complaint_, kForms));
    return std::move(word_);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

Result<IpWord> parse_ip_word(std::string_view word) {
    return IpWordReader(without_quotes(word)).read();
}

std::vector<std::string> split_colons(std::string_view text) {
    std::vector<std::string> parts(1);
    bool is_bracketed = false;
    for (const char c : text) {
        if (c == '[' || c == ']')
            is_bracketed = c == '[';
        else if (c == ':' && !is_bracketed)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

std::optional<std::string> canonical_address(std::string_view text) {
    auto address = canonical_ipv4(text);
    return address ? address : canonical_ipv6(text);
}

std::optional<std::string> canonical_mac(std::string_view text) {
    constexpr std::size_t kLength = 17;
    if (text.size() == kLength + 3 && text.starts_with("01") && (text[2] == '-' || text[2] == ':'))
        text.remove_prefix(3);
    if (text.size() != kLength)
        return std::nullopt;
    std::string mac;
    for (std::size_t i = 0; i < kLength; ++i) {
        if (i % 3 == 2) {
            if (text[i] != ':' && text[i] != '-')
                return std::nullopt;
            mac += ':';
        } else if (const int digit = hex_digit(text[i]); digit >= 0) {
            mac += "0123456789abcdef"[digit];
        } else {
            return std::nullopt;
        }
    }
    return mac;
}

std::optional<unsigned> parse_mtu(std::string_view text) {
    const auto mtu = parse_number(text, kMostMtu);
    return mtu && *mtu >= kLeastMtu ? mtu : std::nullopt;
}

std::optional<unsigned> prefix_length(std::string_view mask, bool is_ipv6) {
    if (const auto number = parse_number(mask, is_ipv6 ? 128 : 32))
        return number;
    in_addr parsed{};
    if (is_ipv6 || ::inet_pton(AF_INET, std::string(mask).c_str(), &parsed) != 1)
        return std::nullopt;
    const std::uint32_t bits = ntohl(parsed.s_addr);
    if (std::countl_one(bits) + std::countr_zero(bits) < 32)
        return std::nullopt;
    return static_cast<unsigned>(std::countl_one(bits));
}

} // namespace slipway::net
