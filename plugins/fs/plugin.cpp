// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include <unistd.h>

#include "fs/libmount_backend.h"
#include "fs/overlay_root.h"
#include "fs/root_operations.h"
#include "fs/system_check_backend.h"
#include "fs/system_overlay_backend.h"

namespace slipway::fs {

namespace {

// Boot Loader Interface. Only whether it is there: coldplug reads it.
bool knows_boot_partition() {
    return ::access("/sys/firmware/efi/efivars/"
                    "LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
                    R_OK) == 0;
}

} // namespace

class FsPlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_root(context, request, knows_boot_partition());
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const std::string_view operation = request.params().get("operation");
        if (operation == "check")
            return check_device(context, request, *make_system_check_backend());
        if (operation == "mount")
            return mount_device(context, request, *make_libmount_backend());
        if (operation == "fstab")
            return mount_from_fstab(context, request, *make_libmount_backend());
        if (operation == "overlay")
            return overlay_root(context, request, *make_libmount_backend(),
                                *make_system_overlay_backend());
        return context.fail("params.operation of this unit must be \"check\", \"mount\", "
                            "\"fstab\" or \"overlay\"");
    }
};

} // namespace slipway::fs

SLIPWAY_PLUGIN("fs", slipway::fs::FsPlugin)
