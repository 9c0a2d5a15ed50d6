// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>

#include "live/live_model.h"

// What people read. Everything may come from a disk's label or a server, so nothing here can drive
// a terminal.
namespace slipway::live {

struct TextStyle {
    bool has_colours = false;
    std::size_t width = 0; // longer lines are cut; 0: not
};

// Goals, what runs or waits with the time that is left, what failed, prompts, devices.
[[nodiscard]] std::string status_text(const Status &status, const TextStyle &style = {});
// One line each; `all`: also those that nobody wants.
[[nodiscard]] std::string units_text(const std::vector<Unit> &units, bool all,
                                     const TextStyle &style = {});
// Block and network devices, or all of them; with all their facts.
[[nodiscard]] std::string devices_text(const std::vector<Device> &devices, bool all, bool has_facts,
                                       const TextStyle &style = {});
[[nodiscard]] std::string log_text(const LogLine &line);
[[nodiscard]] std::string change_text(const Change &change);

} // namespace slipway::live
