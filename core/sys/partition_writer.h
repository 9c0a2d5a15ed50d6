// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "sys/system.h"

namespace slipway {

// Writes a file to a FAT file system that nobody else need have mounted: mounts it without a place
// in the tree of mounts (fsmount(2)), so that no other process sees it, and it is unmounted when
// this returns, also by a crash. The file is complete under its name or not there. Blocks as long
// as the disk does: not for PID 1. 0 or an errno value; ENODEV: the kernel has no vfat; EUCLEAN:
// the file system was not unmounted cleanly, and is left alone.
[[nodiscard]] int write_on_partition(const PartitionFile &file);

// Whether the first sector, of at least 512 bytes, is that of a FAT file system that was not
// unmounted cleanly (fs/fat/fatent.c: the state byte). Pure.
[[nodiscard]] bool is_fat_dirty(std::string_view sector);

} // namespace slipway
