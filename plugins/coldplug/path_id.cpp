// SPDX-License-Identifier: LGPL-2.1-or-later
#include "path_id.h"

#include <algorithm>
#include <array>
#include <format>
#include <optional>

#include "base/number.h"
#include "base/text.h"

namespace slipway::coldplug {

namespace {

constexpr int kMaxDepth = 64;

// "2:0:1:3": host, bus, target, lun.
std::optional<std::array<unsigned, 4>> scsi_address(const std::string &name) {
    const auto words = split_words(name, ":");
    std::array<unsigned, 4> address{};
    for (std::size_t i = 0; i < address.size(); ++i) {
        const auto part = words.size() == 4 ? parse_number<unsigned>(words[i]) : std::nullopt;
        if (!part)
            return std::nullopt;
        address[i] = *part;
    }
    return address;
}

// udev writes LUNs that do not fit into a byte as the first two levels of SAM's form.
std::string lun_text(unsigned lun) {
    return lun < 256 ? std::format("lun-{}", lun)
                     : std::format("lun-0x{:04x}{:04x}00000000", lun & 0xFFFFU, lun >> 16U);
}

// Walks from the disk up to the root of the device tree and puts the parts together.
class PathWalk {
public:
    PathWalk(const Sysfs &sysfs, const std::string &disk) : sysfs_(sysfs), disk_(disk), at_(disk) {}
    std::vector<std::string> walk();

private:
    void visit(const std::string &subsystem);
    void visit_scsi();
    void visit_ata(const std::array<unsigned, 4> &address);
    void visit_host(const std::array<unsigned, 4> &address);
    void visit_iscsi(const std::array<unsigned, 4> &address);
    void visit_usb();
    void visit_nvme();
    // To the last device upwards that belongs to the same subsystem.
    void skip(const std::string &subsystem);
    [[nodiscard]] std::string subsystem_of(const std::string &path) const {
        return sysfs_.link_name(path + "/subsystem");
    }
    // The next device above; directories without a subsystem are no devices.
    [[nodiscard]] std::string device_above(const std::string &path) const;
    void prepend(const std::string &part) {
        for (std::string *path : {&path_, &old_ata_path_})
            *path = path->empty() ? part : part + "-" + *path;
    }

