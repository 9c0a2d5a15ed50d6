// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/held_device.h"

#include <blkid.h>
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "fs/check.h"

namespace slipway::fs {

namespace {

struct ProbeDeleter {
    void operator()(blkid_struct_probe *probe) const noexcept { blkid_free_probe(probe); }
};
using ProbePtr = std::unique_ptr<blkid_struct_probe, ProbeDeleter>;

// A check may turn one of the ext family into another.
int filter(blkid_probe probe, std::string type) {
    std::string ext2 = "ext2";
    std::string ext3 = "ext3";
    std::string ext4 = "ext4";
    std::array<char *, 4> family = {ext2.data(), ext3.data(), ext4.data(), nullptr};
    std::array<char *, 2> alone = {type.data(), nullptr};
    return blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_ONLYIN,
                                               is_ext(type) ? family.data() : alone.data());
}

} // namespace

Result<HeldDevice> hold_device(const std::string &devnode, std::string_view type) {
    const std::string name(type);
    if (blkid_known_fstype(name.c_str()) == 0)
        return errno_failure("look for a file system of type " + name, ENOTSUP);
    HeldDevice device;
    device.pin = UniqueFd(::open(devnode.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!device.pin)
        return errno_failure("open " + devnode, errno);
    const ProbePtr probe(blkid_new_probe());
    if (!probe || blkid_probe_set_device(probe.get(), device.pin.get(), 0, 0) != 0 ||
        blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE) !=
            0 ||
        filter(probe.get(), name) != 0)
        return errno_failure("probe " + devnode, probe ? EIO : ENOMEM);
    errno = 0;
    if (blkid_do_safeprobe(probe.get()) < 0)
        return errno_failure("probe " + devnode, errno == 0 ? EIO : errno);
    const char *uuid = nullptr;
    if (blkid_probe_lookup_value(probe.get(), "UUID", &uuid, nullptr) == 0 && uuid != nullptr)
        device.fs_uuid = uuid;
    return device;
}

} // namespace slipway::fs
