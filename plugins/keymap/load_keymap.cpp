// SPDX-License-Identifier: LGPL-2.1-or-later
#include "keymap/load_keymap.h"

#include <unistd.h>

#include <array>
#include <format>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "base/text.h"
#include "keymap/keymap_choice.h"

namespace slipway::keymap {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

constexpr const char *kLoadkeys = "/usr/bin/loadkeys";
constexpr const char *kConsole = "/dev/tty0"; // the maps of the kernel are those of all of them
constexpr const char *kSettings = "/etc/vconsole.conf";
// For the two ways of what the key above Enter sends; there is one.
constexpr std::array kCached = {"/etc/console-setup/cached_UTF-8_del.kmap.gz",
                                "/etc/console-setup/cached_UTF-8_bs.kmap.gz"};

std::string read_file(const std::string &path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::string> option(const sdk::Request &request, std::string_view key) {
    const auto value = request.options().find(key);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

CommandLine command_line_of(const sdk::Request &request) {
    CommandLine line;
    line.keymap = option(request, "rd.vconsole.keymap");
    if (!line.keymap)
        line.keymap = option(request, "KEYMAP");
    line.toggle = option(request, "rd.vconsole.keymap_toggle");
    line.extra = option(request, "rd.vconsole.keymap.ext");
    return line;
}

std::string cached_map(const std::string &root) {
    for (const char *path : kCached) {
        if (::access((root + path).c_str(), R_OK) == 0)
            return path;
    }
    return {};
}

} // namespace

Outcome load_keymap(sdk::Context &context, const sdk::Request &request, const std::string &root) {
    if (::access((root + kConsole).c_str(), F_OK) != 0)
        return context.done("this machine has no virtual console");
    const ConsoleSettings settings = parse_console_settings(read_file(root + kSettings));
    if (!settings.font.empty())
        context.log(LogLevel::debug, "the font of the consoles is left to the host");
    const Choice choice = choose_maps(settings, command_line_of(request), cached_map(root));
    for (const std::string &problem : choice.problems)
        context.log(LogLevel::warning, problem);
    if (choice.maps.empty())
        return context.done("the keyboard map of the kernel stays");
    std::vector<std::string> words = {kLoadkeys, "-q", "-u", "-C", kConsole};
    words.insert(words.end(), choice.maps.begin(), choice.maps.end());
    const sdk::RunResult result = context.run(words);
    const std::string names = join(choice.maps, " ");
    if (result.is_success())
        return context.done("loaded " + names);
    return context.fail(std::format(
        "the keyboard map {} cannot be loaded: {}; the keys are those of the kernel's map (US); "
        "check KEYMAP= in /etc/vconsole.conf or rd.vconsole.keymap=, and rebuild the image",
        names, printable(result.errors, 300)));
}

} // namespace slipway::keymap
