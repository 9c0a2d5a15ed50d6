// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/engine_setup.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "engine/jitter.h"

namespace slipway {

namespace {

constexpr std::uint64_t kLeastMemory = 64U << 10U; // KiB

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole ? std::optional(number) : std::nullopt;
}

// "MemAvailable:    1234 kB": proc_meminfo(5).
std::optional<std::uint64_t> available_memory(std::string_view meminfo) {
    constexpr std::string_view kKey = "MemAvailable:";
    const std::size_t begin = meminfo.find(kKey);
    if (begin == std::string_view::npos)
        return std::nullopt;
    const std::string_view line = meminfo.substr(begin, meminfo.find('\n', begin) - begin);
    const auto words = split_words(line);
    return words.size() == 3 ? number_of(words[1]) : std::nullopt;
}

// "0-3,6": the kernel's lists of CPUs.
std::optional<std::uint64_t> count_cpus(std::string_view list) {
    std::uint64_t count = 0;
    for (const std::string &range : split_words(list, ",\n")) {
        const std::size_t dash = range.find('-');
        const auto first = number_of(std::string_view(range).substr(0, dash));
        const auto last =
            dash == std::string::npos ? first : number_of(std::string_view(range).substr(dash + 1));
        if (!first || !last || *last < *first)
            return std::nullopt;
        count += *last - *first + 1;
    }
    return count > 0 ? std::optional(count) : std::nullopt;
}

// Of lists, each line on its own.
std::string redacted_lines(const std::string &key, std::string_view values) {
    std::string lines;
    while (true) {
        const std::size_t end = std::min(values.find('\n'), values.size());
        lines += redacted_value(key, std::string(values.substr(0, end)));
        if (end == values.size())
            return lines;
        lines += '\n';
        values.remove_prefix(end + 1);
    }
}

bool stands_bare(const KernelCommandLine &line, const OptionSpec &option,
                 const std::vector<std::string> &both_spellings) {
    const auto &words = line.words();
    const auto last = std::find_if(words.rbegin(), words.rend(), [&](const auto &word) {
        return is_option(option, word.key, both_spellings);
    });
    return last != words.rend() && !last->value;
}

} // namespace

std::map<std::string, std::string, std::less<>>
engine_options(const KernelCommandLine &line, const std::vector<PluginSpec> &plugins,
               const std::vector<std::string> &both_spellings) {
    std::map<std::string, std::string, std::less<>> options;
    for (const std::string_view key : core_option_keys()) {
        if (const CommandLineWord *word = line.find(key))
            options.emplace(key, redacted_value(word->key, word->value.value_or("1")));
    }
    for (const PluginSpec &plugin : plugins) {
        for (const auto &[key, value] : options_for(line, plugin.options, both_spellings)) {
            const auto option = std::ranges::find(plugin.options, key, &OptionSpec::key);
            const bool is_bare = value.empty() && stands_bare(line, *option, both_spellings);
            options.insert_or_assign(key, is_bare ? "1" : redacted_lines(key, value));
        }
    }
    return options;
}

std::map<std::string, std::uint64_t, std::less<>> measure_resources(System &system) {
    std::map<std::string, std::uint64_t, std::less<>> resources;
    if (const auto meminfo = system.read_file("/proc/meminfo")) {
        if (const auto available = available_memory(*meminfo))
            resources.emplace("memory", std::max(*available / 4 * 3, kLeastMemory));
    }
    if (const auto online = system.read_file("/sys/devices/system/cpu/online")) {
        if (const auto count = count_cpus(*online))
            resources.emplace("cpu", *count);
    }
    return resources;
}

std::uint64_t random_seed(System &system) {
    const auto boot_id = system.read_file("/proc/sys/kernel/random/boot_id");
    return boot_id ? seed_of(*boot_id) : 0;
}

} // namespace slipway
