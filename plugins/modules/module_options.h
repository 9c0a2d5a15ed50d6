// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::modules {

// The kernel treats '-' and '_' in module names as one.
[[nodiscard]] std::string module_name(std::string_view name);

// Names of modules that must not be loaded by themselves.
using Blacklist = std::set<std::string, std::less<>>;

// `values`: of rd.driver.blacklist= and its relatives, lists separated by commas, one per element.
[[nodiscard]] Blacklist parse_blacklist(const std::vector<std::string_view> &values);

// A module of a list: name or alias; with "?" at its end it may be absent.
struct WantedModule {
    std::string name;
    bool is_optional = false;

    [[nodiscard]] bool operator==(const WantedModule &) const = default;
};

// Words between blanks and commas, in order.
[[nodiscard]] std::vector<WantedModule> parse_module_list(std::string_view text);

// Instances of modules@ for rd.driver.pre=, rd.driver.post= and rd.modules_load= in TOML; "" if all
// are empty.
struct ModuleWishes {
    std::string before; // rd.driver.pre=: before any driver is found by itself
    std::string after;  // rd.driver.post=
    std::string anyhow; // rd.modules_load=
};
[[nodiscard]] std::string write_module_units(const ModuleWishes &wishes);

} // namespace slipway::modules
