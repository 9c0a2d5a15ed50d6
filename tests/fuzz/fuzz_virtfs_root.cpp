// SPDX-License-Identifier: LGPL-2.1-or-later
// Roots on shared folders, and the words of their mounts. The input is lines "key=value": root,
// types and flags of the command line.
#include <algorithm>
#include <cerrno>
#include <map>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "virtfs/mount_failure.h"
#include "virtfs/mount_words.h"
#include "virtfs/root_choice.h"

namespace {

using namespace slipway;
using namespace slipway::virtfs;
using fuzz::require;

bool is_printable(std::string_view text) {
    return printable(text, text.size()) == text;
}

void check_words(const RootChoice &choice, const std::vector<std::string> &flags) {
    const auto words = read_mount_words(choice.type, flags, std::nullopt);
    if (!words) {
        require(is_printable(words.error().message()), "errors are printable");
        return;
    }
    require(!words->options.empty(), "there is a mode");
    const std::string &mode = words->options.back();
    require(mode == "ro" || mode == "rw", "the mode comes last", mode);
    require(std::ranges::count(words->options, "ro") + std::ranges::count(words->options, "rw") ==
                1,
            "there is one mode");
    const bool speaks_virtio = std::ranges::contains(words->options, "trans=virtio");
    require(choice.type != ShareType::ninep || speaks_virtio, "9p goes over virtio");
    for (const std::string &word : words->options)
        require(is_printable(word), "options are text");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::map<std::string, std::string> said;
    for (const auto &[key, value] : fuzz::pairs_of(fuzz::text_of(data, size)))
        said.emplace(key, value);
    const auto choice =
        choose_root({.root = said["root"], .types = split_words(said["types"], ",")});
    if (!choice) {
        require(is_printable(choice.error().message()), "errors are printable");
        return 0;
    }
    if (!*choice)
        return 0;
    require(!(*choice)->tag.empty() && (*choice)->tag.size() <= 255, "a tag is bounded");
    require(is_printable((*choice)->tag), "a tag is text");
    check_words(**choice, split_words(said["flags"], ","));
    const MountResult refused{.code = EINVAL, .option = said["flags"], .detail = said["root"]};
    require(is_printable(describe({.share = **choice, .result = refused})),
            "failures are printable");
    return 0;
}
