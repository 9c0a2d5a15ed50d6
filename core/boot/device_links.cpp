// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/device_links.h"

#include <charconv>

#include "base/text.h"

namespace slipway {

namespace {

std::string value_of(const DeviceFacts &facts, std::string_view key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string() : found->second;
}

int priority_of(const DeviceFacts &facts) {
    const std::string text = value_of(facts, "link_priority");
    int priority = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), priority);
    return priority;
}

} // namespace

void DeviceLinks::update(const std::string &syspath, const DeviceFacts *facts) {
    if (backend_ == DeviceBackend::udevd)
        return;
    if (facts == nullptr) {
        forget(syspath);
        return;
    }
    const std::string devnode = value_of(*facts, "devnode");
    if (devnode.empty())
        return;
    report(links_.update(syspath, devnode, split_words(value_of(*facts, "links"), "\n"),
                         priority_of(*facts)));
    if (auto written = database_.update(*facts, loop_.now()); !written)
        log_.warning(written.error().message() + "; the host may not find " + devnode +
                     " after the switch");
    known_.insert_or_assign(syspath, *facts);
}

void DeviceLinks::forget(const std::string &syspath) {
    const auto found = known_.find(syspath);
    if (found == known_.end())
        return;
    report(links_.remove(syspath));
    if (auto removed = database_.remove(found->second); !removed)
        log_.warning(removed.error().message());
    known_.erase(found);
}

void DeviceLinks::report(const std::vector<Error> &errors) {
    for (const Error &error : errors)
        log_.warning(error.message());
}

} // namespace slipway
