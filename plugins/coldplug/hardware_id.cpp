// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hardware_id.h"

#include <algorithm>
#include <charconv>
#include <format>

#include "base/text.h"
#include "link_text.h"
#include "scsi_designators.h"

namespace slipway::coldplug {

namespace {

constexpr std::size_t kAtaModelBytes = 40; // of a T10 designator made by the SCSI/ATA translation
constexpr std::size_t kT10VendorBytes = 8;
constexpr std::string_view kOpticalType = "5"; // peripheral device type, SPC-4

void add(std::vector<std::string> &names, std::string name) {
    if (!std::ranges::contains(names, name))
        names.push_back(std::move(name));
}

// The first non-empty attribute of this name at the device or above it (udev's ATTRS).
std::string inherited(const Sysfs &sysfs, std::string path, std::string_view attribute) {
    for (; !path.empty(); path = parent_path(path)) {
        if (std::string value = sysfs.read(path + "/" + std::string(attribute)); !value.empty())
            return value;
    }
    return {};
}

// The device above that belongs to `subsystem` and has `attribute`; "" if there is none.
std::string find_above(const Sysfs &sysfs, std::string path, std::string_view subsystem,
                       std::string_view attribute) {
    for (; !path.empty(); path = parent_path(path)) {
        if (sysfs.link_name(path + "/subsystem") == subsystem &&
            sysfs.exists(path + "/" + std::string(attribute)))
            return path;
    }
    return {};
}

HardwareId virtio_id(const Sysfs &sysfs, const std::string &syspath) {
    HardwareId id;
    id.serial = replace_link_part(sysfs.read(syspath + "/serial"));
    if (!id.serial.empty())
        id.names.push_back("virtio-" + id.serial);
    return id;
}

HardwareId nvme_id(const Sysfs &sysfs, const std::string &syspath) {
    HardwareId id;
    id.serial = replace_link_part(inherited(sysfs, syspath, "serial"));
    id.model = replace_link_part(inherited(sysfs, syspath, "model"));
    id.wwn = replace_link_part(inherited(sysfs, syspath, "wwid"));
    const std::string nsid = sysfs.read(syspath + "/nsid");
    if (!id.wwn.empty())
        id.names.push_back("nvme-" + id.wwn);
    if (id.model.empty() || id.serial.empty())
        return id;
    if (nsid == "1")
        add(id.names, std::format("nvme-{}_{}", id.model, id.serial));
    if (!nsid.empty())
        add(id.names, std::format("nvme-{}_{}_{}", id.model, id.serial, nsid));
    return id;
}

HardwareId mmc_id(const Sysfs &sysfs, const std::string &syspath) {
    HardwareId id;
    id.model = replace_link_part(inherited(sysfs, syspath, "name"));
    id.serial = replace_link_part(inherited(sysfs, syspath, "serial"));
    if (!id.model.empty() && !id.serial.empty())
        id.names.push_back(std::format("mmc-{}_{}", id.model, id.serial));
    return id;
}

bool is_plain_usb_text(std::string_view text) {
    return std::ranges::all_of(text,
                               [](unsigned char c) { return c >= 0x20 && c < 0x80 && c != ','; });
}

// usb_id: vendor and model of the SCSI inquiry, the serial number of the USB device, target and
// LUN.
HardwareId usb_id(const Sysfs &sysfs, const std::string &scsi, const std::string &usb) {
    HardwareId id;
    const std::string vendor = replace_link_part(sysfs.read(scsi + "/vendor"));
    id.model = replace_link_part(sysfs.read(scsi + "/model"));
    // Not every enclosure has a number worth the name; usb_id distrusts these as well.
    if (const std::string serial = sysfs.read(usb + "/serial"); is_plain_usb_text(serial))
        id.serial = replace_link_part(serial);
    const auto address = split_words(base_name(scsi), ":");
    if (vendor.empty() || id.model.empty() || address.size() != 4)
        return id;
    std::string name = std::format("usb-{}_{}", vendor, id.model);
    if (!id.serial.empty())
        name += "_" + id.serial;
    id.names.push_back(std::format("{}-{}:{}", name, address[2], address[3]));
    return id;
}

// ata_id reads model and serial number from the drive; the translation layer of libata repeats them
// in its T10 designator: "ATA     " + model (40 bytes) + serial number (20 bytes).
void add_ata_name(const std::vector<ScsiDesignator> &designators, HardwareId &id) {
    for (const ScsiDesignator &designator : designators) {
        const std::string_view bytes = designator.bytes;
        if (designator.type != ScsiDesignator::Type::t10 || designator.is_binary ||
            bytes.size() <= kT10VendorBytes + kAtaModelBytes || !bytes.starts_with("ATA     "))
            continue;
        id.model = replace_link_part(bytes.substr(kT10VendorBytes, kAtaModelBytes));
        id.serial = replace_link_part(bytes.substr(kT10VendorBytes + kAtaModelBytes));
        if (!id.model.empty() && !id.serial.empty())
            add(id.names, std::format("ata-{}_{}", id.model, id.serial));
        return;
    }
}

// The NAA designator that scsi_id takes: the long form first, then the short one, then any.
const ScsiDesignator *find_naa(const std::vector<ScsiDesignator> &designators) {
    constexpr unsigned kExtended = 6;
    constexpr unsigned kRegistered = 5;
    const ScsiDesignator *best = nullptr;
    int best_rank = 0;
    for (const ScsiDesignator &designator : designators) {
        if (designator.type != ScsiDesignator::Type::naa || !designator.is_binary ||
            designator.bytes.empty())
            continue;
        const unsigned form = static_cast<unsigned char>(designator.bytes.front()) >> 4U;
        const int rank = form == kExtended ? 3 : form == kRegistered ? 2 : 1;
        if (rank > best_rank) {
            best = &designator;
            best_rank = rank;
        }
    }
    return best;
}

// scsi_id prefers an NAA designator, then EUI-64; its name is the type's digit and the designator.
void add_scsi_name(const std::vector<ScsiDesignator> &designators, const std::string &scsi,
                   const Sysfs &sysfs, HardwareId &id) {
    using Type = ScsiDesignator::Type;
    const ScsiDesignator *numbered = find_naa(designators);
    for (const ScsiDesignator &designator : designators) {
        if (numbered == nullptr && designator.type == Type::eui64 && designator.is_binary)
            numbered = &designator;
    }
    if (numbered != nullptr) {
        id.names.push_back(
            std::format("scsi-{}{}", static_cast<unsigned>(numbered->type), numbered->hex()));
        return;
    }
    const auto own = std::ranges::find_if(designators, [](const ScsiDesignator &designator) {
        return designator.type == Type::vendor && !designator.is_binary;
    });
    // A T10 designator would come first; its exact text is the vendor's, so no name is made then.
    if (own == designators.end() ||
        std::ranges::contains(designators, Type::t10, &ScsiDesignator::type))
        return;
    const std::string text = std::format("0{:<8}{:<16}{}", sysfs.read(scsi + "/vendor"),
                                         sysfs.read(scsi + "/model"), own->bytes);
    id.names.push_back("scsi-" + replace_link_part(text));
}

HardwareId scsi_id(const Sysfs &sysfs, const std::string &scsi) {
    HardwareId id;
    id.model = replace_link_part(sysfs.read(scsi + "/model"));
    // An optical drive is asked by ata_id first, and only the drive knows whether it answers.
    if (sysfs.read(scsi + "/type") == kOpticalType)
        return id;
    const auto designators = parse_scsi_designators(sysfs.read_binary(scsi + "/vpd_pg83"));
    if (const ScsiDesignator *naa = find_naa(designators))
        id.wwn = "0x" + naa->hex();
    if (sysfs.read(scsi + "/vendor") == "ATA")
        add_ata_name(designators, id);
    else
        add_scsi_name(designators, scsi, sysfs, id);
    if (!id.wwn.empty())
        add(id.names, "wwn-" + id.wwn);
    return id;
}

} // namespace

HardwareId read_hardware_id(const Sysfs &sysfs, const std::string &syspath) {
    const std::string name = base_name(syspath);
    if (name.starts_with("vd"))
        return virtio_id(sysfs, syspath);
    if (name.starts_with("nvme"))
        return nvme_id(sysfs, syspath);
    if (name.starts_with("mmcblk"))
        return mmc_id(sysfs, syspath);
    if (!name.starts_with("sd") && !name.starts_with("sr"))
        return {};
    const std::string scsi = find_above(sysfs, parent_path(syspath), "scsi", "vendor");
    if (scsi.empty())
        return {};
    // A disk in a USB enclosure may be asked by ata_id first, which needs the device: usb_id's name
    // is the one that always exists.
    const std::string usb = find_above(sysfs, scsi, "usb", "idVendor");
    return usb.empty() ? scsi_id(sysfs, scsi) : usb_id(sysfs, scsi, usb);
}

} // namespace slipway::coldplug
