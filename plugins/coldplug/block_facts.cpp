// SPDX-License-Identifier: LGPL-2.1-or-later
#include "block_facts.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/text.h"
#include "link_text.h"

namespace slipway::coldplug {

namespace {

constexpr std::size_t kMaxNameBytes = 255; // NAME_MAX

// The devices that 60-persistent-storage.rules is about; dm and md have rules of their own.
bool has_hardware_links(const BlockDevice &device) {
    constexpr std::array<std::string_view, 16> kNames = {
        "loop", "mmcblk", "msblk", "mspblk", "nvme", "sd",  "sr",  "vd",
        "xvd",  "bcache", "cciss", "dasd",   "pmem", "nbd", "rbd", "ublkb"};
    return !device.spans_disk && std::ranges::any_of(kNames, [&](std::string_view name) {
        return device.name.starts_with(name);
    });
}

bool is_private(const BlockFindings &findings) {
    return findings.device.is_dm() &&
           (identify_dm(findings.device.dm_name, findings.device.dm_uuid).is_private ||
            decode_dm_cookie(findings.dm_cookie).is_disk_disabled);
}

bool is_on_boot_disk(const BlockFindings &findings) {
    return holds_partition(findings.probe.table, findings.boot_partition);
}

class LinkList {
public:
    explicit LinkList(const BlockFindings &findings) : findings_(findings) {}
    std::vector<std::string> collect();

private:
    // Labels are anybody's: ".." and names that no file can have make no link.
    void add(std::string_view directory, std::string_view name) {
        if (!name.empty() && name != "." && name != ".." && name.size() <= kMaxNameBytes)
            links_.push_back(std::format("/dev/{}/{}", directory, name));
    }
    void add_content();
    void add_auto_root();
    void add_partition();
    void add_hardware();
    void add_dm();

