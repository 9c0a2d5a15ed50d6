// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load_modules.h"

#include <cerrno>
#include <format>

#include "base/text.h"
#include "module_options.h"

namespace slipway::modules {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

Blacklist blacklist_of(const sdk::Request &request) {
    std::vector<std::string_view> values;
    for (const char *key :
         {"rd.driver.blacklist", "module_blacklist", "modprobe.blacklist", "blacklist"})
        values.push_back(request.options().get(key));
    return parse_blacklist(values);
}

class Loading {
public:
    Loading(sdk::Context &context, KmodBackend &backend) : context_(context), backend_(backend) {}

    void load_for_device(const std::string &modalias, const Blacklist &blacklist);
    void load_named(const WantedModule &wanted);
    [[nodiscard]] Outcome finish();

private:
    void insert(const std::string &module);
    void look_up_failed(const Error &error) { failures_.push_back(error.message()); }

    sdk::Context &context_;
    KmodBackend &backend_;
    std::vector<std::string> loaded_;
    std::vector<std::string> failures_;
};

void Loading::insert(const std::string &module) {
    const auto result = backend_.insert(module);
    if (result) {
        loaded_.push_back(module);
    } else if (result.error().code() == ENODEV) {
        // The module is fine, its hardware is not there: usual for drivers that answer to many
        // aliases.
        context_.log(LogLevel::debug, result.error().message());
    } else if (result.error().code() == ENOENT) {
        failures_.push_back(std::format(
            "module {} or one that it needs is not in the image; rebuild the image", module));
    } else {
        failures_.push_back(result.error().message() + "; see the kernel log");
    }
}

void Loading::load_for_device(const std::string &modalias, const Blacklist &blacklist) {
    const auto modules = backend_.find(modalias, true);
    if (!modules)
        return look_up_failed(modules.error());
    for (const std::string &module : *modules) {
        if (blacklist.contains(module_name(module)))
            context_.log(
                LogLevel::info,
                std::format("module {} is not loaded: blacklisted on the kernel command line",
                            module));
        else
            insert(module);
    }
}

void Loading::load_named(const WantedModule &wanted) {
    const auto modules = backend_.find(wanted.name, false);
    if (!modules)
        return look_up_failed(modules.error());
    for (const std::string &module : *modules)
        insert(module);
    if (modules->empty() && !wanted.is_optional)
        failures_.push_back(
            std::format("module {} is not in the image; rebuild the image", wanted.name));
}

Outcome Loading::finish() {
    if (!failures_.empty())
        return context_.fail(join(failures_, "; "));
    return context_.done(loaded_.empty() ? "no module in the image answers to it"
                                         : "loaded " + join(loaded_, ", "));
}

} // namespace

Outcome load_modules(sdk::Context &context, const sdk::Request &request, KmodBackend &backend) {
    Loading loading(context, backend);
    const auto named = request.params().find("modules");
    if (named) {
        for (const WantedModule &module : parse_module_list(*named))
            loading.load_named(module);
    } else {
        loading.load_for_device(std::string(request.key()), blacklist_of(request));
    }
    return loading.finish();
}

Outcome import_modules(sdk::Context &context, const sdk::Request &request) {
    const std::string units =
        write_module_units({.before = std::string(request.options().get("rd.driver.pre")),
                            .after = std::string(request.options().get("rd.driver.post")),
                            .anyhow = std::string(request.options().get("rd.modules_load"))});
    if (!units.empty())
        context.units(units);
    return Outcome::done;
}

} // namespace slipway::modules
