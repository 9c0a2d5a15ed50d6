// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/device_table.h"

#include <algorithm>

namespace slipway {

namespace {

// Each plugin knows some of a device's names: all of them count.
bool adds_up(std::string_view key) {
    return key == "links" || key == "aliases";
}

} // namespace

void DeviceTable::announce(const std::string &syspath, Facts kernel) {
    Device &device = devices_[syspath];
    device.syspath = syspath;
    device.kernel = std::move(kernel);
    device.answered.clear();
    device.repeated.clear();
    device.resting.clear();
    merge(device);
}

void DeviceTable::remove(std::string_view syspath) {
    const auto found = devices_.find(syspath);
    if (found != devices_.end())
        devices_.erase(found);
}

bool DeviceTable::publish(std::string_view plugin, const std::string &syspath, Facts facts) {
    const auto found = devices_.find(syspath);
    if (found == devices_.end())
        return false;
    found->second.published.insert_or_assign(std::string(plugin), std::move(facts));
    merge(found->second);
    return true;
}

bool DeviceTable::renew(std::string_view plugin, const std::string &syspath, const Facts &facts) {
    const auto found = devices_.find(syspath);
    if (found == devices_.end())
        return false;
    const auto known = found->second.published.find(plugin);
    if (known != found->second.published.end() && known->second == facts)
        return false;
    std::erase_if(found->second.answered,
                  [&](std::size_t claim) { return claims_[claim].plugin != plugin; });
    return publish(plugin, syspath, facts);
}

bool DeviceTable::Device::is_in_doubt() const {
    return std::ranges::any_of(
               open, [this](const auto &entry) { return !published.contains(entry.first); }) ||
           std::ranges::any_of(resting,
                               [this](const auto &plugin) { return !published.contains(plugin); });
}

void DeviceTable::inspection_opened(std::string_view plugin, std::string_view syspath) {
    if (const auto found = devices_.find(syspath); found != devices_.end())
        ++found->second.open[std::string(plugin)];
}

void DeviceTable::inspection_closed(std::string_view plugin, std::string_view syspath) {
    const auto found = devices_.find(syspath);
    if (found == devices_.end())
        return;
    auto &open = found->second.open;
    const auto entry = open.find(plugin);
    if (entry != open.end() && --entry->second == 0)
        open.erase(entry);
}

bool DeviceTable::may_repeat(std::string_view plugin, std::string_view syspath) {
    const auto found = devices_.find(syspath);
    return found != devices_.end() && found->second.repeated.emplace(plugin).second;
}

const DeviceTable::Device *DeviceTable::find(std::string_view syspath) const {
    const auto found = devices_.find(syspath);
    return found == devices_.end() ? nullptr : &found->second;
}

std::vector<std::size_t> DeviceTable::take_claims(std::string_view syspath, bool takes_lazy) {
    std::vector<std::size_t> taken;
    const auto found = devices_.find(syspath);
    if (found == devices_.end())
        return taken;
    Device &device = found->second;
    device.resting.clear();
    for (std::size_t i = 0; i < claims_.size(); ++i) {
        if (device.answered.contains(i) || !claims_[i].matches(device.facts))
            continue;
        if (claims_[i].lazy && !takes_lazy) {
            device.resting.insert(claims_[i].plugin);
            continue;
        }
        device.answered.insert(i);
        taken.push_back(i);
    }
    return taken;
}

void DeviceTable::merge(Device &device) {
    // The kernel's word stands: a plugin cannot overwrite a fact that the kernel gave.
    device.facts = device.kernel;
    for (const auto &[plugin, facts] : device.published) {
        for (const auto &[key, value] : facts) {
            const auto [known, is_new] = device.facts.try_emplace(key, value);
            if (!is_new && adds_up(key) && !device.kernel.contains(key))
                known->second += "\n" + value;
        }
    }
}

} // namespace slipway
