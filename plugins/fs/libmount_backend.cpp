// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fs/libmount_backend.h"

#include <libmount.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "fs/held_device.h"
#include "fs/root_paths.h"

namespace slipway::fs {

namespace {

struct ContextDeleter {
    void operator()(libmnt_context *context) const noexcept { mnt_free_context(context); }
};
using ContextPtr = std::unique_ptr<libmnt_context, ContextDeleter>;

// 0 or a negative errno value.
int configure(libmnt_context *context, const std::string &devnode, const std::string &target,
              const std::string &type, const std::string &options) {
    // fstab of the image says nothing about the sysroot, /run/mount/utab would outlive the initrd,
    // and the paths are the kernel's own.
    const std::array results = {
        mnt_context_set_optsmode(context, MNT_OMODE_NOTAB),
        mnt_context_disable_mtab(context, 1),
        mnt_context_disable_helpers(context, 1),
        mnt_context_disable_canonicalize(context, 1),
        mnt_context_disable_swapmatch(context, 1),
        mnt_context_set_source(context, devnode.c_str()),
        mnt_context_set_target(context, target.c_str()),
        mnt_context_set_fstype(context, type.c_str()),
        mnt_context_set_options(context, options.c_str()),
    };
    for (const int result : results) {
        if (result != 0)
            return result;
    }
    return 0;
}

class LibmountBackend final : public MountBackend {
public:
    bool is_type_known(std::string_view type) override {
        std::ifstream table("/proc/filesystems");
        for (std::string line; std::getline(table, line);) {
            if (line.substr(line.find('\t') + 1) == type)
                return true;
        }
        return false;
    }

    Result<std::string> resolve(const std::string &root, const std::string &path) override {
        return resolve_in_root(root, path);
    }

    Result<std::string> read_file(const std::string &root, const std::string &path,
                                  std::size_t max_bytes) override {
        return read_file_in_root(root, path, max_bytes);
    }

    Result<HeldDevice> hold(const std::string &devnode, std::string_view type) override {
        return hold_device(devnode, type);
    }

    MountResult mount(const std::string &devnode, const std::string &target,
                      const std::string &type, const std::string &options) override {
        // Below the sysroot it exists, or could not be resolved: nothing is written into the root.
        if (::mkdir(target.c_str(), 0755) != 0 && errno != EEXIST)
            return {.code = errno, .detail = "cannot make the mount point " + target};
        const ContextPtr context(mnt_new_context());
        if (!context)
            return {.code = ENOMEM, .detail = {}};
        if (const int result = configure(context.get(), devnode, target, type, options);
            result != 0)
            return {.code = -result, .detail = "mount options \"" + options + "\""};
        const int result = mnt_context_mount(context.get());
        if (result == 0 && mnt_context_get_status(context.get()) == 1)
            return {.code = 0,
                    .detail = {},
                    // libmount tries once more without writing when the device refuses that.
                    .is_forced_read_only = mnt_context_forced_rdonly(context.get()) == 1};
        return describe(context.get(), result);
    }

private:
    static MountResult describe(libmnt_context *context, int result) {
        std::array<char, 512> text{};
        int code = mnt_context_get_syscall_errno(context);
        if (code <= 0)
            code = result < 0 ? -result : EINVAL;
        (void)mnt_context_get_excode(context, result, text.data(), text.size());
        return {.code = code, .detail = text.data()};
    }
};

} // namespace

std::unique_ptr<MountBackend> make_libmount_backend() {
    return std::make_unique<LibmountBackend>();
}

} // namespace slipway::fs
