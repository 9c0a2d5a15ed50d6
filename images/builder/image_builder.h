// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "builder/archive_file.h"
#include "builder/shell_password.h"

namespace slipway {

enum class ImageMode { generic, host };

// Where the drivers of a host image come from. `automatic`: the devices below / of the running
// system if the root is "/", otherwise as `generic`. `listed`: only BuildRequest::modules.
enum class DriverChoice { automatic, generic, listed };

struct BuildRequest {
    std::string output;
    std::string root = "/";
    std::string install_root;   // where slipway is installed; "": the root
    std::string kernel_version; // "": the running one, or the only one in the root
    ImageMode mode = ImageMode::host;
    DriverChoice drivers = DriverChoice::automatic;
    std::vector<std::string> modules;            // more of them; with "?" they may be absent
    std::vector<std::string> plugin_directories; // searched before the installed ones
    std::vector<std::string> unit_directories;   // a file replaces an earlier one of its name
    std::vector<std::pair<std::string, std::string>> files; // path on this machine → in the image
    std::string devices; // "native", "udevd"; "": as a file in /etc/slipway/units says, or native
    std::vector<std::string> with;    // names of unit files that are taken although not needed
    std::vector<std::string> without; // … that are left out although needed
    ShellChoice shell = ShellChoice::automatic;
    bool status = true;  // with the status interface, where slipway has it installed
    std::string cmdline; // baked in as /etc/cmdline.d/50-slipway-build.conf
    Compression compression = Compression::zstd;
    int level = 0;                     // 0: the default of the mode
    std::int64_t mtime = 0;            // of every file, seconds since the epoch (SOURCE_DATE_EPOCH)
    std::function<bool()> interrupted; // asked now and then; true ends the build with ECANCELED
};

struct BuildReport {
    std::string kernel_version;
    std::uint64_t image_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::size_t modules = 0;
    std::size_t files = 0;            // regular files that are no modules
    std::vector<std::string> units;   // names of the unit files in the image
    std::vector<std::string> skipped; // … that this machine does not need
    std::vector<std::pair<std::string, std::string>> unit_texts; // where they were read → text
    // Path in the image → path on this machine, of regular files that are no modules.
    std::map<std::string, std::string, std::less<>> sources;
};

struct BuildResult {
    Result<BuildReport> report;
    std::vector<std::string> problems; // if the report is missing: everything that is wrong
    std::vector<std::string> notices;
};

// Builds an initrd, docs/images.md. The output is replaced as a whole when the image is complete,
// and untouched otherwise.
[[nodiscard]] BuildResult build_image(const BuildRequest &request);

} // namespace slipway
