// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "builder/module_index.h"

namespace slipway::testing {

struct FakeModule {
    std::vector<std::string> needs;
    std::vector<std::string> may_need;
    std::string directory = "drivers";
    bool builtin = false;
    std::vector<std::string> firmware{};
};

class FakeIndex final : public ModuleIndex {
public:
    std::map<std::string, FakeModule> modules;
    std::map<std::string, std::vector<std::string>> aliases;

    Result<std::vector<KernelModule>> lookup(std::string_view name) override {
        std::vector<std::string> names = {std::string(name)};
        if (const auto alias = aliases.find(names[0]); alias != aliases.end())
            names = alias->second;
        std::vector<KernelModule> found;
        for (const std::string &each : names)
            if (const auto module = modules.find(each); module != modules.end())
                found.push_back({each, module->second.builtin ? "" : "/lib/" + each + ".ko"});
        return found;
    }
    Result<std::vector<std::string>> dependencies(const KernelModule &module) override {
        return modules.at(module.name).needs;
    }
    Result<std::vector<std::string>> optional_dependencies(const KernelModule &module) override {
        return modules.at(module.name).may_need;
    }
    Result<std::vector<std::string>> firmware(const KernelModule &module) override {
        return modules.at(module.name).firmware;
    }
    Result<std::vector<std::string>> below(std::string_view directory) override {
        std::vector<std::string> names;
        for (const auto &[name, module] : modules)
            if (module.directory == directory)
                names.push_back(name);
        return names;
    }
};

} // namespace slipway::testing
