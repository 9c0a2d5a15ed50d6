// SPDX-License-Identifier: LGPL-2.1-or-later
#include "module_options.h"

#include <slipway/toml.h>

#include <algorithm>
#include <format>

#include "base/text.h"

namespace slipway::modules {

namespace {

std::string unit(std::string_view key, std::string_view order, std::string_view modules) {
    if (parse_module_list(modules).empty())
        return {};
    return std::format("[[unit]]\nname = {}\ndescription = {}\n{}params = {{ modules = {} }}\n\n",
                       sdk::toml_string("modules@" + std::string(key)),
                       sdk::toml_string(std::format("Load the modules of {}=", key)), order,
                       sdk::toml_string(modules));
}

} // namespace

std::string module_name(std::string_view name) {
    std::string normal(name);
    std::ranges::replace(normal, '-', '_');
    return normal;
}

Blacklist parse_blacklist(const std::vector<std::string_view> &values) {
    Blacklist names;
    for (const std::string_view value : values) {
        for (const std::string &word : split_words(value, ", \t\n"))
            names.insert(module_name(word));
    }
    return names;
}

std::vector<WantedModule> parse_module_list(std::string_view text) {
    std::vector<WantedModule> modules;
    for (std::string &word : split_words(text, ", \t\n")) {
        const bool is_optional = word.ends_with('?');
        if (is_optional)
            word.pop_back();
        if (!word.empty())
            modules.push_back({std::move(word), is_optional});
    }
    return modules;
}

std::string write_module_units(const ModuleWishes &wishes) {
    return unit("rd.driver.pre", "before = [\"coldplug\"]\n", wishes.before) +
           unit("rd.driver.post", "before = []\nafter = [\"coldplug\"]\n", wishes.after) +
           unit("rd.modules_load", "", wishes.anyhow);
}

} // namespace slipway::modules
