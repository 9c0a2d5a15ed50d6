// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <slipway/plugin.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::udevd {

// What the parameter `do` of a unit asks for.
enum class Step : std::uint8_t { serve, announce, clean_up };
[[nodiscard]] std::optional<Step> step_of(std::string_view word);

// For modprobe.d(5): modules that must not be loaded for a device. `values`: of
// rd.driver.blacklist= and its relatives, lists separated by commas. Words that are no names of
// modules are left out.
[[nodiscard]] std::string blacklist_text(const std::vector<std::string_view> &values);

// A service: udevd, until PID 1 ends this worker. What it needs from the command line is written
// first.
[[nodiscard]] sdk::Outcome serve(sdk::Context &context, const sdk::Request &request);
// Makes the kernel announce again what it announced before udevd listened.
[[nodiscard]] sdk::Outcome announce(sdk::Context &context);
// What the host must not find in its database: all entries but those that rules made to stay. Runs
// when udevd has ended.
[[nodiscard]] sdk::Outcome clean_up(sdk::Context &context);

} // namespace slipway::udevd
