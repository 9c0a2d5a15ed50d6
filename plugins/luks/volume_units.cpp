// SPDX-License-Identifier: LGPL-2.1-or-later
#include "luks/volume_units.h"

#include <slipway/toml.h>

#include <utility>

#include "base/text.h"
#include "luks/header_device.h"

namespace slipway::luks {

namespace {

using sdk::toml_string;

const std::string &title_of(const Volume &volume) {
    return volume.name.empty() ? volume.key : volume.name;
}

// One [[unit]]. Values that are empty are left out.
class UnitWriter {
public:
    UnitWriter(const std::string &name, const std::string &description) {
        text_ = "[[unit]]\nname = " + toml_string(name) + "\n";
        add("description", description);
    }
    void add(std::string_view key, const std::string &value) {
        if (!value.empty())
            text_ += std::string(key) + " = " + toml_string(value) + "\n";
    }
    void add_list(std::string_view key, const std::vector<std::string> &names) {
        if (names.empty())
            return;
        std::vector<std::string> quoted;
        for (const std::string &name : names)
            quoted.push_back(toml_string(name));
        text_ += std::string(key) + " = [" + join(quoted, ", ") + "]\n";
    }
    void add_param(std::string_view key, const std::string &value) {
        if (!value.empty())
            params_.push_back(std::string(key) + " = " + toml_string(value));
    }
    [[nodiscard]] std::string text() && {
        if (!params_.empty())
            text_ += "params = { " + join(params_, ", ") + " }\n";
        return std::move(text_) + "\n";
    }

private:
    std::string text_;
    std::vector<std::string> params_;
};

std::string write_key(const Volume &volume) {
    const Volume::KeyDevice &key = *volume.key_device;
    UnitWriter unit("luks-key@" + volume.key,
                    "Read the key of " + title_of(volume) + " from " + key.place.device);
    unit.add("device", key.place.device);
    unit.add("device_timeout", key.timeout);
    unit.add_param("name", volume.name);
    unit.add_param("path", key.place.path);
    if (key.offset > 0)
        unit.add_param("offset", std::to_string(key.offset));
    if (key.size > 0)
        unit.add_param("size", std::to_string(key.size));
    return std::move(unit).text();
}

std::string text_of(const Place &place) {
    if (place.device.empty() || place.path.empty())
        return place.path + place.device;
    return place.path + ":" + place.device;
}

std::string write_header(const Volume &volume) {
    UnitWriter unit("luks-header@" + volume.key,
                    "Fetch the header of " + title_of(volume) + " from " + volume.header->device);
    unit.add("device", volume.header->device);
    unit.add("device_timeout", volume.device_timeout);
    unit.add_param("path", volume.header->path);
    return std::move(unit).text();
}

std::string write_tpm(const Volume &volume) {
    UnitWriter unit("luks-tpm2@" + volume.key, "Wait for the TPM, for " + title_of(volume));
    unit.add("device_timeout", *volume.tpm_timeout);
    return std::move(unit).text();
}

// `needed`: the units of all volumes that must not fail.
std::string write_volume(const Volume &volume, const std::vector<std::string> &needed) {
    UnitWriter unit("luks@" + volume.key, "Unlock " + title_of(volume));
    unit.add("device", volume.device);
    unit.add("device_timeout", volume.device_timeout);
    // The prompt of a volume that may fail must not hold up one that the boot needs.
    if (volume.may_fail)
        unit.add_list("after", needed);
    const bool fetches_header = volume.header && !volume.header->device.empty();
    if (fetches_header)
        unit.add_list("requires", {"luks-header@" + volume.key});
    if (volume.tpm_timeout) // stands for the list of the template
        unit.add_list("wants", {"modules@luks", "luks-tpm2@" + volume.key});
    unit.add_param("named", "1");
    unit.add_param("name", volume.name);
    unit.add_param("keyfile", volume.keyfile);
    unit.add_param("options", volume.options);
    if (volume.header)
        unit.add_param("header", fetches_header ? header_copy_of(volume.key) : volume.header->path);
    if (fetches_header)
        unit.add_param("header_place", text_of(*volume.header));
    return std::move(unit).text();
}

} // namespace

std::string write_volume_units(const std::vector<Volume> &volumes) {
    std::vector<std::string> needed;
    for (const Volume &volume : volumes) {
        if (!volume.may_fail)
            needed.push_back("luks@" + volume.key);
    }
    std::string toml;
    for (const Volume &volume : volumes) {
        toml += write_volume(volume, needed);
        if (volume.key_device)
            toml += write_key(volume);
        if (volume.header && !volume.header->device.empty())
            toml += write_header(volume);
        if (volume.tpm_timeout)
            toml += write_tpm(volume);
    }
    return toml;
}

} // namespace slipway::luks
