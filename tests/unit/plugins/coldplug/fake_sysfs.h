// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "coldplug/sysfs.h"

namespace slipway::test {

// A /sys made of text. Directories are there because something is in them.
class FakeSysfs final : public coldplug::Sysfs {
public:
    void file(const std::string &path, std::string content) { files_[path] = std::move(content); }
    // A device directory; its "subsystem" link says what it belongs to.
    void device(const std::string &path, const std::string &subsystem) {
        links_[path + "/subsystem"] = subsystem;
    }

    std::string read(const std::string &path) const override {
        std::string text = read_binary(path);
        text.erase(text.find_last_not_of(" \t\n") + 1);
        return text;
    }
    std::string read_binary(const std::string &path) const override {
        const auto found = files_.find(path);
        return found == files_.end() ? std::string() : found->second;
    }
    bool exists(const std::string &path) const override {
        return files_.contains(path) || links_.contains(path) || !list(path).empty();
    }
    std::string link_name(const std::string &path) const override {
        const auto found = links_.find(path);
        return found == links_.end() ? std::string() : found->second;
    }
    std::vector<std::string> list(const std::string &path) const override {
        std::map<std::string, bool> names;
        for (const auto *entries : {&files_, &links_}) {
            for (const auto &[entry, content] : *entries) {
                if (entry.starts_with(path + "/"))
                    names[entry.substr(path.size() + 1)
                              .substr(0, entry.substr(path.size() + 1).find('/'))] = true;
            }
        }
        std::vector<std::string> found;
        for (const auto &[name, there] : names)
            found.push_back(name);
        return found;
    }

private:
    std::map<std::string, std::string> files_;
    std::map<std::string, std::string> links_;
};

} // namespace slipway::test
