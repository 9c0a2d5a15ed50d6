// SPDX-License-Identifier: LGPL-2.1-or-later
// What udevadm prints about a network interface, with what devices and the host's rules put into
// it; as a second part its messages, as a third a value of net.ifname_policy=.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "net/lease_text.h"
#include "net/naming_policy.h"
#include "net/udevadm_output.h"

namespace {

using namespace slipway;
using namespace slipway::net;
using fuzz::require;

void require_printable(const std::string &message) {
    require(printable(message, message.size()) == message, "messages are printable", message);
}

void check_name(std::string_view output) {
    const auto name = parse_udevadm_test(output);
    if (!name)
        return require_printable(name.error().message());
    require(is_interface_name(*name), "an interface can have the name", *name);
    require(output.contains(*name), "the name is one that was printed", *name);
}

void check_policy(std::string_view value) {
    const auto file = link_file_of_policy(value);
    if (!file)
        return require_printable(file.error().message());
    require(file->name.ends_with(".link") && !file->name.contains('/'), "the file is a .link file",
            file->name);
    require(std::ranges::count(file->text, '[') == 2, "no value forges a section", file->text);
    require(std::ranges::count(file->text, '=') <= 4, "no value forges a setting", file->text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
    check_name(parts[0]);
    if (parts.size() > 1)
        require_printable(udevadm_reason(parts[1]));
    if (parts.size() > 2)
        check_policy(parts[2].substr(0, parts[2].find_last_not_of('\n') + 1));
    return 0;
}
