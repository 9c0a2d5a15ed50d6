// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/unlock.h"

#include <cstring>
#include <format>
#include <utility>

#include "base/text.h"
#include "luks/crypt_options.h"
#include "luks/crypttab.h"
#include "luks/import_volumes.h"
#include "luks/key_trials.h"
#include "luks/place.h"
#include "luks/volumes.h"

namespace slipway::luks {

using sdk::Outcome;

namespace {

class Unlocking {
public:
    Unlocking(sdk::Context &context, const sdk::Request &request, CryptBackend &backend)
        : context_(context), request_(request), backend_(backend) {}

    Outcome run();

private:
    [[nodiscard]] std::string refusal() const;
    void read_params();
    [[nodiscard]] std::string load();
    [[nodiscard]] std::string load_modules();
    [[nodiscard]] std::string load_integrity();
    [[nodiscard]] Outcome open_volume();

    sdk::Context &context_;
    const sdk::Request &request_;
    CryptBackend &backend_;
    KeyTrials::Volume volume_;
};

// rd.auto= starts every volume there is, and knows nothing of the options that narrow that.
std::string Unlocking::refusal() const {
    const LuksCommandLine line = command_line_of(request_);
    if (!line.is_enabled)
        return "switched off by rd.luks=0";
    const bool is_named = request_.params().has("named");
    if (!is_named && line.is_automatic && line.names_volumes())
        return "the kernel command line names other volumes";
    return {};
}

// Complaints about options were logged when they were imported.
void Unlocking::read_params() {
    const sdk::Pairs params = request_.params();
    const sdk::Device device = request_.devices().front();
    volume_.key = request_.key();
    volume_.devnode = device.devnode();
    volume_.keyfile = params.get("keyfile");
    std::string options(params.get("options"));
    // rd.auto= starts volumes that no importer wrote down; what is said of all holds for them too.
    if (!params.has("named")) {
        const LuksCommandLine line = command_line_of(request_);
        const std::string &key = line.keyfiles.of(volume_.key);
        const auto place = parse_place(key);
        if (volume_.keyfile.empty() && place && place->device.empty())
            volume_.keyfile = place->path;
        else if (place && !place->device.empty()) // no importer wrote the unit that brings it
            context_.log(sdk::LogLevel::warning,
                         std::format("rd.luks.key={} is ignored for {}: only a volume that is "
                                     "named gets a key from a device; name it with rd.luks.uuid=",
                                     printable(key, 200), printable(volume_.key, 140)));
        if (options.empty())
            options = options_of(line, volume_.key, "");
    }
    read_crypt_options(options, volume_.options);
    std::string name(params.get("name"));
    if (name.empty())
        name = "luks-" + std::string(device.fact("fs_uuid"));
    volume_.mapping = {.name = std::move(name),
                       .discard = volume_.options.discard,
                       .read_only = volume_.options.read_only,
                       .no_read_workqueue = volume_.options.no_read_workqueue,
                       .no_write_workqueue = volume_.options.no_write_workqueue,
                       .same_cpu_crypt = volume_.options.same_cpu_crypt,
                       .submit_from_crypt_cpus = volume_.options.submit_from_crypt_cpus,
                       .key_slot = volume_.options.key_slot};
}

Outcome Unlocking::run() {
    if (const std::string why = refusal(); !why.empty())
        return context_.fail(std::format("{} is not unlocked: {}", request_.unit(), why));
    const auto devices = request_.devices();
    if (devices.size() != 1 || devices.front().devnode().empty())
        return context_.fail(std::format("unit {} needs exactly one device, and has {}",
                                         request_.unit(), devices.size()));
    read_params();
    if (!is_mapping_name(volume_.mapping.name))
        return context_.fail(std::format("\"{}\" cannot be the name of a mapping; use 1 to 127 "
                                         "characters without '/'",
                                         printable(volume_.mapping.name, 140)));
    for (const auto step :
         {&Unlocking::load_modules, &Unlocking::load, &Unlocking::load_integrity}) {
        if (const std::string why = (this->*step)(); !why.empty())
            return context_.fail(std::format("{}: {}", volume_.label(), why));
    }
    return open_volume();
}

// "" or why it does not go on; so for the two below.
std::string Unlocking::load_modules() {
    // The unit modules@luks has loaded these, and the usual cipher; the kernel asks modprobe for
    // others.
    const int code = context_.load_modules({"dm_mod", "dm_crypt"});
    return code == 0 ? std::string()
                     : std::format("the kernel module dm_crypt cannot be loaded: {}; rebuild the "
                                   "image with it",
                                   std::strerror(code));
}

std::string Unlocking::load() {
    if (volume_.options.is_plain) {
        const auto loaded =
            backend_.load_plain(volume_.devnode, plain_cipher_of(volume_.options, false));
        return loaded ? std::string()
                      : loaded.error().message() + "; check cipher=, size= and sector-size= in "
                                                   "/etc/crypttab";
    }
    const sdk::Pairs params = request_.params();
    const std::string header(params.get("header"));
    const auto loaded = backend_.load(volume_.devnode, header);
    if (loaded)
        return {};
    const std::string_view place = header.empty()               ? std::string_view(volume_.devnode)
                                   : params.has("header_place") ? params.get("header_place")
                                                                : std::string_view(header);
    return std::format("{}; {}", loaded.error().message(), unreadable_header_remedy(place));
}

std::string Unlocking::load_integrity() {
    const std::string integrity = volume_.options.is_plain ? std::string() : backend_.integrity();
    if (integrity.empty())
        return {};
    // A hash and a cipher become one by authenc; ciphers that authenticate need none.
    (void)context_.load_modules({"authenc"});
    const int code = context_.load_modules({"dm_integrity"});
    return code == 0 ? std::string()
                     : std::format("its data is protected by {}, and the kernel module "
                                   "dm_integrity cannot be loaded: {}; rebuild the image with it",
                                   printable(integrity, 60), std::strerror(code));
}

Outcome Unlocking::open_volume() {
    switch (backend_.state_of(volume_.mapping.name)) {
    case MappingState::active:
        return context_.done("unlocked already");
    case MappingState::taken_by_another:
        return context_.fail(
            std::format("{}: a device named {} exists already; give this volume another "
                        "name in /etc/crypttab or with rd.luks.name=",
                        volume_.label(), volume_.mapping.name));
    case MappingState::free:
        break;
    }
    return KeyTrials(context_, backend_, volume_).run();
}

} // namespace

std::string unreadable_header_remedy(std::string_view header) {
    return std::format(
        "its header is damaged, or this is no LUKS volume. From a rescue system, try "
        "cryptsetup repair {0}; if that does not help, put a backup of the header "
        "back with cryptsetup luksHeaderRestore {0} --header-backup-file <file>",
        header);
}

Outcome unlock_volume(sdk::Context &context, const sdk::Request &request, CryptBackend &backend) {
    return Unlocking(context, request, backend).run();
}

} // namespace slipway::luks
