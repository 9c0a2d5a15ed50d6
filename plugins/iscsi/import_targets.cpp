// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/import_targets.h"

#include <slipway/toml.h>

#include <format>
#include <string>

#include "iscsi/iscsi_options.h"

namespace slipway::iscsi {

using sdk::Outcome;
using sdk::toml_string;

namespace {

std::string unit_text(std::string_view key, std::string_view description) {
    return std::format("[[unit]]\nname = {}\ndescription = {}\n\n",
                       toml_string(std::format("iscsi@{}", key)), toml_string(description));
}

std::string describe(const Target &target) {
    if (target.server.empty())
        return std::format("Attach the iSCSI target {}", target.name);
    return std::format("Attach the iSCSI target {} at {}", target.name,
                       portal_text(target.server, target.port));
}

} // namespace

Outcome import_targets(sdk::Context &context, const sdk::Request &request) {
    const IscsiOptions options = read_options(request.options());
    for (const std::string &problem : options.problems)
        context.log(sdk::LogLevel::error, problem);
    std::string units;
    for (const ConfiguredTarget &configured : options.targets)
        units += unit_text(configured.key, describe(configured.target));
    if (options.uses_firmware)
        units += unit_text(kFirmwareKey, "Attach the iSCSI targets of the firmware");
    if (!units.empty())
        context.units(units);
    return Outcome::done;
}

} // namespace slipway::iscsi
