// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libblkid_backend.h"

#include <blkid.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace slipway::coldplug {

namespace {

struct ProbeDeleter {
    void operator()(blkid_struct_probe *probe) const noexcept { blkid_free_probe(probe); }
};
using ProbePtr = std::unique_ptr<blkid_struct_probe, ProbeDeleter>;

constexpr int kAmbivalent = -2;

std::string value(blkid_probe probe, const char *name) {
    const char *data = nullptr;
    return blkid_probe_lookup_value(probe, name, &data, nullptr) == 0 && data != nullptr
               ? std::string(data)
               : std::string();
}

void configure(blkid_probe probe, const ProbeOptions &options) {
    blkid_probe_enable_superblocks(probe, 1);
    // The flags of udev's builtin, so that both find the same.
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
                                                 BLKID_SUBLKS_TYPE | BLKID_SUBLKS_SECTYPE |
                                                 BLKID_SUBLKS_USAGE | BLKID_SUBLKS_VERSION);
    if (options.is_optical)
        blkid_probe_filter_superblocks_usage(probe, BLKID_FLTR_NOTIN, BLKID_USAGE_RAID);
    blkid_probe_enable_partitions(probe, 1);
    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
}

ProbeResult collect(blkid_probe probe) {
    ProbeResult result;
    result.fs_type = value(probe, "TYPE");
    result.fs_usage = value(probe, "USAGE");
    result.fs_uuid = value(probe, "UUID");
    result.fs_label = value(probe, "LABEL");
    result.fs_version = value(probe, "VERSION");
    result.pt_type = value(probe, "PTTYPE");
    result.part_scheme = value(probe, "PART_ENTRY_SCHEME");
    result.part_uuid = value(probe, "PART_ENTRY_UUID");
    result.part_label = value(probe, "PART_ENTRY_NAME");
    result.part_type = value(probe, "PART_ENTRY_TYPE");
    result.part_number = value(probe, "PART_ENTRY_NUMBER");
    result.part_flags = value(probe, "PART_ENTRY_FLAGS");
    return result;
}

std::string text_of(const char *text) {
    return text == nullptr ? std::string() : std::string(text);
}

// Empty if the table cannot be read: then nothing is known of the neighbours.
std::vector<PartitionEntry> read_table(const std::string &disk_node) {
    std::vector<PartitionEntry> table;
    const UniqueFd disk(::open(disk_node.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    const ProbePtr probe(blkid_new_probe());
    if (!disk || !probe || blkid_probe_set_device(probe.get(), disk.get(), 0, 0) != 0)
        return table;
    blkid_partlist list = blkid_probe_get_partitions(probe.get());
    const int count = list == nullptr ? 0 : blkid_partlist_numof_partitions(list);
    for (int i = 0; i < count; ++i) {
        blkid_partition entry = blkid_partlist_get_partition(list, i);
        if (entry != nullptr)
            table.push_back({.number = blkid_partition_get_partno(entry),
                             .uuid = text_of(blkid_partition_get_uuid(entry)),
                             .type = text_of(blkid_partition_get_type_string(entry)),
                             .flags = blkid_partition_get_flags(entry)});
    }
    return table;
}

// Superblocks stand near the start, or near the end. Asking for both at once turns some dozens of
// single reads, each waited for, into two.
void read_ahead(int device) {
    constexpr off_t kBytes = 512 << 10;
    const off_t size = ::lseek(device, 0, SEEK_END);
    (void)::posix_fadvise(device, 0, kBytes, POSIX_FADV_WILLNEED);
    if (size > 2 * kBytes)
        (void)::posix_fadvise(device, size - kBytes, kBytes, POSIX_FADV_WILLNEED);
    (void)::lseek(device, 0, SEEK_SET);
}

class LibblkidBackend final : public ProbeBackend {
public:
    Result<ProbeResult> probe(const std::string &devnode, const ProbeOptions &options) override {
        // O_NONBLOCK: an empty drive opens at once.
        const UniqueFd device(::open(devnode.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (!device)
            return errno_failure("open " + devnode, errno);
        if (options.is_optical &&
            ::ioctl(device.get(), CDROM_DRIVE_STATUS, CDSL_CURRENT) != CDS_DISC_OK)
            return errno_failure("look into " + devnode, ENOMEDIUM);
        read_ahead(device.get());
        const ProbePtr probe(blkid_new_probe());
        if (!probe || blkid_probe_set_device(probe.get(), device.get(), 0, 0) != 0)
            return errno_failure("probe " + devnode, probe ? EIO : ENOMEM);
        configure(probe.get(), options);
        errno = 0;
        const int found = blkid_do_safeprobe(probe.get());
        if (found < 0 && found != kAmbivalent)
            return errno_failure("probe " + devnode, errno == 0 ? EIO : errno);
        ProbeResult result =
            found == kAmbivalent ? probe_partition_only(probe.get()) : collect(probe.get());
        // While the probe lives it holds the disk open, and what it has read of it is in memory.
        if (!options.disk_node.empty() && !result.part_uuid.empty())
            result.table = read_table(options.disk_node);
        return result;
    }

private:
    // The partition's own entry lies on the whole disk and is sound all the same.
    static ProbeResult probe_partition_only(blkid_probe probe) {
        blkid_reset_probe(probe);
        blkid_probe_enable_superblocks(probe, 0);
        ProbeResult result;
        if (blkid_do_safeprobe(probe) >= 0)
            result = collect(probe);
        result.is_ambivalent = true;
        return result;
    }
};

} // namespace

std::unique_ptr<ProbeBackend> make_libblkid_backend() {
    return std::make_unique<LibblkidBackend>();
}

} // namespace slipway::coldplug
