// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "boot/boot_config.h"
#include "boot/kernel_cmdline.h"
#include "sys/system.h"
#include "unit/unit.h"

// What the engine's configuration says about this machine and this command line.
namespace slipway {

// For conditions of units: the options that the plugins declare, and those of the core. The last
// value counts, of lists one per line; a bare word is "1". Secrets are "***": the configuration is
// part of the boot's record.
[[nodiscard]] std::map<std::string, std::string, std::less<>>
engine_options(const KernelCommandLine &line, const std::vector<PluginSpec> &plugins,
               const std::vector<std::string> &both_spellings);

// "memory", in KiB: three quarters of what is free now, so that key derivations at the same time
// leave room for everything else, but never less than one small derivation needs. "cpu": how many.
// What the kernel does not tell is left out.
[[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> measure_resources(System &system);

// EngineConfig::seed, of the kernel's random boot id (random(4)); 0 if it cannot be read.
[[nodiscard]] std::uint64_t random_seed(System &system);

} // namespace slipway