    const Sysfs &sysfs_;
    std::string disk_;
    std::string at_;
    std::string path_;
    std::string old_ata_path_;
    bool is_ata_ = false;
    bool has_transport_ = false;
    bool has_parent_ = false;
    bool is_unknown_ = false;
};

std::string PathWalk::device_above(const std::string &path) const {
    std::string above = parent_path(path);
    while (!above.empty() && subsystem_of(above).empty())
        above = parent_path(above);
    return above;
}

void PathWalk::skip(const std::string &subsystem) {
    for (std::string above = device_above(at_); !above.empty() && subsystem_of(above) == subsystem;
         above = device_above(at_))
        at_ = above;
}

void PathWalk::visit_ata(const std::array<unsigned, 4> &address) {
    // …/ata3/host2/target2:0:0/2:0:0:0, and the port's number in …/ata3/ata_port/ata3/port_no.
    std::string port = at_;
    while (!port.empty() && !base_name(port).starts_with("ata"))
        port = parent_path(port);
    const std::string name = base_name(port);
    const auto port_number =
        parse_number<unsigned>(sysfs_.read(port + "/ata_port/" + name + "/port_no"));
    if (port.empty() || !port_number) {
        is_unknown_ = true;
        return;
    }
    const auto add = [](std::string &path, const std::string &part) {
        path = path.empty() ? part : part + "-" + path;
    };
    // Behind a port multiplier the bus differs, without one the target tells the two of a cable
    // apart.
    add(path_, address[1] != 0 ? std::format("ata-{}.{}.0", *port_number, address[1])
                               : std::format("ata-{}.{}", *port_number, address[2]));
    add(old_ata_path_, std::format("ata-{}", *port_number));
    is_ata_ = true;
    at_ = port;
}

void PathWalk::visit_host(const std::array<unsigned, 4> &address) {
    std::string host = at_;
    while (!host.empty() && !base_name(host).starts_with("host"))
        host = parent_path(host);
    if (host.empty()) {
        is_unknown_ = true;
        return;
    }
    // Host numbers count over the machine; the name counts from the lowest of this controller.
    unsigned lowest = address[0];
    for (const std::string &name : sysfs_.list(parent_path(host))) {
        if (name.starts_with("host"))
            lowest = std::min(lowest, parse_number<unsigned>(name.substr(4)).value_or(lowest));
    }
    prepend(
        std::format("scsi-{}:{}:{}:{}", address[0] - lowest, address[1], address[2], address[3]));
    at_ = host;
}

// …/host2/session1/target2:0:0/2:0:0:0, with what the session is in directories beside the target.
void PathWalk::visit_iscsi(const std::array<unsigned, 4> &address) {
    std::string session = at_;
    while (!session.empty() && !base_name(session).starts_with("session"))
        session = parent_path(session);
    const std::string name = base_name(session);
    const std::string connection =
        "connection" + name.substr(std::min(name.size(), std::string_view("session").size())) +
        ":0";
    const std::string place = session + "/" + connection + "/iscsi_connection/" + connection;
    const std::string target = sysfs_.read(session + "/iscsi_session/" + name + "/targetname");
    const std::string portal = sysfs_.read(place + "/persistent_address");
    const std::string port = sysfs_.read(place + "/persistent_port");
    if (target.empty() || portal.empty() || port.empty()) {
        is_unknown_ = true;
        return;
    }
    prepend(std::format("ip-{}:{}-iscsi-{}-{}", portal, port, target, lun_text(address[3])));
    has_parent_ = true;
}

void PathWalk::visit_scsi() {
    has_transport_ = true;
    const auto address = scsi_address(base_name(at_));
    if (!address)
        return; // host and target: the device itself has said it all
    if (at_.contains("/session")) {
        visit_iscsi(*address);
        return;
    }
    for (const char *part : {"/rport-", "/end_device-", "/vmbus_"})
        is_unknown_ = is_unknown_ || at_.contains(part);
    is_unknown_ = is_unknown_ || sysfs_.exists(at_ + "/ieee1394_id");
    if (at_.contains("/ata"))
        visit_ata(*address);
    else
        visit_host(*address);
}

void PathWalk::visit_usb() {
    has_transport_ = true;
    const std::string name = base_name(at_);
    const std::size_t dash = name.find('-');
    if (dash == std::string::npos)
        return;
    prepend("usb-0:" + name.substr(dash + 1));
    skip("usb");
}

void PathWalk::visit_nvme() {
    const std::string nsid = sysfs_.read(at_ + "/nsid");
    const std::string of_disk = path_.empty() ? sysfs_.read(disk_ + "/nsid") : std::string();
    const std::string &id = nsid.empty() ? of_disk : nsid;
    if (id.empty()) {
        is_unknown_ = true;
        return;
    }
    prepend("nvme-" + id);
    skip("nvme");
    has_transport_ = true;
    has_parent_ = true;
}

void PathWalk::visit(const std::string &subsystem) {
    if (subsystem == "scsi")
        visit_scsi();
    else if (subsystem == "usb")
        visit_usb();
    else if (subsystem == "nvme")
        visit_nvme();
    else if (subsystem == "virtio") {
        skip("virtio");
        has_transport_ = true;
    } else if (subsystem == "pci" || subsystem == "platform" || subsystem == "acpi" ||
               subsystem == "xen") {
        prepend(subsystem + "-" + base_name(at_));
        skip(subsystem);
        has_parent_ = true;
        has_transport_ = has_transport_ || subsystem == "platform";
    } else {
        // Buses that udev names and this does not: without their part the name would be another's.
        constexpr std::array<std::string_view, 10> kOthers = {
            "amba",           "ap",    "bcma", "ccw", "ccwgroup", "iucv",
            "nvme-subsystem", "serio", "spi",  "tb"};
        is_unknown_ = std::ranges::contains(kOthers, subsystem);
    }
}

std::vector<std::string> PathWalk::walk() {
    for (int depth = 0; !at_.empty() && depth < kMaxDepth && !is_unknown_; ++depth) {
        if (const std::string subsystem = subsystem_of(at_); !subsystem.empty())
            visit(subsystem);
        at_ = device_above(at_);
    }
    if (is_unknown_ || path_.empty() || !has_parent_ || !has_transport_)
        return {};
    std::vector<std::string> ids = {path_};
    if (is_ata_ && old_ata_path_ != path_)
        ids.push_back(old_ata_path_);
    return ids;
}

} // namespace

std::vector<std::string> path_ids(const Sysfs &sysfs, const std::string &syspath) {
    return PathWalk(sysfs, syspath).walk();
}

} // namespace slipway::coldplug
