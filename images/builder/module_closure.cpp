// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/module_closure.h"

#include <format>

namespace slipway {

std::vector<std::string> ModuleClosure::choose(std::string_view entry, const Want &want) {
    if (entry.starts_with('='))
        return choose_directory(entry.substr(1), want);
    std::vector<std::string> names;
    const Result<std::vector<KernelModule>> modules = index_.lookup(entry);
    if (!modules) {
        problems_.add(modules.error().message());
        return names;
    }
    if (modules->empty() && !want.optional) {
        problems_.add(
            std::format("the kernel {} has no module {} ({}); correct the name, put \"?\" "
                        "behind it if it may be absent, or install the package with the "
                        "kernel's extra modules",
                        kernel_, entry, want.reason));
    }
    for (const KernelModule &module : *modules) {
        if (module.is_builtin())
            continue;
        names.push_back(module.name);
        add(module, want.reason);
    }
    return names;
}

std::vector<std::string> ModuleClosure::choose_directory(std::string_view directory,
                                                         const Want &want) {
    std::vector<std::string> names;
    const Result<std::vector<std::string>> found = index_.below(directory);
    if (!found) {
        problems_.add(found.error().message());
        return names;
    }
    for (const std::string &name : *found)
        for (std::string &chosen : choose(name, {want.reason, true}))
            names.push_back(std::move(chosen));
    return names;
}

void ModuleClosure::add_names(const Result<std::vector<std::string>> &names,
                              const std::string &reason, bool optional,
                              std::vector<ChosenModule> &queue) {
    if (!names) {
        problems_.add(names.error().message());
        return;
    }
    for (const std::string &name : *names) {
        const Result<std::vector<KernelModule>> modules = index_.lookup(name);
        if (!modules)
            problems_.add(modules.error().message());
        else if (modules->empty() && !optional)
            problems_.add(std::format("the kernel {} has no module {} ({}); run depmod, or "
                                      "reinstall the kernel's package",
                                      kernel_, name, reason));
        else
            for (const KernelModule &module : *modules)
                queue.push_back({module, reason});
    }
}

void ModuleClosure::add(const KernelModule &module, const std::string &reason) {
    std::vector<ChosenModule> queue = {{module, reason}};
    while (!queue.empty()) {
        const ChosenModule next = std::move(queue.back());
        queue.pop_back();
        if (next.module.is_builtin() || !chosen_.emplace(next.module.name, next).second)
            continue;
        const std::string &name = next.module.name;
        add_names(index_.dependencies(next.module), std::format("needed by module {}", name), false,
                  queue);
        add_names(index_.optional_dependencies(next.module), std::format("used by module {}", name),
                  true, queue);
    }
}

} // namespace slipway
