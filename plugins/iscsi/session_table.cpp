// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/session_table.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/number.h"
#include "base/text.h"

namespace slipway::iscsi {

namespace {

constexpr const char *kSessions = "/sys/class/iscsi_session";
constexpr const char *kConnections = "/sys/class/iscsi_connection";
constexpr const char *kTransportHandle = "/sys/class/iscsi_transport/tcp/handle";
constexpr std::string_view kSessionPart = "session";

// The number of the host and that of the target are in the name: "target1:0:0". A session that
// cannot be looked at may be the root's.
bool has_target(const std::filesystem::path &session_device) {
    std::error_code error;
    const std::filesystem::directory_iterator entries(session_device, error);
    return error || std::ranges::any_of(entries, [](const auto &entry) {
               return entry.path().filename().string().starts_with("target");
           });
}

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
                    .is_logged_in = false,
                    .has_failed = false,
                    .had_disks = has_target(root_ + place + "/device")};
    const std::string state = read(place + "/state");
    session.is_logged_in = state == "LOGGED_IN";
    session.has_failed = state == "FAILED";
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

std::optional<std::uint64_t> SessionTable::transport_handle() const {
    return parse_number<std::uint64_t>(read(kTransportHandle));
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

std::optional<std::uint32_t> number_of(const Session &session) {
    const std::string_view id = session.id;
    return parse_number<std::uint32_t>(id.substr(std::min(id.size(), kSessionPart.size())));
}

std::optional<std::uint64_t> lun_of(std::string_view disk_syspath) {
    const std::size_t block = disk_syspath.rfind("/block/");
    if (block == std::string_view::npos)
        return std::nullopt;
    const std::string_view unit = disk_syspath.substr(0, block);
    return parse_number<std::uint64_t>(unit.substr(unit.rfind(':') + 1));
}

} // namespace slipway::iscsi