    const BlockFindings &findings_;
    std::vector<std::string> links_;
};

// By what the device holds.
void LinkList::add_content() {
    const ProbeResult &probe = findings_.probe;
    const std::string uuid = encode_link_part(probe.fs_uuid);
    if (probe.fs_usage == "filesystem" || probe.fs_usage == "other" || probe.fs_usage == "crypto") {
        add("disk/by-uuid", uuid);
        add("disk/by-label", encode_link_part(probe.fs_label));
    }
    if (probe.fs_type == "LVM2_member" && !uuid.empty())
        add("disk/by-id", "lvm-pv-uuid-" + uuid);
}

void LinkList::add_partition() {
    add("disk/by-partuuid", replace_link_part(findings_.probe.part_uuid));
    if (findings_.probe.part_scheme == "gpt")
        add("disk/by-partlabel", encode_link_part(findings_.probe.part_label));
}

// What a boot without root= takes (99-systemd.rules).
void LinkList::add_auto_root() {
    const ProbeResult &probe = findings_.probe;
    const DmIdentity dm = identify_dm(findings_.device.dm_name, findings_.device.dm_uuid);
    const bool is_unlocked =
        findings_.device.dm_uuid.starts_with("CRYPT-") && findings_.device.dm_name == "root";
    if (is_unlocked && !dm.is_private)
        links_.emplace_back("/dev/gpt-auto-root");
    if (probe.part_uuid.empty() || probe.part_scheme != "gpt" || !is_on_boot_disk(findings_) ||
        find_root_partition(probe.table) != probe.part_uuid)
        return;
    links_.emplace_back(probe.fs_type == "crypto_LUKS" ? "/dev/gpt-auto-root-luks"
                                                       : "/dev/gpt-auto-root");
}

// By the hardware below.
void LinkList::add_hardware() {
    const BlockDevice &device = findings_.device;
    const std::string suffix = device.partition ? std::format("-part{}", *device.partition) : "";
    for (const std::string &name : findings_.hardware.names)
        add("disk/by-id", name + suffix);
    for (const std::string &id : findings_.path_ids)
        add("disk/by-path", id + suffix);
    if (device.name.starts_with("vd") && !findings_.path_ids.empty() &&
        findings_.path_ids.front().starts_with("pci-"))
        add("disk/by-path", "virtio-" + findings_.path_ids.front() + suffix);
    if (!device.diskseq.empty())
        add("disk/by-diskseq", device.diskseq + suffix);
}

void LinkList::add_dm() {
    const BlockDevice &device = findings_.device;
    add("mapper", replace_link_part(device.dm_name));
    if (is_private(findings_))
        return;
    add("disk/by-id", "dm-name-" + replace_link_part(device.dm_name));
    if (!device.dm_uuid.empty())
        add("disk/by-id", "dm-uuid-" + replace_link_part(device.dm_uuid));
    add("disk/by-diskseq", device.diskseq);
    const DmIdentity dm = identify_dm(device.dm_name, device.dm_uuid);
    const std::string group = replace_link_part(dm.group);
    if (!group.empty() && group != "." && group != ".." && group.size() <= kMaxNameBytes)
        add(group, replace_link_part(dm.volume));
}

std::vector<std::string> LinkList::collect() {
    add("block", findings_.device_number);
    if (findings_.device.is_dm())
        add_dm();
    else if (has_hardware_links(findings_.device))
        add_hardware();
    const bool has_content_links =
        findings_.device.is_dm() ? !is_private(findings_) : !findings_.device.spans_disk;
    if (has_content_links) {
        add_content();
        add_partition();
        add_auto_root();
    }
    return std::move(links_);
}

using Facts = std::map<std::string, std::string>;

void add_dm_facts(const BlockFindings &findings, Facts &facts) {
    const BlockDevice &device = findings.device;
    facts["dm_name"] = device.dm_name;
    facts["dm_uuid"] = device.dm_uuid;
    // What the host's rules need to adopt a device that their own udevd did not see arrive.
    facts["udev.DM_NAME"] = device.dm_name;
    facts["udev.DM_UUID"] = device.dm_uuid;
    facts["udev.DM_UDEV_PRIMARY_SOURCE_FLAG"] = "1";
    facts["udev.DM_UDEV_RULES_VSN"] = "3";
    if (is_private(findings)) {
        facts["private"] = "1";
        for (const char *flag :
             {"udev.DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG", "udev.DM_UDEV_DISABLE_DISK_RULES_FLAG",
              "udev.DM_COOKIE_DISABLE_OTHER_RULES_FLAG"})
            facts[flag] = "1";
    }
    if (device.is_snapshot || decode_dm_cookie(findings.dm_cookie).is_low_priority) {
        facts["link_priority"] = "-100";
        facts["udev.DM_UDEV_LOW_PRIORITY_FLAG"] = "1";
    }
}

void add_probe_facts(const ProbeResult &probe, Facts &facts) {
    facts["fs_type"] = probe.fs_type;
    facts["fs_usage"] = probe.fs_usage;
    facts["fs_uuid"] = probe.fs_uuid;
    facts["fs_label"] = probe.fs_label;
    facts["fs_version"] = probe.fs_version;
    facts["fs_ambivalent"] = probe.is_ambivalent ? "1" : "";
    facts["pt_type"] = probe.pt_type;
    facts["part_uuid"] = probe.part_uuid;
    facts["part_label"] = probe.part_label;
    facts["part_type"] = probe.part_type;
    facts["part_number"] = probe.part_number;
    facts["part_flags"] = probe.part_flags;
}

} // namespace

std::vector<std::string> links_of(const BlockFindings &findings) {
    return LinkList(findings).collect();
}

Facts facts_of(const BlockFindings &findings) {
    const BlockDevice &device = findings.device;
    Facts facts = {{"ready", "1"},
                   {"disk", device.disk_syspath},
                   {"size_bytes", std::to_string(device.size_bytes)},
                   {"read_only", device.is_read_only ? "1" : "0"},
                   {"model", findings.hardware.model},
                   {"serial", findings.hardware.serial},
                   {"wwn", findings.hardware.wwn},
                   {"links", join(links_of(findings), "\n")},
                   {"link_priority", device.name.starts_with("md") ? "100" : "0"}};
    if (device.is_dm())
        add_dm_facts(findings, facts);
    // A hidden layer shows the content of the volume above it; claims must not see it twice.
    if (!is_private(findings))
        add_probe_facts(findings.probe, facts);
    if (device.partition)
        facts["part_offsets"] =
            offsets_of(static_cast<int>(*device.partition), findings.probe.table);
    // A clone of the disk has the same UUIDs; who booted from this one means this one.
    if (is_on_boot_disk(findings))
        facts["preference"] = "1";
    std::erase_if(facts, [](const auto &fact) { return fact.second.empty(); });
    return facts;
}

} // namespace slipway::coldplug
