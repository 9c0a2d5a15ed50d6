// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/system.h"

namespace slipway {

struct CommandLineWord {
    std::string key;
    std::optional<std::string> value; // nothing: the word has no '='
    std::size_t position = 0;         // among all words, from 0
};

// The kernel command line, split once into an immutable table; nobody else reads /proc/cmdline.
// Blanks separate words; a stretch in double quotes stays one word and loses the quotes; an
// unbalanced quote reaches to the end; a backslash is an ordinary character. In keys, '-' and '_'
// are the same. After a word "--" nothing is an option any more: the rest are arguments for the
// real init.
class KernelCommandLine {
public:
    // Of one source; what goes beyond is dropped (the kernel's own limit is 2 to 4 KiB).
    static constexpr std::size_t kMaxBytes = 65536;
    // Of all sources together.
    static constexpr std::size_t kMaxWords = 4096;

    KernelCommandLine() = default;

    [[nodiscard]] static KernelCommandLine parse(std::string_view text);

    // `baked_in`: the texts of the image, lowest priority first; lines that begin with '#' are
    // comments. They stand before `text`, unless that says rd.hostonly=0.
    [[nodiscard]] static KernelCommandLine parse(const std::vector<std::string> &baked_in,
                                                 std::string_view text);

    // Reads /etc/cmdline, /etc/cmdline.d/*.conf (by name) and /proc/cmdline. The files of the image
    // may be missing; one that cannot be read is left out, and is one of the problems().
    [[nodiscard]] static Result<KernelCommandLine> load(System &system);

    [[nodiscard]] const std::vector<CommandLineWord> &words() const noexcept { return words_; }

    // The last occurrence, or nullptr. Valid as long as this object.
    [[nodiscard]] const CommandLineWord *find(std::string_view key) const;
    // The same for a key that may be written with and without "rd." in front: the prefixed form
    // wins. `plain` is the form without it.
    [[nodiscard]] const CommandLineWord *find_either(std::string_view plain) const;
    // Every occurrence, in order.
    [[nodiscard]] std::vector<const CommandLineWord *> all(std::string_view key) const;

    // The last occurrence's value; nothing if there is none or if it has no '='.
    [[nodiscard]] std::optional<std::string> value(std::string_view key) const;
    // The last occurrence as a boolean: the word alone is true. Nothing if there is none, or if its
    // value is no boolean.
    [[nodiscard]] std::optional<bool> flag(std::string_view key) const;

    // The words after "--".
    [[nodiscard]] const std::vector<std::string> &init_arguments() const noexcept {
        return init_arguments_;
    }

    // What was dropped because of the limits, and what could not be read. For the log.
    [[nodiscard]] const std::vector<std::string> &problems() const noexcept { return problems_; }

    // The whole line for logs and reports, with secrets replaced by "***". Parsing it again gives
    // the same words, secrets and the character '"' apart.
    [[nodiscard]] std::string redacted() const;

private:
    void add(std::string_view text);

    std::vector<CommandLineWord> words_;
    std::vector<std::string> init_arguments_;
    std::vector<std::string> problems_;
};

// The value of an option as it may be shown: passwords, also those in URLs, are "***".
[[nodiscard]] std::string redacted_value(const std::string &key, const std::string &value);

// "rd.some-key" and "rd.some_key" are the same key.
[[nodiscard]] bool is_same_key(std::string_view left, std::string_view right) noexcept;

} // namespace slipway
