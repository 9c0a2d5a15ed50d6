// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/key_device.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <format>

#include "base/text.h"
#include "luks/key_trials.h"

namespace slipway::luks {

namespace {

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string why_unreadable(const Error &error) {
    if (error.code() == EFBIG)
        return std::format("it is longer than {} bytes; say which of them are the key with "
                           "keyfile-offset= and keyfile-size=, or put the file into the image",
                           Secret::kMaxBytes);
    return error.message();
}

} // namespace

sdk::Outcome bring_key(sdk::Context &context, const sdk::Request &request, MediumBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1 || devices.front().devnode().empty())
        return context.fail(std::format("unit {} needs exactly one device, and has {}",
                                        request.unit(), devices.size()));
    const sdk::Pairs params = request.params();
    const std::string name(params.get("name"));
    const std::string title = printable(name.empty() ? request.key() : name, 140);
    if (!name.empty() && backend.has_mapping(name))
        return context.done(title + " is unlocked already");
    const Medium medium{devices.front().devnode(), std::string(devices.front().fact("fs_type")),
                        std::string(params.get("path"))};
    const std::string place =
        medium.path.empty() ? medium.devnode
                            : std::format("{} on {}", printable(medium.path, 300), medium.devnode);
    context.progress("reading " + place);
    const auto key =
        backend.read_key(medium, number_of(params.get("offset")), number_of(params.get("size")));
    if (!key)
        return context.fail(
            std::format("the key of {}, {}, cannot be used: {}; type the passphrase "
                        "instead",
                        title, place, why_unreadable(key.error())));
    if (key->size() == 0)
        return context.fail(
            std::format("the key of {}, {}, is empty; type the passphrase instead", title, place));
    if (const int code = context.answer(question_id(request.key()), key->view()); code != 0)
        return context.fail(std::format("the key of {} was read, but cannot be handed over: {}",
                                        title, std::strerror(code)));
    return context.done(std::format("key of {} read from {}", title, place));
}

} // namespace slipway::luks
