// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/kmod_index.h"

#include <libkmod.h>

#include <algorithm>
#include <cerrno>
#include <format>

#include "base/text.h"
#include "builder/root_tree.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxDepFile = 64U << 20U; // Debian's modules.dep has 0.6 MB

struct ModuleEnd {
    void operator()(kmod_module *module) const noexcept { ::kmod_module_unref(module); }
};
using ModuleHandle = std::unique_ptr<kmod_module, ModuleEnd>;

struct ListEnd {
    void operator()(kmod_list *list) const noexcept { ::kmod_module_unref_list(list); }
};
using ListHandle = std::unique_ptr<kmod_list, ListEnd>;

void append_names(std::vector<std::string> &names, const kmod_list *list) {
    const kmod_list *entry = nullptr;
    kmod_list_foreach(entry, list) {
        const ModuleHandle module(::kmod_module_get_module(entry));
        names.emplace_back(::kmod_module_get_name(module.get()));
    }
}

std::string module_name_of(std::string_view path) {
    std::string name(path.substr(path.rfind('/') + 1));
    name.resize(std::min(name.find(".ko"), name.size()));
    std::ranges::replace(name, '-', '_');
    return name;
}

// The handle that the library keeps for a module that lookup() has found.
Result<ModuleHandle> handle_of(kmod_ctx *context, const KernelModule &module) {
    kmod_module *raw = nullptr;
    const int result = ::kmod_module_new_from_name(context, module.name.c_str(), &raw);
    if (result < 0)
        return errno_failure("look at the kernel module " + module.name, -result);
    return ModuleHandle(raw);
}

} // namespace

void KmodIndex::ContextEnd::operator()(kmod_ctx *context) const noexcept {
    ::kmod_unref(context);
}

Result<std::unique_ptr<KmodIndex>> KmodIndex::open(const std::string &directory,
                                                   const std::vector<std::string> &configuration) {
    std::vector<const char *> paths;
    paths.reserve(configuration.size() + 1);
    for (const std::string &path : configuration)
        paths.push_back(path.c_str());
    paths.push_back(nullptr);
    Context context(::kmod_new(directory.c_str(), paths.data()));
    if (!context)
        return errno_failure("read the kernel modules in " + directory, errno);
    ::kmod_set_log_fn(
        context.get(), [](void *, int, const char *, int, const char *, const char *, va_list) {},
        nullptr);
    const int result = ::kmod_load_resources(context.get());
    if (result < 0)
        return errno_failure(
            std::format("read the module indexes in {} (made by depmod)", directory), -result);
    return std::unique_ptr<KmodIndex>(new KmodIndex(directory, std::move(context)));
}

Result<std::vector<KernelModule>> KmodIndex::lookup(std::string_view name) {
    kmod_list *raw = nullptr;
    const int result =
        ::kmod_module_new_from_lookup(context_.get(), std::string(name).c_str(), &raw);
    const ListHandle list(raw);
    if (result < 0 && result != -ENOENT)
        return errno_failure(std::format("look up the kernel module {}", name), -result);
    std::vector<KernelModule> modules;
    const kmod_list *entry = nullptr;
    kmod_list_foreach(entry, list.get()) {
        const ModuleHandle module(::kmod_module_get_module(entry));
        const char *path = ::kmod_module_get_path(module.get());
        modules.push_back({::kmod_module_get_name(module.get()), path != nullptr ? path : ""});
    }
    return modules;
}

Result<std::vector<std::string>> KmodIndex::dependencies(const KernelModule &module) {
    const Result<ModuleHandle> handle = handle_of(context_.get(), module);
    if (!handle)
        return std::unexpected(handle.error());
    const ListHandle list(::kmod_module_get_dependencies(handle->get()));
    std::vector<std::string> names;
    append_names(names, list.get());
    return names;
}

Result<std::vector<std::string>> KmodIndex::optional_dependencies(const KernelModule &module) {
    const Result<ModuleHandle> handle = handle_of(context_.get(), module);
    if (!handle)
        return std::unexpected(handle.error());
    std::vector<std::string> names;
    kmod_list *pre = nullptr;
    kmod_list *post = nullptr;
    kmod_list *weak = nullptr;
    (void)::kmod_module_get_softdeps(handle->get(), &pre, &post);
    const ListHandle pre_list(pre);
    const ListHandle post_list(post);
    (void)::kmod_module_get_weakdeps(handle->get(), &weak);
    const ListHandle weak_list(weak);
    for (const kmod_list *list : {pre, post, weak})
        append_names(names, list);
    return names;
}

Result<std::vector<std::string>> KmodIndex::firmware(const KernelModule &module) {
    const Result<ModuleHandle> handle = handle_of(context_.get(), module);
    if (!handle)
        return std::unexpected(handle.error());
    kmod_list *raw = nullptr;
    const int result = ::kmod_module_get_info(handle->get(), &raw);
    if (result < 0)
        return errno_failure("read the kernel module " + module.path, -result);
    std::vector<std::string> names;
    const kmod_list *entry = nullptr;
    kmod_list_foreach(entry, raw) {
        const std::string_view key = ::kmod_module_info_get_key(entry);
        const char *value = ::kmod_module_info_get_value(entry);
        if (key == "firmware" && value != nullptr)
            names.emplace_back(value);
    }
    ::kmod_module_info_free_list(raw);
    return names;
}

Result<std::vector<std::string>> KmodIndex::below(std::string_view directory) {
    // libkmod lists no modules; its index has a text form, one "path: dependencies" per line.
    const Result<std::string> text = read_host_file(directory_ + "/modules.dep", kMaxDepFile);
    if (!text)
        return std::unexpected(text.error());
    while (directory.ends_with('/'))
        directory.remove_suffix(1);
    const std::string prefix = std::format("kernel/{}/", directory);
    std::vector<std::string> names;
    for (const std::string &line : split_words(*text, "\n")) {
        const std::string path = line.substr(0, line.find(':'));
        if (path.starts_with(prefix))
            names.push_back(module_name_of(path));
    }
    std::ranges::sort(names);
    return names;
}

} // namespace slipway
