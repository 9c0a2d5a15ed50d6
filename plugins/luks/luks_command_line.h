// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::luks {

// A value with, perhaps, a volume of its own: "<uuid>=value" or "value" for all.
struct PerVolume {
    std::string for_all;
    std::map<std::string, std::string, std::less<>> by_uuid;

    [[nodiscard]] const std::string &of(std::string_view uuid) const {
        const auto found = by_uuid.find(uuid);
        return found == by_uuid.end() ? for_all : found->second;
    }
};

// What the kernel command line says about LUKS volumes. UUIDs are in lower case.
struct LuksCommandLine {
    bool is_enabled = true;            // rd.luks=
    bool reads_crypttab = true;        // rd.luks.crypttab=
    bool is_automatic = false;         // rd.auto=: all volumes there are
    std::vector<std::string> uuids;    // in order, without duplicates
    std::vector<std::string> prefixes; // beginnings of UUIDs, likewise
    // Debian's cryptopts=: lines that replace crypttab; nothing: the option is absent.
    std::optional<std::vector<std::string>> cryptopts;
    std::map<std::string, std::string, std::less<>> names; // uuid → name
    PerVolume options;                                     // rd.luks.options=
    PerVolume keyfiles;                                    // rd.luks.key=, see place.h
    // … for a volume that is known by this reference (dracut's third part).
    std::map<std::string, std::string, std::less<>> keyfiles_by_device;
    std::string key_timeout; // rd.luks.key.tout=, as a duration; empty: the default
    std::map<std::string, std::string, std::less<>> data; // rd.luks.data=: uuid → device
    bool waits_for_tpm = true;                            // systemd.tpm2_wait=
    bool discards_everywhere = false;
    std::set<std::string, std::less<>> discards; // rd.luks.allow-discards=<uuid>
    std::string timeout;                         // rd.luks.timeout=, as written
    std::vector<std::string> problems;           // words that are refused, with the reason

    [[nodiscard]] bool names_volumes() const noexcept {
        return !uuids.empty() || !prefixes.empty() || has_refused_volume;
    }
    // A volume was named, though in a form that is not supported: crypttab must not fill the gap.
    bool has_refused_volume = false;
};

// Looks up one option; list-valued options hold one value per line. Nothing if it is absent.
using OptionLookup = std::function<const std::string *(std::string_view key)>;

[[nodiscard]] LuksCommandLine parse_luks_command_line(const OptionLookup &option);

// All whole UUIDs that the line says something about.
[[nodiscard]] std::set<std::string, std::less<>> known_uuids(const LuksCommandLine &line);

// 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

// The UUID in a device reference, in lower case; empty if it names the device in another way.
[[nodiscard]] std::string uuid_of_device(std::string_view reference);

} // namespace slipway::luks
