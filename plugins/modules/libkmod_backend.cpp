// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libkmod_backend.h"

#include <libkmod.h>

#include <cerrno>

namespace slipway::modules {

namespace {

struct ContextDeleter {
    void operator()(kmod_ctx *context) const noexcept { kmod_unref(context); }
};
struct ListDeleter {
    void operator()(kmod_list *list) const noexcept { kmod_module_unref_list(list); }
};
struct ModuleDeleter {
    void operator()(kmod_module *module) const noexcept { kmod_module_unref(module); }
};
using ContextPtr = std::unique_ptr<kmod_ctx, ContextDeleter>;
using ListPtr = std::unique_ptr<kmod_list, ListDeleter>;
using ModulePtr = std::unique_ptr<kmod_module, ModuleDeleter>;

// An install command of modprobe.d wants a shell, which the image need not have, and its usual
// content is /bin/true or /bin/false: "do not load". So it is not run, and the module is passed
// over.
int pass_over(kmod_module *, const char *, void *) {
    return 0;
}

class LibkmodBackend final : public KmodBackend {
public:
    Result<std::vector<std::string>> find(const std::string &name,
                                          bool applies_blacklist) override {
        if (auto opened = open(); !opened)
            return std::unexpected(std::move(opened).error());
        kmod_list *raw = nullptr;
        if (const int result = kmod_module_new_from_lookup(context_.get(), name.c_str(), &raw);
            result < 0)
            return errno_failure("look up module " + name, -result);
        ListPtr list(raw);
        if (applies_blacklist && list) {
            kmod_list *allowed = nullptr;
            const int result = kmod_module_apply_filter(context_.get(), KMOD_FILTER_BLACKLIST,
                                                        list.get(), &allowed);
            if (result < 0)
                return errno_failure("apply the blacklist to " + name, -result);
            list.reset(allowed);
        }
        return names(list.get());
    }

    Result<> insert(const std::string &name) override {
        if (auto opened = open(); !opened)
            return opened;
        kmod_module *raw = nullptr;
        if (const int result = kmod_module_new_from_name(context_.get(), name.c_str(), &raw);
            result < 0)
            return errno_failure("look up module " + name, -result);
        const ModulePtr module(raw);
        const int result =
            kmod_module_probe_insert_module(raw, 0, nullptr, &pass_over, nullptr, nullptr);
        if (result < 0)
            return errno_failure("load module " + name, -result);
        return {};
    }

private:
    Result<> open() {
        if (context_)
            return {};
        ContextPtr context(kmod_new(nullptr, nullptr));
        if (!context)
            return errno_failure("open the modules of the running kernel", errno);
        kmod_set_log_fn(
            context.get(),
            [](void *, int, const char *, int, const char *, const char *, va_list) {}, nullptr);
        // Without an index (a kernel without modules) every look-up finds nothing, which is right.
        (void)kmod_load_resources(context.get());
        context_ = std::move(context);
        return {};
    }

    static std::vector<std::string> names(const kmod_list *list) {
        std::vector<std::string> found;
        const kmod_list *item = nullptr;
        kmod_list_foreach(item, list) {
            const ModulePtr module(kmod_module_get_module(item));
            found.emplace_back(kmod_module_get_name(module.get()));
        }
        return found;
    }

    ContextPtr context_;
};

} // namespace

std::unique_ptr<KmodBackend> make_libkmod_backend() {
    return std::make_unique<LibkmodBackend>();
}

} // namespace slipway::modules
