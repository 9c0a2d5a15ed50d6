// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/root_units.h"

#include <slipway/toml.h>

#include <format>

#include "base/text.h"
#include "fs/early_mount_units.h"
#include "fs/unit_text.h"

namespace slipway::fs {

namespace {

// One device that may hold the root: a check and a mount.
struct Candidate {
    std::string check_name;
    std::string mount_name;
    std::string device;
    bool is_alternative = false; // started by the target sysroot only
    bool is_automatic = false;   // RootOptions::is_automatic
};

// Of what is mounted from a device or server. An overlay over it has the name that everything
// requires.
std::string_view base_name(const RootOptions &root) {
    return root.overlay ? "sysroot-lower" : "sysroot";
}

// A repair changes what somebody wanted to stay as it is; whoever asks for one gets it.
CheckMode check_mode(const RootOptions &root) {
    return root.overlay && root.check.mode == CheckMode::automatic ? CheckMode::look
                                                                   : root.check.mode;
}

std::string write_candidate(const RootOptions &root, const Candidate &candidate) {
    const auto common = [&](UnitText &unit) {
        unit.text("device", candidate.device);
        if (root.device_timeout)
            unit.text("device_timeout", *root.device_timeout);
        if (candidate.is_alternative)
            unit.text("wanted", "never");
        // Even a read-only mount writes when it replays a journal.
        unit.flag("writes");
    };
    const std::string types = join(root.types, ",");
    UnitText check(candidate.check_name, "job",
                   "Check the root file system on " + candidate.device);
    common(check);
    // A check of a large file system takes hours, and to kill it is worse than to wait for it.
    check.text("timeout", "24h");
    UnitText mount(candidate.mount_name, "mount",
                   "Mount the root file system on " + candidate.device);
    common(mount);
    mount.list("requires", {candidate.check_name}).retry_while_busy();
    return std::move(check).params({{"operation", "check"},
                                    {"types", types},
                                    {"mode", name_of(check_mode(root))},
                                    {"repair", name_of(root.check.repair)},
                                    {"marker", "fsck-root"}}) +
           std::move(mount).params({{"operation", "mount"},
                                    {"types", types},
                                    {"flags", root.flags},
                                    {"auto", candidate.is_automatic ? "yes" : ""},
                                    {"target", "/sysroot"}});
}

// Targets belong to no plugin, so they are written by hand; the names are ours.
std::string write_choice(const RootOptions &root, const std::vector<std::string> &names,
                         std::string_view description, std::string_view more = "") {
    return std::format("[[unit]]\nname = \"{}\"\nkind = \"target\"\ndescription = \"{}\"\n"
                       "any_of = [\"{}\"]\n{}\n",
                       base_name(root), description, join(names, "\", \""), more);
}

// What the network brings: a file system that another plugin mounts, a disk, or the first of both.
std::string write_network_candidates(const RootOptions &root) {
    constexpr std::string_view kHint =
        "hint = \"check cable and server; the image must have the plugins of the network root "
        "(slipway build --with)\"\n";
    std::string toml;
    std::vector<std::string> names;
    if (root.source != RootSource::network_disk)
        names.emplace_back("sysroot-nfs");
    if (root.source != RootSource::network_file_system) {
        names.emplace_back("sysroot-disk");
        toml = write_candidate(root, {.check_name = "fsck-sysroot-disk",
                                      .mount_name = names.back(),
                                      .device = root.device,
                                      .is_alternative = true});
    }
    return toml + write_choice(root, names, "The root file system from the network",
                               std::string(kHint) + "race = true\n");
}

// A folder of the virtual machine's host: another plugin mounts it. Where the host shares none at
// all, the hint is what names the one that is missing.
std::string write_share(const RootOptions &root) {
    const std::string hint = std::format(
        "root={} is a folder that the host must share with this virtual machine; the image must "
        "have the plugin virtfs (slipway build --with virtfs)",
        root.name);
    return write_choice(root, {"sysroot-virtfs"}, "The root file system that the host shares",
                        "hint = " + sdk::toml_string(hint) + "\n");
}

// One name stays what everything requires, whichever device it is in the end.
std::string write_candidates(const RootOptions &root) {
    if (root.source == RootSource::share)
        return write_share(root);
    if (root.source != RootSource::device)
        return write_network_candidates(root);
    if (root.fallbacks.empty())
        return write_candidate(root, {.check_name = "fsck-sysroot",
                                      .mount_name = std::string(base_name(root)),
                                      .device = root.device,
                                      .is_automatic = root.is_automatic});
    std::vector<std::string> names = {"sysroot-main"};
    std::string toml = write_candidate(root, {.check_name = "fsck-sysroot-main",
                                              .mount_name = "sysroot-main",
                                              .device = root.device,
                                              .is_alternative = true,
                                              .is_automatic = root.is_automatic});
    for (std::size_t i = 0; i < root.fallbacks.size(); ++i) {
        const std::string name =
            i == 0 ? "sysroot-fallback" : std::format("sysroot-fallback-{}", i + 1);
        toml += write_candidate(root, {.check_name = "fsck-" + name,
                                       .mount_name = name,
                                       .device = root.fallbacks[i],
                                       .is_alternative = true});
        names.push_back(name);
    }
    return toml + write_choice(root, names, "The root file system, or its fallback");
}

std::string write_overlay_unit(const RootOptions &root) {
    UnitText unit("sysroot", "mount", "Lay memory over the root file system for its changes");
    unit.list("requires", {std::string(base_name(root))});
    return std::move(unit).params({{"operation", "overlay"}, {"limits", root.overlay->limits}});
}

std::string write_fstab_unit(const RootOptions &root, const std::vector<std::string> &taken) {
    UnitText unit("sysroot-fstab", "job", "Read the fstab of the root");
    // A goal of its own: the switch must not happen before it is known what else must be mounted.
    unit.flag("goal").list("requires", {"sysroot"}).text("timeout", "30s");
    return std::move(unit).params({{"operation", "fstab"},
                                   {"usr", root.is_writable ? "rw" : "ro"},
                                   {"taken", join(taken, "\n")},
                                   {"mode", name_of(root.check.mode)},
                                   {"repair", name_of(root.check.repair)}});
}

} // namespace

std::string write_root_units(const RootOptions &root) {
    std::string toml = write_candidates(root);
    if (root.overlay)
        toml += write_overlay_unit(root);
    toml += write_mount_units(root.mounts, {}, MountStage::before_fstab, root.check);
    if (root.reads_fstab)
        toml += write_fstab_unit(root, taken_in_root(root.mounts));
    return toml;
}

} // namespace slipway::fs
