// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "boot/kernel_cmdline.h"
#include "boot/log_levels.h"
#include "unit/unit.h"

namespace slipway {

// What happens when the boot cannot go on.
struct FailurePolicy {
    enum class Action : std::uint8_t { power_off, reboot, halt };

    bool is_shell_allowed = true;
    bool is_shell_forced = false; // SYSTEMD_SULOGIN_FORCE=1: also if the root account is locked
    // Without a shell: this, after `delay`.
    Action action = Action::power_off;
    Duration delay{0};
    // What rd.emergency= asks for after a shell that has ended; nothing: go on waiting.
    std::optional<Action> after_shell;
};

// What the kernel command line says to the core, with defaults filled in. Parsed once, in PID 1.
struct BootConfig {
    // The first that exists in the real root is started. Absolute, as seen from there.
    std::vector<std::string> init_paths;
    // Did init= name the first one? If another one is taken, that is worth a warning.
    bool is_init_named = false;
    // Without argv[0]: the words after the path in init=, then what the kernel gave PID 1.
    std::vector<std::string> init_arguments;

    // How long a device may be waited for, in runnable time; nothing: without limit.
    std::optional<Duration> device_timeout = std::chrono::seconds(90);
    // From rd.retry=: replaces the wait of every degraded policy.
    std::optional<Duration> degraded_wait;

    // What the console shows; the log keeps everything.
    LogLevel console_level = LogLevel::info;
    // rd.info, rd.debug: the consoles show the log up to that level also if the kernel is quiet.
    bool shows_log = false;
    // What reaches the kernel's log, and through it the host's journal.
    LogLevels log_levels;
    FailurePolicy failure;
    // rd.emergency or rd.rescue without an action: a shell instead of the boot.
    bool is_shell_requested = false;
    // A shell besides everything else, on this terminal (systemd.debug_shell).
    std::optional<std::string> debug_terminal;
    // Where the boot stops for a person (rd.break=, break=), as written.
    std::vector<std::string> breaks;
    std::optional<std::string> run_size; // initramfs.runsize=

    // Words of the core with values that mean nothing: "rd.timeout=soon: …". For the log.
    std::vector<std::string> problems;

    // `arguments`: PID 1's argv without argv[0], where the kernel puts the words that it does not
    // know and all after "--".
    [[nodiscard]] static BootConfig parse(const KernelCommandLine &line,
                                          std::span<const std::string> arguments);
};

// The keys that BootConfig and KernelCommandLine read.
[[nodiscard]] std::span<const std::string_view> core_option_keys();

// The options of one plugin as `declared` in its [options] table, in the order in which they stand
// last on the command line (so that of two words that contradict each other, "ro rw", the later one
// can win); absent ones are left out. The last occurrence counts; those of lists are joined with
// '\n', of options with `join` with that text. A bare word has the value "", if `bare` allows it.
// `both_spellings`: patterns of keys that, declared as "rd.KEY", may stand without the prefix too;
// a key after '!' is none of them.
// Then the prefixed form wins; of lists, all occurrences of both count, in order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
options_for(const KernelCommandLine &line, std::span<const OptionSpec> declared,
            std::span<const std::string> both_spellings = {});

// Is one of the options there whose presence makes the plugin's import operation run?
[[nodiscard]] bool triggers_import(const KernelCommandLine &line,
                                   std::span<const OptionSpec> declared,
                                   std::span<const std::string> both_spellings = {});

// Does a word with this key belong to the declared option?
[[nodiscard]] bool is_option(const OptionSpec &option, std::string_view key,
                             std::span<const std::string> both_spellings);

} // namespace slipway
