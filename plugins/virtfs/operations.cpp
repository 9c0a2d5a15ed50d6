// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/operations.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "system/option_list.h"
#include "virtfs/mount_failure.h"
#include "virtfs/mount_words.h"
#include "virtfs/root_choice.h"

namespace slipway::virtfs {

using sdk::Context;
using sdk::LogLevel;
using sdk::Outcome;
using sdk::Request;

namespace {

constexpr const char *kUnit = "sysroot-virtfs";
constexpr const char *kVirtiofsDriver = "virtiofs";
constexpr const char *kNinepDriver = "9pnet_virtio";
constexpr const char *kTagFact = "virtfs_tag";

// Everything that the kernel command line says about the root.
struct Root {
    RootChoice share;
    MountWords words;
};

RootWords root_words_of(const sdk::Pairs &options) {
    RootWords words;
    words.root = without_quotes(options.get("root"));
    words.types = split_words(without_quotes(options.get("rootfstype")), ",");
    // The kernel uses the word "tmpfs" for the initramfs itself, "auto" means probing.
    std::erase_if(words.types, [](const auto &type) { return type == "tmpfs" || type == "auto"; });
    return words;
}

// The last of ro and rw: options come in the order in which they stand last on the command line.
std::optional<bool> writable_of(const sdk::Pairs &options) {
    std::optional<bool> writable;
    for (const auto &[key, value] : sdk::option_list(options)) {
        if (key == "ro" || key == "rw")
            writable = key == "rw";
    }
    return writable;
}

Result<Root> root_of(const Request &request) {
    const auto choice = choose_root(root_words_of(request.options()));
    if (!choice)
        return std::unexpected(choice.error());
    if (!*choice)
        return failure("the kernel command line names no shared folder; write root=virtiofs:<tag> "
                       "or root=virtfs:<tag>");
    const auto flags = split_words(without_quotes(request.options().get("rootflags")), ",");
    auto words = read_mount_words((*choice)->type, flags, writable_of(request.options()));
    if (!words)
        return std::unexpected(std::move(words).error());
    return Root{.share = **choice, .words = *std::move(words)};
}

// A member of the root's unit.
struct Share {
    ShareType type = ShareType::virtiofs;
    std::string tag; // empty: the kernel does not tell
};

std::vector<Share> shares_of(const Request &request) {
    std::vector<Share> shares;
    for (const sdk::Device &device : request.devices())
        shares.push_back(
            {.type = device.fact("driver") == kNinepDriver ? ShareType::ninep : ShareType::virtiofs,
             .tag = std::string(device.fact(kTagFact))});
    return shares;
}

std::string list_of(const std::vector<Share> &shares) {
    std::vector<std::string> names;
    for (const Share &share : shares)
        names.push_back(
            share.tag.empty()
                ? std::format("one of {} whose tag is not known", name_of(share.type))
                : std::format("{} ({})", printable(share.tag, 80), name_of(share.type)));
    return names.empty() ? "no share at all" : join(names, ", ");
}

Outcome tag_is_missing(Context &context, const RootChoice &share,
                       const std::vector<Share> &shares) {
    // What is missing is still told when the wait is over, the reason is not.
    context.missing(std::format("the tag \"{}\" of a {} share; this machine has {}", share.tag,
                                name_of(share.type), list_of(shares)));
    return context.incomplete(
        std::format("no {} share has the tag \"{}\"", name_of(share.type), share.tag));
}

} // namespace

Outcome announce_shares(Context &context, const Request &request, VirtfsBackend &backend) {
    const auto root = root_of(request);
    if (!root)
        return context.fail(root.error().message());
    const ShareType type = root->share.type;
    const int code = context.load_modules(type == ShareType::virtiofs
                                              ? std::vector<std::string>{"virtiofs"}
                                              : std::vector<std::string>{"9pnet_virtio", "9p"});
    if (code != 0 && !backend.is_type_known(name_of(type)))
        return context.fail(std::format("the kernel does not know {} ({}); rebuild the image: "
                                        "slipway build --with virtfs",
                                        name_of(type), std::strerror(code)));
    for (const char *driver : {kVirtiofsDriver, kNinepDriver}) {
        for (const std::string &device : backend.devices_of(driver)) {
            const auto announced = backend.announce(device);
            // One that went away in between is not missed.
            if (!announced && announced.error().code() != ENOENT)
                context.log(LogLevel::warning, announced.error().message());
        }
    }
    return Outcome::done;
}

Outcome inspect_device(Context &context, const Request &request, VirtfsBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail("inspect needs exactly one device");
    const std::string syspath(devices.front().syspath());
    const std::string tag = backend.tag_of(syspath);
    if (!tag.empty())
        context.publish(syspath, kTagFact, printable(tag, tag.size()));
    const auto choice = choose_root(root_words_of(request.options()));
    if (choice && !*choice)
        return context.done("the root is on no shared folder");
    // An error of the command line is told by activate.
    const std::string name = choice ? (*choice)->tag : std::string();
    context.member({.unit = kUnit, .name = name, .expected = 0, .provides = {}});
    return Outcome::done;
}

Outcome mount_root(Context &context, const Request &request, VirtfsBackend &backend,
                   const std::string &where) {
    const auto root = root_of(request);
    if (!root)
        return context.fail(root.error().message());
    // A try that was ended may have come to its end all the same.
    if (backend.is_mounted(where))
        return context.done(where + " is mounted already");
    const auto shares = shares_of(request);
    const RootChoice &wanted = root->share;
    const auto has_tag = [&](const std::string &tag) {
        return std::ranges::any_of(shares, [&](const Share &share) {
            return share.type == wanted.type && share.tag == tag;
        });
    };
    const bool is_there = has_tag(wanted.tag);
    if (!is_there && !has_tag(""))
        return tag_is_missing(context, wanted, shares);
    const MountRequest mount{.source = wanted.tag,
                             .type = std::string(name_of(wanted.type)),
                             .target = where,
                             .options = root->words.options,
                             .attributes = root->words.attributes};
    const MountResult result = backend.mount(mount);
    if (result.code == 0)
        return context.done(std::format("mounted the {} share {} ({})", mount.type, mount.source,
                                        join(mount.options, ",")));
    if (!is_there && says_no_such_tag(wanted.type, result))
        return tag_is_missing(context, wanted, shares);
    return context.fail(describe({.share = wanted, .result = result}));
}

} // namespace slipway::virtfs
