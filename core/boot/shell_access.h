// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boot/kernel_cmdline.h"
#include "sys/system.h"

// Who may have a shell: docs/images.md, "Who gets a shell".
namespace slipway {

// What is known about that apart from the command line.
struct ShellFacts {
    // The file that the image builder wrote, see kShellPasswordFile; nothing: there is none.
    std::optional<std::string> password_file = std::nullopt;
    bool is_secure_boot = false;
    bool is_locked_down = false; // the kernel: lockdown=, or through Secure Boot
};

struct ShellAccess {
    enum class Kind : std::uint8_t { open, with_password, none };
    Kind kind = Kind::open;
    std::string why_not; // of `none`: "the kernel command line forbids it (panic= or rd.shell=0)"

    [[nodiscard]] bool operator==(const ShellAccess &) const = default;
};

// The hash of root's password (crypt(5)), or "!": the account is locked.
inline constexpr const char *kShellPasswordFile = "/etc/slipway/shell-password";

// Pure. `is_forced`: SYSTEMD_SULOGIN_FORCE=1.
[[nodiscard]] ShellAccess decide_shell_access(bool is_allowed, bool is_forced,
                                              const ShellFacts &facts);

[[nodiscard]] ShellFacts read_shell_facts(System &system);

// "SecureBoot" of the firmware, as efivarfs shows it: four bytes of attributes, then the value.
[[nodiscard]] bool is_secure_boot_on(std::string_view variable);
// /sys/kernel/security/lockdown: "none [integrity] confidentiality".
[[nodiscard]] bool is_lockdown_on(std::string_view text);

// The terminal for a shell besides everything else: systemd.debug_shell, rd.systemd.debug_shell,
// with systemd.default_debug_tty=. Nothing: none is wanted. What is no name of a terminal is one of
// `problems`.
[[nodiscard]] std::optional<std::string> debug_shell_terminal(const KernelCommandLine &line,
                                                              std::vector<std::string> &problems);

} // namespace slipway
