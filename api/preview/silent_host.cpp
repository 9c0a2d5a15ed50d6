// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preview/silent_host.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace slipway {

namespace {

std::string to_string(slipway_text text) {
    return text.size == 0 ? std::string() : std::string(text.data, text.size);
}

} // namespace

SilentHost::SilentHost() {
    table_ = {
        .abi_version = SLIPWAY_ABI_VERSION,
        .struct_size = sizeof(slipway_host),
        .ctx = this,
        .log =
            [](void *ctx, std::uint32_t level, slipway_text message) {
                if (level <= SLIPWAY_LOG_WARNING)
                    self(ctx).complaints.push_back(to_string(message));
            },
        .progress = [](void *, slipway_text) {},
        .reason = [](void *ctx, slipway_text message) { self(ctx).reason = to_string(message); },
        .missing = [](void *, slipway_text) {},
        .publish = [](void *, slipway_text, slipway_text, slipway_text) {},
        .member = [](void *, const slipway_membership *) {},
        .units = [](void *ctx, slipway_text toml) { self(ctx).units.push_back(to_string(toml)); },
        .ask = [](void *, const slipway_question *,
                  slipway_text *) { return SLIPWAY_NOT_ANSWERED; },
        .run =
            [](void *, const char *const *, const slipway_text *, slipway_run_result *result) {
                *result = {.struct_size = sizeof(slipway_run_result),
                           .exit_code = -1,
                           .output = {},
                           .errors = {}};
                return EPERM;
            },
        .load_modules = [](void *, const char *const *, std::size_t) { return EPERM; },
        .acquire = [](void *, slipway_text, std::uint64_t) { return EPERM; },
        .release = [](void *) {},
        .ready = [](void *) {},
        .answer = [](void *, slipway_text, slipway_text) { return EPERM; },
        .answer_source = [](void *) -> std::uint32_t { return SLIPWAY_SOURCE_PERSON; }};
}

} // namespace slipway
