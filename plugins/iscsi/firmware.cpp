// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/firmware.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <format>
#include <fstream>
#include <optional>
#include <utility>

#include "base/number.h"
#include "base/text.h"

namespace slipway::iscsi {

namespace {

namespace fs = std::filesystem;

constexpr const char *kTable = "/sys/firmware/ibft";
constexpr unsigned kValid = 1;    // bit of "flags": the block is used
constexpr unsigned kSelected = 2; // the firmware booted from it

std::string read(const fs::path &path) {
    std::ifstream file(path);
    std::array<char, 1024> text{};
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    const std::string_view read(text.data(), static_cast<std::size_t>(file.gcount()));
    return std::string(trimmed(read.substr(0, read.find_first_of("\n\0", 0, 2))));
}

// Eight bytes in hexadecimal, in the order of SAM: two bytes per level.
// The kernel prints each byte without a leading zero: eight digits are eight small bytes. What lies
// between eight and sixteen cannot be told apart.
std::string with_leading_zeros(std::string_view text) {
    std::string whole;
    for (const char digit : text)
        whole += text.size() == 8 ? std::string{'0', digit} : std::string{digit};
    return whole;
}

std::optional<std::uint64_t> lun_of_bytes(std::string_view text) {
    std::uint64_t lun = 0;
    if (text.size() != 16)
        return std::nullopt;
    for (unsigned level = 0; level < 4; ++level) {
        const std::string_view group = text.substr(level * std::size_t{4}, 4);
        std::uint64_t value = 0;
        const auto [end, error] =
            std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (error != std::errc() || end != group.data() + group.size())
            return std::nullopt;
        lun |= value << (16 * level);
    }
    return lun;
}

Result<Target> read_target(const fs::path &place) {
    Target target;
    target.name = read(place / "target-name");
    if (auto good = check_target_name(target.name); !good)
        return std::unexpected(std::move(good).error());
    target.server = read(place / "ip-addr");
    if (!is_server(target.server))
        return failure(std::format("\"{}\" is no address", printable(target.server, 64)));
    const auto port = parse_port(read(place / "port"));
    if (!port)
        return std::unexpected(port.error());
    target.port = *port;
    const auto lun = lun_of_bytes(with_leading_zeros(read(place / "lun")));
    if (!lun)
        return failure(std::format("\"{}\" is no LUN", printable(read(place / "lun"), 40)));
    target.lun = *lun;
    // Only as far as the type says: 0 none, 1 CHAP, 2 mutual CHAP.
    const unsigned type = parse_number<unsigned>(read(place / "chap-type")).value_or(0);
    if (type >= 1) {
        target.chap.user = read(place / "chap-name");
        target.chap.password = read(place / "chap-secret");
    }
    if (type >= 2) {
        target.chap.user_in = read(place / "rev-chap-name");
        target.chap.password_in = read(place / "rev-chap-name-secret");
    }
    if (auto good = check_chap(target.chap); !good)
        return std::unexpected(std::move(good).error());
    return target;
}

unsigned flags_of(const fs::path &place) {
    return parse_number<unsigned>(read(place / "flags")).value_or(0);
}

} // namespace

Firmware read_firmware(const std::string &root) {
    Firmware firmware;
    std::vector<fs::path> places;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(root + kTable, error)) {
        firmware.is_present = true;
        if (entry.path().filename().string().starts_with("target") &&
            (flags_of(entry.path()) & kValid) != 0)
            places.push_back(entry.path());
    }
    // What was booted from comes first.
    std::ranges::sort(places, {}, [](const fs::path &place) {
        return std::pair((flags_of(place) & kSelected) == 0, place.filename().string());
    });
    for (const fs::path &place : places) {
        if (auto target = read_target(place))
            firmware.targets.push_back(*std::move(target));
        else
            firmware.problems.push_back(std::format("{} of the firmware's table is refused: {}",
                                                    place.filename().string(),
                                                    target.error().message()));
    }
    const std::string name = read(root + kTable + "/initiator/initiator-name");
    if (name.empty())
        return firmware;
    if (const auto good = check_target_name(name))
        firmware.initiator = name;
    else
        firmware.problems.push_back("the initiator of the firmware's table is refused: " +
                                    good.error().message());
    return firmware;
}

} // namespace slipway::iscsi
