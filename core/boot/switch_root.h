// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "boot/handover.h"
#include "boot/real_init.h"
#include "sys/system.h"

namespace slipway {

// The last step of PID 1 in the initrd. Everything that can be found wrong is found by prepare(),
// while the initrd is still whole and can say so; commit() then does what cannot be undone. Used
// after the workers ended. Lives in PID 1, for the length of the switch.
class SwitchRoot {
public:
    struct Request {
        std::string sysroot = "/sysroot";
        std::optional<std::string> init;             // the value of init=
        std::vector<std::string> kernel_arguments;   // main()'s, without argv[0]
        std::vector<std::string> kernel_environment; // main()'s, as "NAME=value"
        StartTimes start;
    };

    struct Plan {
        std::string sysroot;
        RealInit init;
        Program program;
        UniqueFd state; // of systemd; none for another init
        std::vector<std::string> warnings;
    };

    explicit SwitchRoot(System &system) : system_(system) {}

    // Checks the sysroot (mounted, with an executable init and the mount points, which are made
    // if they can be) and builds what commit() needs. The error says what to do.
    [[nodiscard]] Result<Plan> prepare(const Request &request);

    // Moves /dev, /proc, /sys and /run, changes root, frees the initramfs and becomes the real
    // init. Comes back only with the reason of a failure; up to the change of root everything was
    // put back by then, and later at least PID 1 lives on, with its console open.
    [[nodiscard]] Error commit(const Plan &plan);

private:
    [[nodiscard]] Result<> check_sysroot(const std::string &sysroot);
    [[nodiscard]] Result<> prepare_mount_point(const std::string &sysroot, const std::string &name);
    void prepare_state(const Request &request, Plan &plan);
    [[nodiscard]] Result<std::size_t> move_mounts(const std::string &sysroot);
    void move_mounts_back(const std::string &sysroot, std::size_t count);
    [[nodiscard]] Result<> enter(const std::string &sysroot);

    System &system_;
};

} // namespace slipway
