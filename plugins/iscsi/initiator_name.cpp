// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/initiator_name.h"

#include <algorithm>
#include <format>

#include "base/settings.h"
#include "base/text.h"
#include "iscsi/target.h"

namespace slipway::iscsi {

namespace {

using Source = InitiatorName::Source;

constexpr std::string_view kPrefix = "iqn.2026-01.org.slipway:";

// 36 characters of an UUID; firmware that has none shows zeros, or ones, or text.
std::string uuid_of(const std::optional<std::string> &text) {
    if (!text)
        return {};
    std::string uuid(trimmed(std::string_view(*text).substr(0, text->find('\n'))));
    std::ranges::transform(uuid, uuid.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const bool is_uuid = uuid.size() == 36 && std::ranges::all_of(uuid, [](char c) {
                             return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                         });
    const auto only = [&](char digit) {
        return std::ranges::all_of(uuid, [=](char c) { return c == '-' || c == digit; });
    };
    return is_uuid && !only('0') && !only('f') ? uuid : std::string();
}

std::string generate(const FileReader &read_file) {
    std::string id = uuid_of(read_file("/sys/class/dmi/id/product_uuid"));
    if (id.empty())
        id = uuid_of(read_file("/proc/sys/kernel/random/uuid"));
    return std::string(kPrefix) + (id.empty() ? "initrd" : id);
}

} // namespace

InitiatorName choose_initiator_name(std::string_view command_line, std::string_view firmware,
                                    const FileReader &read_file) {
    if (!command_line.empty())
        return {std::string(command_line), Source::command_line, {}};
    if (!firmware.empty())
        return {std::string(firmware), Source::firmware, {}};
    std::string problem;
    if (const auto text = read_file(kHostInitiatorFile)) {
        std::string name = setting_of(*text, "InitiatorName");
        const auto good = check_target_name(name);
        if (!name.empty() && good)
            return {std::move(name), Source::file, {}};
        problem = name.empty() ? std::format("{} names no initiator", kHostInitiatorFile)
                               : std::format("{}: {}", kHostInitiatorFile, good.error().message());
    }
    return {generate(read_file), Source::generated, std::move(problem)};
}

} // namespace slipway::iscsi
