// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/plan.h"

#include <algorithm>
#include <format>

#include "base/text.h"

namespace slipway {

namespace {

std::string instance_of(std::string_view unit, std::string_view group) {
    constexpr std::string_view kPlace = "{group}";
    std::string name(unit);
    if (const std::size_t at = name.find(kPlace); at != std::string::npos)
        name.replace(at, kPlace.size(), std::format("plan-{}", group));
    return name;
}

} // namespace

void Plan::add(std::string_view group, const std::vector<std::string> &modules) {
    std::vector<std::string> fresh;
    for (const std::string &module : modules) {
        const bool known = std::ranges::any_of(groups_, [&](const auto &other) {
            return std::ranges::contains(other.second, module);
        });
        if (!known && !std::ranges::contains(fresh, module))
            fresh.push_back(module);
    }
    if (fresh.empty())
        return;
    const auto same = std::ranges::find(
        groups_, group, [](const auto &other) { return std::string_view(other.first); });
    if (same == groups_.end())
        groups_.emplace_back(group, std::move(fresh));
    else
        same->second.insert(same->second.end(), fresh.begin(), fresh.end());
}

std::string Plan::to_toml(std::string_view unit) const {
    std::string text =
        "# Written by `slipway build`: what this machine needs, so that it is loaded "
        "at once instead of found out.\n";
    for (const auto &[group, modules] : groups_) {
        text += std::format("\n[[unit]]\nname = \"{}\"\nparams = {{ modules = \"{}\" }}\n",
                            instance_of(unit, group), join(modules, " "));
    }
    return text;
}

} // namespace slipway
