// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/overlay_root.h"

#include <cstring>
#include <format>
#include <utility>

#include "base/text.h"

namespace slipway::fs {

using sdk::Context;
using sdk::LogLevel;
using sdk::Outcome;
using sdk::Request;

namespace {

constexpr const char *kRoot = "/sysroot";
constexpr const char *kType = "overlay";
// Places that programs on the host look for: those of dracut.cmdline(7).
constexpr const char *kLower = "/run/rootfsbase";
constexpr const char *kMemory = "/run/initramfs/overlay";
constexpr const char *kUpper = "/run/initramfs/overlay/overlayfs";
constexpr const char *kWork = "/run/initramfs/overlay/ovlwork";
constexpr const char *kUpperLink = "/run/overlayfs";
// systemd takes the disk of this one for the disk of the root, where / itself is on none.
constexpr const char *kVolatileRoot = "/run/systemd/volatile-root";
// systemd-remount-fs applies the options that fstab has for /. They are meant for the root below,
// and an overlay refuses to be told any by the way that mount(8) prefers; by the older one it
// ignores them.
constexpr const char *kRemount =
    "/run/systemd/system.control/systemd-remount-fs.service.d/50-slipway-overlay.conf";
constexpr const char *kRemountText =
    "# Written in the initrd: / is an overlay (rd.overlay), and refuses options of another file\n"
    "# system when it is told them by the newer mount calls.\n"
    "[Service]\n"
    "Environment=LIBMOUNT_FORCE_MOUNT2=always\n";

// One run of overlay_root().
class RootOverlay {
public:
    RootOverlay(Context &context, MountBackend &mounts, OverlayBackend &backend)
        : context_(context), mounts_(mounts), backend_(backend) {}

    [[nodiscard]] Result<> make(const std::string &limits);
    // What the host finds besides. Nothing of it is worth a failed boot.
    void tell_host();

private:
    // First of all: without it the root had better stay where it is.
    [[nodiscard]] Result<> load_driver();
    [[nodiscard]] Result<> lay_root_below();
    [[nodiscard]] Result<> make_upper_layer(const std::string &limits);
    [[nodiscard]] Result<> mount(const std::string &source, const char *target, const char *type,
                                 const std::string &options, std::string_view advice);
    void complain(const Result<> &result) {
        if (!result)
            context_.log(LogLevel::warning, result.error().message());
    }

    Context &context_;
    MountBackend &mounts_;
    OverlayBackend &backend_;
};

Result<> RootOverlay::load_driver() {
    if (mounts_.is_type_known(kType))
        return {};
    const int code = context_.load_modules({kType});
    if (code == 0 || mounts_.is_type_known(kType))
        return {};
    return failure(std::format("the kernel does not know {0} ({1}): rebuild the image with its "
                               "module, slipway build --modules {0}, or boot with rd.overlay=0",
                               kType, std::strerror(code)),
                   code);
}

Result<> RootOverlay::lay_root_below() {
    if (!backend_.is_mounted(kLower)) {
        if (!backend_.is_mounted(kRoot))
            return failure(std::format("nothing is mounted on {}: mount the root there, then try "
                                       "again",
                                       kRoot));
        if (auto moved = backend_.move(kRoot, kLower); !moved)
            return moved;
    }
    return backend_.protect(kLower);
}

Result<> RootOverlay::mount(const std::string &source, const char *target, const char *type,
                            const std::string &options, std::string_view advice) {
    const MountResult result = mounts_.mount(source, target, type, options);
    if (result.code == 0)
        return {};
    const std::string detail =
        result.detail.empty() ? "" : std::format(" ({})", printable(result.detail, 500));
    return failure(std::format("mounting {} on {} failed: {}{}; {}", type, target,
                               std::strerror(result.code), detail, advice),
                   result.code);
}

// A file system of its own: whoever fills the root must not fill /run as well.
Result<> RootOverlay::make_upper_layer(const std::string &limits) {
    if (!backend_.is_mounted(kMemory)) {
        const std::string options =
            "mode=0755,nosuid,nodev" + (limits.empty() ? limits : "," + limits);
        if (auto made = backend_.make_directory(kMemory); !made)
            return made;
        if (auto mounted =
                mount("tmpfs", kMemory, "tmpfs", options, "check the limits in rd.overlay=tmpfs:…");
            !mounted)
            return mounted;
    }
    for (const char *directory : {kUpper, kWork}) {
        if (auto made = backend_.make_directory(directory); !made)
            return std::unexpected(std::move(made).error().with_context(
                "the overlay has no room; check the limits in rd.overlay=tmpfs:…"));
    }
    // The upper layer's own directory is what becomes of /.
    return backend_.copy_access(kLower, kUpper);
}

Result<> RootOverlay::make(const std::string &limits) {
    if (auto loaded = load_driver(); !loaded)
        return loaded;
    if (auto below = lay_root_below(); !below)
        return below;
    if (auto upper = make_upper_layer(limits); !upper)
        return upper;
    return mount(kType, kRoot, kType,
                 std::format("lowerdir={},upperdir={},workdir={}", kLower, kUpper, kWork),
                 "see the kernel log; to boot without an overlay: rd.overlay=0");
}

void RootOverlay::tell_host() {
    complain(backend_.link(kUpper, kUpperLink));
    complain(backend_.write(kRemount, kRemountText));
    if (const auto device = backend_.device_below(kLower))
        complain(backend_.link("/dev/block/" + *device, kVolatileRoot));
}

} // namespace

Outcome overlay_root(Context &context, const Request &request, MountBackend &mounts,
                     OverlayBackend &backend) {
    // A run that was ended may have come to its end all the same.
    if (backend.is_mounted(kLower) && backend.is_mounted(kRoot))
        return context.done(std::format("{} is mounted already", kRoot));
    const std::string limits(request.params().get("limits"));
    RootOverlay overlay(context, mounts, backend);
    if (const auto made = overlay.make(limits); !made)
        return context.fail(made.error().message());
    overlay.tell_host();
    return context.done(std::format(
        "changes of the root are kept in memory ({}) and lost at power-off; {} is what lies below",
        limits.empty() ? "at most half of it" : limits, kLower));
}

} // namespace slipway::fs
