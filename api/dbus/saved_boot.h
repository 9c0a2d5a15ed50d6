// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "dbus/status_board.h"
#include "sys/system.h"

namespace slipway {

// What a boot leaves for the host (core/boot/handover.h).
inline constexpr const char *kSavedBoot = "/run/slipway";

// Puts the finished boot whose record.txt, timeline.json and log.txt are in `folder` on the board,
// as it was when the real root was entered. If nothing can be said of it, because the record is
// missing, cut short or of another version, the board gets a problem that says so and what to do.
// The files may come from anywhere.
void show_saved_boot(System &system, const std::string &folder, StatusBoard &board);

} // namespace slipway
