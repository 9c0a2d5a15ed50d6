// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/kernel_cmdline.h"

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <utility>

#include "base/letter_case.h"
#include "base/text.h"

namespace slipway {

namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";
const std::string kBakedInFile = "/etc/cmdline";
const std::string kBakedInDirectory = "/etc/cmdline.d";

// The next word without its quotes; `text` loses it. An empty optional at the end.
std::optional<std::string> take_word(std::string_view &text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty())
        return std::nullopt;
    std::string word;
    bool is_quoted = false;
    std::size_t i = 0;
    for (; i < text.size() && (is_quoted || !kBlanks.contains(text[i])); ++i) {
        if (text[i] == '"')
            is_quoted = !is_quoted;
        else
            word += text[i];
    }
    text.remove_prefix(i);
    return word;
}

std::string without_comments(std::string_view text) {
    std::string kept;
    for (const auto line : text | std::views::split('\n')) {
        const std::string_view view(line);
        const std::size_t first = view.find_first_not_of(kBlanks);
        if (first != std::string_view::npos && view[first] != '#')
            kept.append(view).append("\n");
    }
    return kept;
}

// "scheme://user:password@server/…", "scheme:user:password@server:…": what stands between the
// scheme and the last '@'. Paths and references such as "UUID=…" have no scheme.
std::string without_credentials(const std::string &value) {
    const std::size_t at = value.rfind('@');
    const std::size_t colon = value.find(':');
    if (at == std::string::npos || colon >= at || value.find_first_of("/=") < colon)
        return value;
    const std::size_t begin = value.substr(colon, 3) == "://" ? colon + 3 : colon + 1;
    // "server:/path@x" has no credentials, and "scheme:@server" needs none.
    if (begin >= at || (begin == colon + 1 && value[begin] == '/'))
        return value;
    return value.substr(0, begin) + "***" + value.substr(at);
}

std::string quoted(const std::string &word) {
    const bool needs_quotes = word.empty() || word.find_first_of(kBlanks) != std::string::npos;
    return needs_quotes ? "\"" + word + "\"" : word;
}

// The texts of the image. They need not exist; other errors become problems.
std::vector<std::string> read_baked_in(System &system, std::vector<std::string> &problems) {
    std::vector<std::string> paths = {kBakedInFile};
    if (const auto names = system.list_directory(kBakedInDirectory)) {
        for (const std::string &name : *names) {
            if (name.ends_with(".conf"))
                paths.push_back(kBakedInDirectory + "/" + name);
        }
    }
    std::vector<std::string> texts;
    for (const std::string &path : paths) {
        auto text = system.read_file(path, KernelCommandLine::kMaxBytes);
        if (text)
            texts.push_back(std::move(*text));
        else if (text.error().code() != ENOENT)
            problems.push_back("options of the image are left out: " + text.error().message());
    }
    return texts;
}

} // namespace

std::string redacted_value(const std::string &key, const std::string &value) {
    const std::string name = lower_case(key);
    if (name.contains("pass") || name.contains("secret"))
        return "***";
    if (name.contains("credential"))
        return value.substr(0, value.find(':')) + ":***";
    return without_credentials(value);
}

bool is_same_key(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(
        left, right, [](char a, char b) { return (a == '-' ? '_' : a) == (b == '-' ? '_' : b); });
}

KernelCommandLine KernelCommandLine::parse(std::string_view text) {
    KernelCommandLine line;
    line.add(text);
    return line;
}

KernelCommandLine KernelCommandLine::parse(const std::vector<std::string> &baked_in,
                                           std::string_view text) {
    KernelCommandLine booted = parse(text);
    if (baked_in.empty() || booted.flag("rd.hostonly") == false)
        return booted;
    KernelCommandLine line;
    for (const std::string &source : baked_in)
        line.add(without_comments(source));
    // The image has no say in the arguments of the real init.
    line.init_arguments_.clear();
    line.add(text);
    return line;
}

Result<KernelCommandLine> KernelCommandLine::load(System &system) {
    std::vector<std::string> problems;
    const auto baked_in = read_baked_in(system, problems);
    const auto text = system.read_file("/proc/cmdline", kMaxBytes);
    if (!text)
        return std::unexpected(text.error());
    KernelCommandLine line = parse(baked_in, *text);
    std::ranges::move(problems, std::back_inserter(line.problems_));
    return line;
}

void KernelCommandLine::add(std::string_view text) {
    if (text.size() > kMaxBytes)
        problems_.emplace_back("the kernel command line is longer than 65536 bytes; the rest of it "
                               "is ignored");
    text = text.substr(0, kMaxBytes);
    bool is_for_init = false;
    while (auto word = take_word(text)) {
        if (words_.size() + init_arguments_.size() == kMaxWords) {
            problems_.emplace_back("the kernel command line has more than 4096 words; the rest of "
                                   "them is ignored");
            return;
        }
        if (is_for_init) {
            init_arguments_.push_back(std::move(*word));
            continue;
        }
        if (*word == "--") {
            is_for_init = true;
            continue;
        }
        const std::size_t equals = word->find('=');
        CommandLineWord entry{word->substr(0, equals), std::nullopt, words_.size()};
        if (equals != std::string::npos)
            entry.value = word->substr(equals + 1);
        words_.push_back(std::move(entry));
    }
}

const CommandLineWord *KernelCommandLine::find(std::string_view key) const {
    const auto last =
        std::find_if(words_.rbegin(), words_.rend(),
                     [&](const CommandLineWord &word) { return is_same_key(word.key, key); });
    return last == words_.rend() ? nullptr : &*last;
}

const CommandLineWord *KernelCommandLine::find_either(std::string_view plain) const {
    const CommandLineWord *prefixed = find("rd." + std::string(plain));
    return prefixed != nullptr ? prefixed : find(plain);
}

std::vector<const CommandLineWord *> KernelCommandLine::all(std::string_view key) const {
    std::vector<const CommandLineWord *> found;
    for (const CommandLineWord &word : words_) {
        if (is_same_key(word.key, key))
            found.push_back(&word);
    }
    return found;
}

std::optional<std::string> KernelCommandLine::value(std::string_view key) const {
    const CommandLineWord *word = find(key);
    return word == nullptr ? std::nullopt : word->value;
}

std::optional<bool> KernelCommandLine::flag(std::string_view key) const {
    const CommandLineWord *word = find(key);
    if (word == nullptr)
        return std::nullopt;
    return word->value ? parse_boolean(*word->value) : true;
}

std::string KernelCommandLine::redacted() const {
    std::vector<std::string> texts;
    for (const CommandLineWord &word : words_)
        texts.push_back(
            quoted(word.value ? word.key + "=" + redacted_value(word.key, *word.value) : word.key));
    if (!init_arguments_.empty())
        texts.emplace_back("--");
    for (const std::string &argument : init_arguments_)
        texts.push_back(quoted(argument));
    return join(texts, " ");
}

} // namespace slipway
