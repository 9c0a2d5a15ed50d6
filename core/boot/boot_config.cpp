// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/boot_config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "boot/shell_access.h"

namespace slipway {

namespace {

constexpr std::array<std::string_view, 26> kCoreKeys = {
    "SYSTEMD_SULOGIN_FORCE",
    "break",
    "debug",
    "init",
    "initramfs.runsize",
    "loglevel",
    "panic",
    "quiet",
    "rd.break",
    "rd.debug",
    "rd.emergency",
    "rd.hostonly",
    "rd.info",
    "rd.rescue",
    "rd.retry",
    "rd.shell",
    "rd.slipway.log",
    "rd.systemd.debug_shell",
    "rd.systemd.default_debug_tty",
    "rd.systemd.default_device_timeout_sec",
    "rd.timeout",
    "rootdelay",
    "rootwait",
    "systemd.debug_shell",
    "systemd.default_debug_tty",
    "systemd.default_device_timeout_sec",
};

// In the order of the kernel's own search, without its shell: kernel_init() in init/main.c.
constexpr std::array kDefaultInits = {"/sbin/init", "/etc/init", "/bin/init"};

using Problems = std::vector<std::string>;

std::string text_of(const CommandLineWord &word) {
    return word.value ? word.key + "=" + printable(*word.value, 100) : word.key;
}

// The value as a duration; nothing (and a problem) if it is none. `word` may be nullptr.
std::optional<Duration> duration_of(const CommandLineWord *word, Problems &problems) {
    if (word == nullptr)
        return std::nullopt;
    const auto duration = word->value ? parse_duration(*word->value) : std::nullopt;
    if (!duration)
        problems.push_back(text_of(*word) +
                           ": not a time; ignored. Write seconds, or \"90s\", \"2min\"");
    return duration;
}

std::optional<int> number_of(const CommandLineWord &word) {
    const std::string_view text = word.value ? std::string_view(*word.value) : std::string_view();
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole ? std::optional(number) : std::nullopt;
}

bool flag_of(const KernelCommandLine &line, std::string_view key, bool fallback,
             Problems &problems) {
    const CommandLineWord *word = line.find(key);
    if (word == nullptr)
        return fallback;
    const auto flag = line.flag(key);
    if (!flag)
        problems.push_back(text_of(*word) + ": neither yes nor no; ignored. Write 1 or 0");
    return flag.value_or(fallback);
}

void read_init(const KernelCommandLine &line, std::span<const std::string> arguments,
               BootConfig &config) {
    const auto words = split_words(line.value("init").value_or(""), " \t\n");
    if (!words.empty()) {
        // The kernel would start a relative path from "/".
        config.init_paths.push_back(words[0].starts_with('/') ? words[0] : "/" + words[0]);
        config.init_arguments.assign(words.begin() + 1, words.end());
        config.is_init_named = true;
    }
    for (const char *path : kDefaultInits) {
        if (std::ranges::find(config.init_paths, path) == config.init_paths.end())
            config.init_paths.emplace_back(path);
    }
    config.init_arguments.insert(config.init_arguments.end(), arguments.begin(), arguments.end());
}

// Several words mean nearly the same; together they make one deadline.
void read_device_timeout(const KernelCommandLine &line, BootConfig &config) {
    Problems &problems = config.problems;
    const auto rd_timeout = duration_of(line.find("rd.timeout"), problems);
    const CommandLineWord *systemd = line.find_either("systemd.default_device_timeout_sec");
    const bool is_infinite = systemd != nullptr && systemd->value == "infinity";
    const auto systemd_timeout = is_infinite ? Duration(0) : duration_of(systemd, problems);

    Duration timeout = *config.device_timeout;
    if (rd_timeout && *rd_timeout > Duration(0))
        timeout = *rd_timeout;
    else if (systemd_timeout)
        timeout = *systemd_timeout;

    const auto delay = duration_of(line.find("rootdelay"), problems);
    const auto retry = duration_of(line.find("rd.retry"), problems);
    // Bare: without limit. The kernel knows rootwait=SECONDS as well.
    const CommandLineWord *rootwait = line.find("rootwait");
    const bool waits_forever = rootwait != nullptr && !rootwait->value;
    const auto wait = waits_forever ? std::nullopt : duration_of(rootwait, problems);
    for (const auto &least : {delay, retry, wait})
        timeout = std::max(timeout, least.value_or(Duration(0)));
    if (retry)
        config.degraded_wait = *retry * 2 / 3;

    config.device_timeout = timeout;
    if (waits_forever || rd_timeout == Duration(0) || systemd_timeout == Duration(0))
        config.device_timeout = std::nullopt;
}

// The kernel's loglevel=N shows what is more urgent than N.
std::optional<LogLevel> kernel_level(const CommandLineWord &word, Problems &problems) {
    const auto number = number_of(word);
    if (!number) {
        problems.push_back(text_of(word) + ": not a number; ignored. Write 0 to 7");
        return std::nullopt;
    }
    return static_cast<LogLevel>(std::clamp(*number, static_cast<int>(LogLevel::error) + 1,
                                            static_cast<int>(LogLevel::debug) + 1) -
                                 1);
}

void read_log_level(const KernelCommandLine &line, BootConfig &config) {
    for (const CommandLineWord &word : line.words()) {
        if (is_same_key(word.key, "quiet"))
            config.console_level = LogLevel::warning;
        else if (is_same_key(word.key, "loglevel"))
            config.console_level =
                kernel_level(word, config.problems).value_or(config.console_level);
    }
    const bool is_info = flag_of(line, "rd.info", false, config.problems);
    const bool is_debug = flag_of(line, "rd.debug", false, config.problems);
    if (is_info)
        config.console_level = std::max(config.console_level, LogLevel::info);
    // debug=FILE is Debian's; it says "debug" whatever its value.
    if (line.find("debug") != nullptr || is_debug)
        config.console_level = LogLevel::debug;
    config.shows_log = is_info || is_debug;
    config.log_levels = LogLevels(std::max(config.console_level, LogLevel::info));
    config.log_levels.read(line, config.problems);
}

std::optional<FailurePolicy::Action> action_of(std::string_view text) {
    using enum FailurePolicy::Action;
    if (text == "poweroff")
        return power_off;
    if (text == "reboot")
        return reboot;
    if (text == "halt")
        return halt;
    return std::nullopt;
}

// panic= as Debian's initramfs-tools reads it (a security switch): initramfs-tools(7).
void apply_panic(const CommandLineWord &word, FailurePolicy &failure) {
    failure.is_shell_allowed = false;
    const int seconds = number_of(word).value_or(0);
    failure.action = seconds == 0 ? FailurePolicy::Action::halt : FailurePolicy::Action::reboot;
    failure.delay = std::chrono::seconds(std::max(seconds, 0));
}

// rd.emergency is a boolean in one dialect and names an action in another one.
void apply_emergency(const CommandLineWord &word, BootConfig &config) {
    if (const auto action = action_of(word.value.value_or(""))) {
        config.failure.action = *action;
        config.failure.delay = Duration(0);
        config.failure.after_shell = action;
        return;
    }
    const auto flag = word.value ? parse_boolean(*word.value) : true;
    if (!flag)
        config.problems.push_back(text_of(word) + ": ignored. Write reboot, poweroff or halt");
    config.is_shell_requested = flag.value_or(false);
}

void read_failure_policy(const KernelCommandLine &line, BootConfig &config) {
    // The strictest statement wins: a shell is allowed only if nobody objects.
    config.failure.is_shell_allowed = flag_of(line, "rd.shell", true, config.problems);
    config.failure.is_shell_forced = flag_of(line, "SYSTEMD_SULOGIN_FORCE", false, config.problems);
    if (const CommandLineWord *panic = line.find("panic"))
        apply_panic(*panic, config.failure);
    if (const CommandLineWord *emergency = line.find("rd.emergency"))
        apply_emergency(*emergency, config);
    if (flag_of(line, "rd.rescue", false, config.problems))
        config.is_shell_requested = true;
}

// dracut's and initramfs-tools' words; where they mean the same, the points have both names. The
// bare words mean different points.
void read_breaks(const KernelCommandLine &line, BootConfig &config) {
    for (const CommandLineWord &word : line.words()) {
        const bool is_dracut = is_same_key(word.key, "rd.break");
        if (!is_dracut && !is_same_key(word.key, "break"))
            continue;
        auto names = split_words(word.value.value_or(""), ",");
        if (names.empty())
            names.emplace_back(is_dracut ? "cleanup" : "premount");
        for (std::string &name : names) {
            if (!std::ranges::contains(config.breaks, name))
                config.breaks.push_back(std::move(name));
        }
    }
}

bool allows(const OptionSpec &option, const CommandLineWord &word) {
    return word.value || option.bare;
}

// The occurrences that count, in order.
std::vector<std::string> occurrences(const KernelCommandLine &line, const OptionSpec &option,
                                     std::span<const std::string> both_spellings) {
    const bool counts_all = option.list || !option.join.empty();
    std::vector<std::string> values;
    bool has_prefixed = false;
    for (const CommandLineWord &word : line.words()) {
        if (!is_option(option, word.key, both_spellings) || !allows(option, word))
            continue;
        const bool is_as_declared = is_same_key(word.key, option.key);
        if (!counts_all && (is_as_declared || !has_prefixed))
            values.clear();
        else if (!counts_all)
            continue;
        has_prefixed = has_prefixed || is_as_declared;
        values.push_back(word.value.value_or(""));
    }
    return values;
}

// Where the option stands last; of use only if it stands somewhere.
std::size_t last_position(const KernelCommandLine &line, const OptionSpec &option,
                          std::span<const std::string> both_spellings) {
    std::size_t position = 0;
    for (const CommandLineWord &word : line.words()) {
        if (is_option(option, word.key, both_spellings))
            position = word.position;
    }
    return position;
}

// Unlike join(), keeps empty values.
std::string join_values(const std::vector<std::string> &values, std::string_view separator) {
    std::string text = values.front();
    for (const std::string &value : std::span(values).subspan(1))
        text.append(separator).append(value);
    return text;
}

} // namespace

BootConfig BootConfig::parse(const KernelCommandLine &line,
                             std::span<const std::string> arguments) {
    BootConfig config;
    read_init(line, arguments, config);
    read_device_timeout(line, config);
    read_log_level(line, config);
    read_failure_policy(line, config);
    read_breaks(line, config);
    config.debug_terminal = debug_shell_terminal(line, config.problems);
    config.run_size = line.value("initramfs.runsize");
    return config;
}

std::span<const std::string_view> core_option_keys() {
    return kCoreKeys;
}

bool is_option(const OptionSpec &option, std::string_view key,
               std::span<const std::string> both_spellings) {
    if (is_same_key(option.key, key))
        return true;
    constexpr std::string_view kPrefix = "rd.";
    if (!option.key.starts_with(kPrefix))
        return false;
    const std::string plain = option.key.substr(kPrefix.size());
    if (!is_same_key(plain, key))
        return false;
    bool is_both = false;
    for (const std::string_view pattern : both_spellings) {
        if (pattern.starts_with('!') && is_same_key(pattern.substr(1), plain))
            return false;
        is_both = is_both || matches_pattern(pattern, plain);
    }
    return is_both;
}

std::vector<std::pair<std::string, std::string>>
options_for(const KernelCommandLine &line, std::span<const OptionSpec> declared,
            std::span<const std::string> both_spellings) {
    std::vector<std::pair<std::size_t, std::pair<std::string, std::string>>> placed;
    for (const OptionSpec &option : declared) {
        const auto values = occurrences(line, option, both_spellings);
        if (values.empty())
            continue;
        placed.emplace_back(
            last_position(line, option, both_spellings),
            std::pair(option.key, join_values(values, option.join.empty() ? "\n" : option.join)));
    }
    std::ranges::stable_sort(placed, {}, &decltype(placed)::value_type::first);
    std::vector<std::pair<std::string, std::string>> options;
    for (auto &[position, option] : placed)
        options.push_back(std::move(option));
    return options;
}

bool triggers_import(const KernelCommandLine &line, std::span<const OptionSpec> declared,
                     std::span<const std::string> both_spellings) {
    return std::ranges::any_of(declared, [&](const OptionSpec &option) {
        return option.import && !occurrences(line, option, both_spellings).empty();
    });
}

} // namespace slipway
