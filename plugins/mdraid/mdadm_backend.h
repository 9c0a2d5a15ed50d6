// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mdraid/examine.h"

namespace slipway::mdraid {

// What this plugin wants from mdadm(8) and from the kernel's md driver. Nodes are paths below /dev.
class MdadmBackend {
public:
    MdadmBackend() = default;
    MdadmBackend(const MdadmBackend &) = delete;
    MdadmBackend &operator=(const MdadmBackend &) = delete;
    MdadmBackend(MdadmBackend &&) = delete;
    MdadmBackend &operator=(MdadmBackend &&) = delete;
    virtual ~MdadmBackend() = default;

    // Read the superblock of a member; writes nothing.
    [[nodiscard]] virtual Result<Superblock> examine(const std::string &node) = 0;
    [[nodiscard]] virtual Result<Superblock> examine_container(const std::string &node) = 0;
    // Of a running array: MD_UUID, MD_NAME, MD_DEVNAME, …
    [[nodiscard]] virtual Result<Exported> detail(const std::string &array) = 0;

    // Hands a member to mdadm, which puts it where it belongs and starts what is complete. What it
    // says, MD_DEVICE among it.
    [[nodiscard]] virtual Result<Exported> add(const std::string &node) = 0;
    // Starts the arrays in a container that are complete; degraded: also those that lack members.
    [[nodiscard]] virtual Result<> start_arrays_in(const std::string &container,
                                                   bool is_degraded) = 0;
    // Starts an array with the members that it has.
    [[nodiscard]] virtual Result<> run(const std::string &array) = 0;

    // The array that has this member, "md127"; nothing: none has.
    [[nodiscard]] virtual std::optional<std::string> array_of(std::string_view syspath) = 0;
    // The arrays, "md126", that are described by the metadata of this container, "md127".
    [[nodiscard]] virtual std::vector<std::string>
    arrays_in(const std::string &kernel_name_of_container) = 0;
    // md/array_state in sysfs: "clean", "read-auto", "inactive", …; empty: no such array.
    [[nodiscard]] virtual std::string state_of(const std::string &kernel_name) = 0;

    // Do arrays start read-only, until the first write? `is_on` is the new value; the old one comes
    // back (md_mod's parameter start_ro, admin-guide/md.rst).
    virtual Result<bool> set_starts_read_only(bool is_on) = 0;
};

} // namespace slipway::mdraid
