// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdraid/md_options.h"

#include <algorithm>

#include "base/text.h"
#include "mdraid/examine.h"

namespace slipway::mdraid {

namespace {

bool is_on(const sdk::Request &request, std::string_view key, bool when_absent) {
    const auto value = request.options().find(key);
    return value ? parse_boolean(*value).value_or(true) : when_absent;
}

} // namespace

std::string MdOptions::refusal(std::string_view uuid) const {
    if (!is_enabled)
        return "switched off by rd.md=0";
    const bool is_named = uuids.empty() || std::ranges::any_of(uuids, [&](const auto &named) {
                              return is_same_uuid(named, uuid);
                          });
    return is_named ? std::string() : "it is not among those of rd.md.uuid=";
}

std::string MdOptions::refusal_of_type(std::string_view fs_type) const {
    if (!is_enabled)
        return "switched off by rd.md=0";
    if (fs_type == "isw_raid_member" && !uses_imsm)
        return "Intel's metadata is not used (rd.md.imsm=0, noiswmd or nodmraid)";
    if (fs_type == "ddf_raid_member" && !uses_ddf)
        return "DDF metadata is not used (rd.md.ddf=0, noddfmd or nodmraid)";
    return {};
}

MdOptions options_of(const sdk::Request &request) {
    const bool is_firmware_raid_off = is_on(request, "nodmraid", false);
    MdOptions options;
    options.is_enabled = is_on(request, "rd.md", true);
    options.reads_configuration = is_on(request, "rd.md.conf", true);
    options.uses_imsm = is_on(request, "rd.md.imsm", true) && !is_firmware_raid_off &&
                        !is_on(request, "noiswmd", false);
    options.uses_ddf = is_on(request, "rd.md.ddf", true) && !is_firmware_raid_off &&
                       !is_on(request, "noddfmd", false);
    for (const std::string_view uuid : request.options().list("rd.md.uuid"))
        options.uuids.emplace_back(uuid);
    return options;
}

} // namespace slipway::mdraid
