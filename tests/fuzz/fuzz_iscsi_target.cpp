// SPDX-License-Identifier: LGPL-2.1-or-later
// Targets as they stand on the kernel command line and in root-paths of leases, up to the record
// that a login leaves for open-iscsi. The input is lines "key=value" with the options as PID 1
// hands them over (the occurrences of a list follow each other), and, as a second part, a
// root-path.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "iscsi/iscsi_options.h"
#include "iscsi/node_record.h"

namespace {

using namespace slipway;
using namespace slipway::iscsi;
using fuzz::require;

bool is_printable(const std::string &text) {
    return printable(text, text.size()) == text;
}

// Nothing in it could leave the folder of the database, or begin a line of its own.
void check_target(const Target &target) {
    require(check_target_name(target.name).has_value(), "a name is a target's", target.name);
    require(!target.name.contains('/') && is_printable(target.name), "a name is no path",
            target.name);
    require(target.server.empty() || is_server(target.server), "a server is one", target.server);
    require(target.port != 0, "there is a port");
    require(check_chap(target.chap).has_value(), "user and password fit each other");
    const NodeRecord record = node_record_of({&target, "192.0.2.1", 3, {}});
    require(std::ranges::count(record.folder, '/') == 1, "a record lies where it belongs",
            record.folder);
    require(!record.file.contains('/') && record.file != "..", "a record is a file", record.file);
    for (const std::string &line : split_words(record.text, "\n"))
        require(line.starts_with("node.") || line.starts_with("iface."),
                "a record holds settings only", line);
}

void check_options(std::string_view text) {
    std::map<std::string, std::string, std::less<>> options;
    for (const auto &[key, value] : fuzz::pairs_of(text)) {
        const auto [at, is_new] = options.emplace(key, value);
        if (!is_new)
            at->second += "\n" + value;
    }
    std::vector<slipway_pair> pairs;
    for (const auto &[key, value] : options)
        pairs.push_back({sdk::text(key), sdk::text(value)});
    const IscsiOptions line = read_options(sdk::Pairs({pairs.data(), pairs.size()}));
    for (const ConfiguredTarget &configured : line.targets) {
        check_target(configured.target);
        require(line.find(configured.key) != nullptr, "a target is found by its key",
                configured.key);
    }
    require(line.root_key.empty() || line.root_key == kLeaseKey || line.root_key == kFirmwareKey ||
                line.find(line.root_key) != nullptr,
            "the root is one of the targets", line.root_key);
    for (const std::string &problem : line.problems)
        require(is_printable(problem) && problem.size() < 2000, "problems are printable", problem);
}

void check_root_path(std::string_view text) {
    if (!is_iscsi_root_path(text))
        return;
    const auto target = parse_root_path(text);
    if (target)
        return check_target(*target);
    const std::string reason = target.error().message();
    require(is_printable(reason) && reason.size() < 2000, "reasons are printable", reason);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    check_options(parts[0]);
    if (parts.size() > 1)
        check_root_path(std::string_view(parts[1]).substr(0, parts[1].find('\n')));
    return 0;
}
