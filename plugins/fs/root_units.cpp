// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_units.h"

#include <slipway/toml.h>

#include <format>

#include "base/text.h"

namespace slipway::fs {

using sdk::toml_string;

std::string write_root_units(const RootOptions &root) {
    std::string device = "device = " + toml_string(root.device) + "\n";
    if (root.device_timeout)
        device += "device_timeout = " + toml_string(*root.device_timeout) + "\n";
    const std::string types = toml_string(join(root.types, ","));

    std::string toml = "[[unit]]\n"
                       "name = \"fsck-sysroot\"\n"
                       "kind = \"job\"\n"
                       "plugin = \"fs\"\n";
    toml += "description = " + toml_string("Check the root file system on " + root.device) + "\n";
    toml += device;
    // A check of a large file system takes hours, and to kill it is worse than to wait for it.
    toml += "timeout = \"24h\"\nwrites = true\n";
    toml += std::format("params = {{ operation = \"check\", types = {}, mode = \"{}\", "
                        "repair = \"{}\" }}\n\n",
                        types, name_of(root.check), name_of(root.repair));

    toml += "[[unit]]\n"
            "name = \"sysroot\"\n"
            "kind = \"mount\"\n"
            "plugin = \"fs\"\n";
    toml += "description = " + toml_string("Mount the root file system on " + root.device) + "\n";
    toml += device;
    // Even a read-only mount writes when it replays a journal.
    toml += "requires = [\"fsck-sysroot\"]\nwrites = true\n";
    toml += std::format("params = {{ operation = \"mount\", types = {}, flags = {}, "
                        "target = \"/sysroot\" }}\n",
                        types, toml_string(root.flags));
    return toml;
}

} // namespace slipway::fs
