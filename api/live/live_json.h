// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "live/live_model.h"

// What programs read: stable, one schema per command in docs/schema/. A newline ends each text.
namespace slipway::live {

[[nodiscard]] std::string status_json(const Status &status);
[[nodiscard]] std::string units_json(const std::vector<Unit> &units);
[[nodiscard]] std::string devices_json(const std::vector<Device> &devices);
[[nodiscard]] std::string why_json(const std::string &goal, std::string_view text);
// Of `log` and `monitor`: one object per line.
[[nodiscard]] std::string log_json(const LogLine &line);
[[nodiscard]] std::string change_json(const Change &change);
// Of the commands that change something.
[[nodiscard]] std::string done_json(std::string_view command, const std::string &object);

} // namespace slipway::live
