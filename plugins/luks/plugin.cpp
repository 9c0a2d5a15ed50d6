// SPDX-License-Identifier: LGPL-2.1-or-later
#include <slipway/plugin.h>

#include <optional>

#include "luks/header_device.h"
#include "luks/import_volumes.h"
#include "luks/key_device.h"
#include "luks/libcryptsetup_backend.h"
#include "luks/linux_medium_backend.h"
#include "luks/unlock.h"
#include "system/small_file.h"

namespace slipway::luks {

namespace {

constexpr std::size_t kMaxCrypttabBytes = 1U << 20U;

std::optional<std::string> read_crypttab(std::string_view root) {
    return sdk::read_small_file(std::string(root) + "/etc/crypttab", kMaxCrypttabBytes);
}

} // namespace

class LuksPlugin final : public sdk::Plugin {
public:
    sdk::Outcome import(sdk::Context &context, const sdk::Request &request) override {
        return import_volumes(context, request, read_crypttab);
    }

    // Of TPM devices: what has a driver can be used. References find only what says so.
    sdk::Outcome inspect(sdk::Context &context, const sdk::Request &request) override {
        for (const sdk::Device &device : request.devices())
            context.publish(device.syspath(), "ready", "1");
        return sdk::Outcome::done;
    }

    sdk::Outcome activate(sdk::Context &context, const sdk::Request &request) override {
        const auto medium = make_linux_medium_backend();
        if (request.unit().starts_with("luks-key@"))
            return bring_key(context, request, *medium);
        if (request.unit().starts_with("luks-header@"))
            return bring_header(context, request, *medium);
        if (request.unit().starts_with("luks-tpm2@"))
            return context.done("the TPM is there"); // the unit's device is what was waited for
        const auto backend = make_libcryptsetup_backend(
            [&](std::string_view message) { context.log(sdk::LogLevel::debug, message); });
        const sdk::Outcome outcome = unlock_volume(context, request, *backend);
        if (outcome == sdk::Outcome::done)
            forget_header(context, request, *medium);
        return outcome;
    }
};

} // namespace slipway::luks

SLIPWAY_PLUGIN("luks", slipway::luks::LuksPlugin)
