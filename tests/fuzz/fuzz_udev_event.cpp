// SPDX-License-Identifier: LGPL-2.1-or-later
// What udevd says about a device: the path, then KEY=VALUE, each ended by a zero byte or a new
// line.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "device/udev_event.h"
#include "fuzz/input.h"
#include "fuzz/require.h"

namespace {

using namespace slipway;
using fuzz::require;

void check_plain(std::string_view path, std::string_view folder) {
    require(path.starts_with(folder) && path.size() > folder.size(), "it lies below", path);
    const std::string inside = std::string(path) + "/";
    for (const std::string_view part : {"//", "/./", "/../"})
        require(!inside.contains(part), "it has plain parts", path);
}

void check_event(const Uevent &event) {
    check_plain(event.syspath, "/sys/");
    const auto find = [&event](std::string_view key) {
        const auto found = event.facts.find(key);
        return found == event.facts.end() ? std::string() : found->second;
    };
    require(find("initialized") == "1", "udevd's devices are initialized");
    if (const std::string node = find("devnode"); !node.empty())
        check_plain(node, "/dev/");
    for (const std::string &link : split_words(find("links"), "\n"))
        check_plain(link, "/dev/");
    for (const auto &[fact, value] : event.facts)
        require(!fact.empty() && !value.empty() && !value.contains('\0'), "a fact says something",
                fact);
    if (find("ready") == "0")
        require(find("fs_type").empty() && find("links").empty(), "what is not ready has nothing");
}

UdevProperties properties_of(const std::vector<std::string> &words) {
    UdevProperties properties;
    for (const std::string &word : words) {
        const std::size_t equals = word.find('=');
        properties.emplace_back(word.substr(0, equals), equals == std::string::npos
                                                            ? std::string()
                                                            : word.substr(equals + 1));
    }
    return properties;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::string text(fuzz::text_of(data, size));
    std::ranges::replace(text, '\0', '\n');
    auto words = split_words(text, "\n");
    const std::string path = words.empty() ? std::string() : words.front();
    if (!words.empty())
        words.erase(words.begin());
    const auto event = uevent_of_udev(path, properties_of(words));
    if (event) {
        check_event(*event);
    } else {
        const std::string message = event.error().message();
        require(printable(message, message.size()) == message, "an error is printable", message);
    }
    const std::string decoded = decode_udev_text(text);
    require(decoded.size() <= text.size(), "decoding makes nothing longer");
    return 0;
}
