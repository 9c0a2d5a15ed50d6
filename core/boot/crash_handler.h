// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "sys/system.h"

namespace slipway {

// For the case that must not happen: a fault in PID 1's own code (SIGSEGV, SIGABRT and their kin).
// The kernel would panic without a word; instead the consoles and the kernel's log say what
// happened, and after ten seconds `action` ends the machine. Workers put the signals back
// (worker_process.cpp).
void install_crash_handler(PowerAction action);

} // namespace slipway
