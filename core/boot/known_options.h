// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "boot/kernel_cmdline.h"
#include "unit/unit.h"

namespace slipway {

// What is known about words on the kernel command line that neither the core nor a plugin reads, so
// that none is ignored in silence. From a TOML file, because the core knows no plugin:
//
//     [both_spellings]          # a plugin's "rd.KEY" may be written without "rd."
//     words = ["name.*"]
//     [foreign]                 # of the kernel, or of the host's own PID 1
//     words = ["acpi", "apparmor"]
//     [unsupported]             # known, but not built yet
//     "resume" = "hibernation images are not resumed yet"
//
// In all words '*' stands for any text, and '-' and '_' are the same.
class KnownOptions {
public:
    KnownOptions() = default;

    // `file` is for messages only. An error names file, line and key.
    [[nodiscard]] static Result<KnownOptions> parse(std::string_view text, std::string_view file);

    // For options_for() and is_option().
    [[nodiscard]] const std::vector<std::string> &both_spellings() const noexcept {
        return both_spellings_;
    }

    // One message for each key that nothing reads although it was meant for the initrd, in the
    // order of the line. `declared`: the options of all plugins. Values are never part of a
    // message.
    [[nodiscard]] std::vector<std::string> report(const KernelCommandLine &line,
                                                  std::span<const OptionSpec> declared) const;

private:
    [[nodiscard]] std::string message(const CommandLineWord &word,
                                      std::span<const OptionSpec> declared) const;
    [[nodiscard]] std::string unknown_message(const CommandLineWord &word,
                                              std::span<const OptionSpec> declared) const;
    [[nodiscard]] bool is_foreign(const CommandLineWord &word) const;

    std::vector<std::string> both_spellings_;                      // as written
    std::vector<std::string> foreign_;                             // with '_' for '-'
    std::vector<std::pair<std::string, std::string>> unsupported_; // pattern with '_' for '-', note
};

} // namespace slipway
