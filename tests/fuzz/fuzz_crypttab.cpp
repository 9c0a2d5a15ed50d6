// SPDX-License-Identifier: LGPL-2.1-or-later
// crypttab and the options rd.luks.*, up to the units that are made of them. The input is a
// crypttab and, as a second part, lines "key=value" with the options as PID 1 hands them over: the
// occurrences of a list follow each other.
#include <map>
#include <set>

#include "base/letter_case.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/shipped_units.h"
#include "luks/crypt_options.h"
#include "luks/crypttab.h"
#include "luks/luks_command_line.h"
#include "luks/volume_units.h"
#include "luks/volumes.h"

namespace {

using namespace slipway;
using namespace slipway::luks;
using fuzz::require;

LuksCommandLine command_line_of(std::string_view text) {
    std::map<std::string, std::string, std::less<>> options;
    for (const auto &[key, value] : fuzz::pairs_of(text)) {
        const auto [at, is_new] = options.emplace(key, value);
        if (!is_new)
            at->second += "\n" + value;
    }
    return parse_luks_command_line([&](std::string_view key) -> const std::string * {
        const auto found = options.find(key);
        return found == options.end() ? nullptr : &found->second;
    });
}

void check_table(const Crypttab &table) {
    unsigned line = 0;
    for (const CrypttabEntry &entry : table.entries) {
        require(entry.line > line, "lines are in order", entry.name);
        line = entry.line;
        require(is_mapping_name(entry.name), "a name can be a mapping's", entry.name);
        require(!entry.source.empty(), "an entry has a device", entry.name);
        CryptOptions options;
        read_crypt_options(entry.options, options);
        require(!options.key_slot || (*options.key_slot >= 0 && *options.key_slot < 32),
                "a key slot exists", entry.options);
        require(options.timeout.count() >= 0, "a timeout is not negative", entry.options);
        for (const std::string &complaint : options.complaints)
            require(printable(complaint, complaint.size()) == complaint, "complaints are printable",
                    complaint);
    }
}

void check_command_line(const LuksCommandLine &line) {
    for (const std::string &uuid : line.uuids)
        require(is_uuid(uuid) && lower_case(uuid) == uuid, "UUIDs are whole", uuid);
    for (const auto &[uuid, name] : line.names)
        require(is_mapping_name(name), "a name can be a mapping's", name);
    for (const std::string &problem : line.problems)
        require(printable(problem, problem.size()) == problem, "problems are printable", problem);
}

void check_units(const std::vector<Volume> &volumes) {
    const std::vector<Unit> units = fuzz::imported(write_volume_units(volumes), "luks");
    std::size_t helpers = 0;
    for (const Unit &unit : units) {
        if (!unit.name.starts_with("luks@")) {
            ++helpers;
            require(unit.kind == UnitKind::job && unit.plugin == "luks", "a helper is a job",
                    unit.name);
            require(unit.device.has_value(), "a helper waits for a device", unit.name);
            continue;
        }
        require(unit.kind == UnitKind::assembly && unit.plugin == "luks",
                "a volume is an instance of luks@", unit.name);
        require(unit.params.contains("name") || unit.device->is_prefix(),
                "a mapping has a name, or gets it when its whole UUID is known", unit.name);
    }
    require(units.size() - helpers == volumes.size(), "every volume becomes a unit");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    const Crypttab table = parse_crypttab("crypttab", parts[0]);
    check_table(table);
    const LuksCommandLine line = command_line_of(parts.size() > 1 ? parts[1] : std::string());
    check_command_line(line);
    const Volumes found = collect_volumes(line, table, "crypttab");
    std::set<std::string> names;
    for (const Volume &volume : found.volumes) {
        // A volume that is known by the beginning of its UUID gets its name when it is there.
        if (volume.name.empty() && volume.device.ends_with('*'))
            continue;
        require(names.insert(volume.name).second, "a mapping is made once", volume.name);
        require(is_mapping_name(volume.name), "a name can be a mapping's", volume.name);
    }
    check_units(found.volumes);
    return 0;
}
