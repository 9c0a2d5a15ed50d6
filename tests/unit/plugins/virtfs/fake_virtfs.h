// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "virtfs/virtfs_backend.h"

namespace slipway::virtfs {

// A virtual machine whose host shares some folders.
class FakeVirtfs : public VirtfsBackend {
public:
    std::set<std::string> types;                             // that the kernel knows
    std::map<std::string, std::vector<std::string>> drivers; // → syspaths of their devices
    std::map<std::string, std::string> tags;                 // by syspath
    std::map<std::string, int> announce_errors;              // by syspath
    MountResult result;
    bool has_mount = false;

    std::vector<std::string> announced;
    std::vector<MountRequest> mounts;

    bool is_type_known(std::string_view type) override { return types.contains(std::string(type)); }

    std::vector<std::string> devices_of(std::string_view driver) override {
        return drivers[std::string(driver)];
    }

    Result<> announce(const std::string &syspath) override {
        if (const auto found = announce_errors.find(syspath); found != announce_errors.end())
            return errno_failure("open " + syspath + "/uevent", found->second);
        announced.push_back(syspath);
        return {};
    }

    std::string tag_of(const std::string &syspath) override { return tags[syspath]; }
    bool is_mounted(const std::string &) override { return has_mount; }

    MountResult mount(const MountRequest &request) override {
        mounts.push_back(request);
        return result;
    }
};

} // namespace slipway::virtfs
