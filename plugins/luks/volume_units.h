// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "luks/volumes.h"

namespace slipway::luks {

// The units in TOML (docs/units.md): one luks@<key> per volume, and with the same key what else it
// needs. luks-key@<key> brings its key from another device; nothing waits for that one, it answers
// the volume's question when it has the key. luks-header@<key> brings the header, luks-tpm2@<key>
// waits for the TPM; the volume waits for both.
[[nodiscard]] std::string write_volume_units(const std::vector<Volume> &volumes);

} // namespace slipway::luks
