// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/import_volumes.h"

#include "luks/volume_units.h"
#include "luks/volumes.h"

namespace slipway::luks {

namespace {

constexpr std::string_view kCrypttab = "/etc/crypttab";

} // namespace

LuksCommandLine command_line_of(const sdk::Request &request) {
    const sdk::Pairs options = request.options();
    std::string value; // of the last look-up
    return parse_luks_command_line([&](std::string_view key) -> const std::string * {
        const auto found = options.find(key);
        if (!found)
            return nullptr;
        value = *found;
        return &value;
    });
}

sdk::Outcome import_volumes(sdk::Context &context, const sdk::Request &request,
                            const CrypttabReader &read_crypttab) {
    const LuksCommandLine line = command_line_of(request);
    const auto file_text = request.params().find("text");
    const bool is_decided = line.names_volumes() || line.cryptopts.has_value();
    if (!line.is_enabled)
        return context.done("switched off by rd.luks=0");
    if (file_text && (is_decided || !line.reads_crypttab))
        return context.done("the kernel command line decides which volumes are unlocked");
    if (!file_text) {
        for (const std::string &problem : line.problems)
            context.log(sdk::LogLevel::error, problem);
        if (!is_decided) // keys and options without a volume: crypttab names those, in its own run
            return sdk::Outcome::done;
    }
    std::string_view file = kCrypttab;
    std::string text;
    if (file_text) {
        file = request.params().find("file").value_or(kCrypttab);
        text = *file_text;
    } else if (line.reads_crypttab && !line.cryptopts) {
        text = read_crypttab(request.params().get("root")).value_or("");
    }
    const Volumes found = collect_volumes(line, parse_crypttab(file, text), file);
    for (const std::string &problem : found.problems)
        context.log(sdk::LogLevel::warning, problem);
    for (const std::string &note : found.notes)
        context.log(sdk::LogLevel::info, note);
    if (!found.volumes.empty())
        context.units(write_volume_units(found.volumes));
    return sdk::Outcome::done;
}

} // namespace slipway::luks
