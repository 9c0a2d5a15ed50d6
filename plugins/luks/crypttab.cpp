// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/crypttab.h"

#include <format>

#include "base/text.h"

namespace slipway::luks {

namespace {

constexpr std::size_t kMaxEntries = 1024;

std::string problem_of(const std::vector<std::string> &fields) {
    if (fields.size() < 2)
        return "a line needs a name and a device: NAME DEVICE [KEYFILE [OPTIONS]]";
    if (fields.size() > 4)
        return "more than four fields; options are separated by commas, without blanks";
    if (!is_mapping_name(fields[0]))
        return std::format(
            "\"{}\" cannot be the name of a mapping; use 1 to 127 characters without '/'",
            printable(fields[0], 140));
    return {};
}

std::string keyfile_of(const std::vector<std::string> &fields) {
    if (fields.size() < 3 || fields[2] == "none" || fields[2] == "-")
        return {};
    return fields[2];
}

} // namespace

bool is_mapping_name(std::string_view name) {
    return !name.empty() && name.size() <= 127 && name != "." && name != ".." &&
           name != "control" && !name.contains('/') && !name.contains(' ') &&
           printable(name) == name;
}

Crypttab parse_crypttab(std::string_view file, std::string_view text) {
    Crypttab table;
    unsigned line = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view content = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++line;
        const auto fields = split_words(content, " \t\r");
        if (fields.empty() || fields.front().starts_with('#'))
            continue;
        if (const std::string problem = problem_of(fields); !problem.empty()) {
            table.problems.push_back(std::format("{}:{}: {}", file, line, problem));
        } else if (table.entries.size() == kMaxEntries) {
            table.problems.push_back(
                std::format("{}:{}: only the first {} entries are read", file, line, kMaxEntries));
            break;
        } else {
            table.entries.push_back({line, fields[0], fields[1], keyfile_of(fields),
                                     fields.size() > 3 ? fields[3] : std::string()});
        }
    }
    return table;
}

Result<CrypttabEntry> parse_cryptopts(std::string_view value) {
    CrypttabEntry entry;
    entry.name = "cryptroot"; // as in cryptsetup-initramfs
    std::vector<std::string> options;
    for (std::string &word : split_words(value, ",")) {
        const std::size_t equals = word.find('=');
        const std::string key = word.substr(0, equals);
        const std::string content = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (key == "target")
            entry.name = content;
        else if (key == "source")
            entry.source = content;
        else if (key == "key")
            entry.keyfile = content == "none" || content == "-" ? "" : content;
        else
            options.push_back(std::move(word));
    }
    if (entry.source.empty() || !is_mapping_name(entry.name))
        return failure(std::format("cryptopts={} is ignored: accepted is "
                                   "target=<name>,source=<device>[,key=<file>][,<option>…]",
                                   printable(value, 200)));
    entry.options = join(options, ",");
    return entry;
}

} // namespace slipway::luks
