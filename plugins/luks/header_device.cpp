// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/header_device.h"

#include <cerrno>
#include <format>

#include "base/text.h"

namespace slipway::luks {

namespace {

std::string why_unreadable(const Error &error) {
    if (error.code() == EFBIG)
        return std::format("it is larger than {} MiB; is it a LUKS header?",
                           MediumBackend::kMaxHeaderBytes >> 20U);
    return error.message();
}

} // namespace

std::string header_copy_of(std::string_view key) {
    return "/run/slipway/luks-headers/" + std::string(key);
}

sdk::Outcome bring_header(sdk::Context &context, const sdk::Request &request,
                          MediumBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1 || devices.front().devnode().empty())
        return context.fail(std::format("unit {} needs exactly one device, and has {}",
                                        request.unit(), devices.size()));
    const Medium medium{devices.front().devnode(), std::string(devices.front().fact("fs_type")),
                        std::string(request.params().get("path"))};
    const std::string place =
        medium.path.empty() ? medium.devnode
                            : std::format("{} on {}", printable(medium.path, 300), medium.devnode);
    context.progress("fetching the LUKS header, " + place);
    const std::string copy = header_copy_of(request.key());
    const auto result =
        medium.path.empty() ? backend.link(medium.devnode, copy) : backend.copy_file(medium, copy);
    if (!result)
        return context.fail(std::format("the LUKS header of {}, {}, cannot be used: {}; check "
                                        "header= in /etc/crypttab or rd.luks.options=",
                                        printable(request.key(), 140), place,
                                        why_unreadable(result.error())));
    return context.done("LUKS header found, " + place);
}

void forget_header(sdk::Context &context, const sdk::Request &request, MediumBackend &backend) {
    const std::string copy = header_copy_of(request.key());
    if (request.params().get("header") != copy)
        return;
    if (const auto removed = backend.remove(copy); !removed)
        context.log(sdk::LogLevel::warning, removed.error().message());
}

} // namespace slipway::luks
