// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel command line, and what the core and the plugins' declared options make of it.
#include <algorithm>
#include <ranges>
#include <set>

#include "boot/boot_config.h"
#include "boot/kernel_cmdline.h"
#include "boot/known_options.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "fuzz/shipped_units.h"

namespace {

using namespace slipway;
using fuzz::require;

const KnownOptions &known_options() {
    static const KnownOptions kKnown = [] {
        auto parsed = KnownOptions::parse(fuzz::shipped_file("options.toml"), "options.toml");
        require(parsed.has_value(), "the shipped options.toml is sound");
        return *std::move(parsed);
    }();
    return kKnown;
}

std::vector<OptionSpec> declared_options() {
    std::vector<OptionSpec> all;
    for (const PluginSpec &plugin : fuzz::shipped_units().plugins)
        std::ranges::copy(plugin.options, std::back_inserter(all));
    return all;
}

bool is_same_word(const CommandLineWord &left, const CommandLineWord &right) {
    return left.key == right.key && left.value == right.value && left.position == right.position;
}

// Repetition: the last occurrence wins, and all are there in order.
void check_repetition(const KernelCommandLine &line) {
    // Looking for every word is quadratic; more of them show nothing new.
    constexpr std::size_t kChecked = 64;
    std::size_t position = 0;
    for (const CommandLineWord &word : line.words() | std::views::take(kChecked)) {
        require(word.position == position++, "positions count from 0", word.key);
        require(!word.key.contains('='), "a key ends at the first '='", word.key);
        const auto all = line.all(word.key);
        require(std::ranges::is_sorted(all, {}, &CommandLineWord::position), "order is kept",
                word.key);
        require(std::ranges::contains(all, &word), "every occurrence is found", word.key);
        require(line.find(word.key) == all.back(), "the last occurrence wins", word.key);
        require(line.value(word.key) == all.back()->value, "the last value wins", word.key);
    }
}

void check_limits(const KernelCommandLine &line) {
    require(line.words().size() + line.init_arguments().size() <= KernelCommandLine::kMaxWords,
            "the number of words is bounded");
    for (const std::string &problem : line.problems())
        require(!problem.empty(), "a problem has a text");
}

// What is shown says the same as what was read, secrets and quotes apart.
void check_redaction(std::string_view text, const KernelCommandLine &line) {
    const std::string shown = line.redacted();
    if (text.contains('"') || shown.contains("***"))
        return;
    const KernelCommandLine again = KernelCommandLine::parse(shown);
    require(std::ranges::equal(line.words(), again.words(), is_same_word), "words survive", shown);
    require(line.init_arguments() == again.init_arguments(), "init's arguments survive", shown);
    require(again.redacted() == shown, "showing twice changes nothing", shown);
}

void check_secrets(std::string_view text) {
    constexpr std::string_view kSecret = "Geheim7";
    if (text.contains(kSecret))
        return;
    for (const std::string_view form :
         {"rd.iscsi.password=Geheim7 ", "cifspass=Geheim7 ",
          "netroot=iscsi:user:Geheim7@server::: ", "systemd.set_credential=name:Geheim7 "}) {
        const auto line = KernelCommandLine::parse(std::string(form) + std::string(text));
        require(!line.redacted().contains(kSecret), "a secret is not shown", form);
    }
}

void check_config(const KernelCommandLine &line) {
    const BootConfig config = BootConfig::parse(line, line.init_arguments());
    require(config.init_paths.size() >= 3, "there is an init to start");
    for (const std::string &path : config.init_paths)
        require(path.starts_with('/'), "an init has an absolute path", path);
    require(!config.device_timeout || *config.device_timeout > Duration(0), "a limit is a time");
    require(!config.degraded_wait || *config.degraded_wait >= Duration(0), "a wait is a time");
    require(config.failure.delay >= Duration(0), "a delay is a time");
    for (const std::string &name : config.breaks)
        require(!name.empty() && !name.contains(','), "a break is one name", name);
    if (config.debug_terminal)
        require(config.debug_terminal->starts_with("/dev/") &&
                    config.debug_terminal->rfind('/') == 4 && !config.debug_terminal->contains('.'),
                "a terminal is in /dev", *config.debug_terminal);
    for (const std::string &problem : config.problems)
        require(printable(problem, problem.size()) == problem, "a problem is printable", problem);
}

// The declared options of one plugin at a time, as an operation gets them.
void check_options(const KernelCommandLine &line) {
    const auto &both = known_options().both_spellings();
    for (const PluginSpec &plugin : fuzz::shipped_units().plugins) {
        const auto options = options_for(line, plugin.options, both);
        std::set<std::string> keys;
        for (const auto &[key, value] : options) {
            require(keys.insert(key).second, "an option is handed over once", key);
            const auto spec = std::ranges::find(plugin.options, key, &OptionSpec::key);
            require(spec != plugin.options.end(), "a plugin gets its own options only", key);
            const CommandLineWord *last = line.find(key);
            if (last != nullptr && last->value && !spec->list && spec->join.empty())
                require(value == *last->value, "the last occurrence wins", key);
        }
        if (triggers_import(line, plugin.options, both))
            require(!options.empty(), "an import has an option that caused it", plugin.name);
    }
}

void check_report(const KernelCommandLine &line) {
    static const std::vector<OptionSpec> kDeclared = declared_options();
    std::set<std::string> seen;
    for (const std::string &message : known_options().report(line, kDeclared)) {
        require(seen.insert(message).second, "a message is said once", message);
        require(printable(message, message.size()) == message, "a message is printable", message);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const KernelCommandLine line = KernelCommandLine::parse(text);
    check_limits(line);
    check_repetition(line);
    check_redaction(text, line);
    check_secrets(text);
    check_config(line);
    check_options(line);
    // It compares each word with hundreds of patterns, and looks at each alone.
    check_report(KernelCommandLine::parse(text.substr(0, 256)));
    check_limits(KernelCommandLine::parse({std::string(text), "# comment\n"}, text));
    return 0;
}
