// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/session_table.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace slipway::iscsi {

namespace {

constexpr const char *kSessions = "/sys/class/iscsi_session";
constexpr const char *kConnections = "/sys/class/iscsi_connection";
constexpr std::string_view kSessionPart = "session";

bool is_session_id(std::string_view text) {
    return text.size() > kSessionPart.size() && text.starts_with(kSessionPart) &&
           std::ranges::all_of(text.substr(kSessionPart.size()),
                               [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::string SessionTable::read(const std::string &path) const {
    std::ifstream file(root_ + path);
    std::string line;
    std::getline(file, line);
    return std::string(trimmed(line));
}

// A session of the kernel's own connections has one connection, number 0.
std::optional<Session> SessionTable::read_session(const std::string &id) const {
    const std::string place = kSessions + ("/" + id);
    const std::string connection =
        std::string(kConnections) + "/connection" + id.substr(kSessionPart.size()) + ":0";
    Session session{.id = id,
                    .target = read(place + "/targetname"),
                    .address = read(connection + "/persistent_address"),
                    .port = read(connection + "/persistent_port"),
                    .interface_id = read(place + "/ifacename"),
                    .is_logged_in = read(place + "/state") == "LOGGED_IN"};
    if (session.target.empty())
        return std::nullopt;
    return session;
}

std::vector<Session> SessionTable::sessions() const {
    std::vector<std::string> ids;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(root_ + kSessions, error)) {
        if (std::string id = entry.path().filename(); is_session_id(id))
            ids.push_back(std::move(id));
    }
    std::ranges::sort(ids);
    std::vector<Session> found;
    for (const std::string &id : ids) {
        if (auto session = read_session(id))
            found.push_back(*std::move(session));
    }
    return found;
}

std::optional<Session> SessionTable::session_of(std::string_view syspath) const {
    for (const std::string &part : split_words(syspath, "/")) {
        if (is_session_id(part))
            return read_session(part);
    }
    return std::nullopt;
}

std::size_t SessionTable::count_partitions(std::string_view disk_syspath) const {
    std::size_t count = 0;
    std::error_code error;
    for (const auto &entry :
         std::filesystem::directory_iterator(root_ + std::string(disk_syspath), error)) {
        if (std::filesystem::exists(entry.path() / "partition", error))
            ++count;
    }
    return count;
}

std::optional<std::uint64_t> lun_of(std::string_view disk_syspath) {
    const std::size_t block = disk_syspath.rfind("/block/");
    if (block == std::string_view::npos)
        return std::nullopt;
    const std::string_view unit = disk_syspath.substr(0, block);
    const std::string_view text = unit.substr(unit.rfind(':') + 1);
    std::uint64_t lun = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lun);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return lun;
}

} // namespace slipway::iscsi
