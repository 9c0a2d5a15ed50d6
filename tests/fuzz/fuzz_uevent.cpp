// SPDX-License-Identifier: LGPL-2.1-or-later
// A datagram of the kernel about a device.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "device/uevent.h"
#include "fuzz/input.h"
#include "fuzz/require.h"

namespace {

using namespace slipway;
using fuzz::require;

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (char &c : upper)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
}

// The kernel's key and value for a fact.
std::string assignment_of(std::string_view fact, const std::string &value) {
    constexpr std::string_view kPrefix = "uevent.";
    if (fact.starts_with(kPrefix))
        return std::string(fact.substr(kPrefix.size())) + "=" + value;
    if (fact == "devnode")
        return "DEVNAME=" + value.substr(std::string_view("/dev/").size());
    if (fact == "partuuid_kernel")
        return "PARTUUID=" + value;
    return upper_case(fact) + "=" + value;
}

void check_path(std::string_view path, std::string_view folder) {
    require(path.starts_with(folder) && path.size() > folder.size(), "it lies below", path);
    const std::string inside = std::string(path) + "/";
    for (const std::string_view part : {"//", "/./", "/../"})
        require(!inside.contains(part), "it has plain parts", path);
}

void check_event(const Uevent &event) {
    check_path(event.syspath, "/sys/");
    require(event.facts.contains("subsystem") && event.facts.contains("action"), "both are known");
    require(event.facts.size() <= kMaxUeventKeys, "facts are bounded");
    if (const auto node = event.facts.find("devnode"); node != event.facts.end())
        check_path(node->second, "/dev/");
    std::string message = event.facts.at("action") + "@" + event.syspath.substr(4);
    for (const auto &[fact, value] : event.facts) {
        require(!value.contains('\0'), "a fact is a text", fact);
        message += '\0' + assignment_of(fact, value);
    }
    const auto again = parse_uevent(message);
    require(again.has_value(), "what was read can be said again",
            again ? "" : again.error().message());
    require(again->facts == event.facts && again->syspath == event.syspath &&
                again->action == event.action && again->sequence == event.sequence,
            "and means the same", event.syspath);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto event = parse_uevent(fuzz::text_of(data, size));
    if (event) {
        check_event(*event);
    } else {
        const std::string message = event.error().message();
        require(printable(message, message.size()) == message, "an error is printable", message);
    }
    return 0;
}
