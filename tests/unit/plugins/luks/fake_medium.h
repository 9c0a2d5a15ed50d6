// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "luks/medium_backend.h"

namespace slipway::test {

// Devices as a table of texts.
class FakeMedium final : public luks::MediumBackend {
public:
    std::map<std::string, std::string> files; // "<devnode> <fs_type> <path>" → content
    std::set<std::string> mappings;
    std::map<std::string, std::string> made; // path → content, or "-> <device>"

    Result<Secret> read_key(const luks::Medium &medium, std::uint64_t offset,
                            std::uint64_t size) override {
        const auto found = files.find(name_of(medium));
        if (found == files.end())
            return errno_failure("open " + medium.path, ENOENT);
        const std::string part = found->second.substr(offset, size == 0 ? std::string::npos : size);
        if (part.size() > Secret::kMaxBytes)
            return failure("read the key", EFBIG);
        return Secret(part);
    }
    Result<> copy_file(const luks::Medium &medium, const std::string &destination) override {
        const auto found = files.find(name_of(medium));
        if (found == files.end())
            return errno_failure("open " + medium.path, ENOENT);
        if (found->second.size() > kMaxHeaderBytes)
            return failure("copy " + medium.path, EFBIG);
        made[destination] = found->second;
        return {};
    }
    Result<> link(const std::string &devnode, const std::string &destination) override {
        made[destination] = "-> " + devnode;
        return {};
    }
    Result<> remove(const std::string &path) override {
        made.erase(path);
        return {};
    }
    bool has_mapping(const std::string &name) override { return mappings.contains(name); }

private:
    static std::string name_of(const luks::Medium &medium) {
        return medium.devnode + " " + medium.fs_type + " " + medium.path;
    }
};

} // namespace slipway::test
