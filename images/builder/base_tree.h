// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "builder/file_collector.h"
#include "builder/image_tree.h"
#include "builder/problems.h"
#include "builder/root_tree.h"

namespace slipway {

// What every image holds: mount points, the links of a merged /usr, device nodes for the time
// before devtmpfs, and the files that tell programs where they are.
void add_base_tree(ImageTree &image, const RootTree &root, Problems &problems);

// PID 1 from the first root that has it, with /init leading to it, and modprobe for the kernel's
// own requests.
void add_programs_of_the_base(ImageTree &image, FileCollector &files, Problems &problems);

// What shows a running boot: the bus process, and the program slipway with the commands for that.
// Either may be absent where slipway is installed.
void add_status_programs(ImageTree &image, FileCollector &files, Problems &problems);

// The content of /etc/initrd-release, made of the root's os-release(5): the same system, marked as
// its initrd.
[[nodiscard]] std::string initrd_release(std::string_view os_release);

} // namespace slipway
