// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/link_registry.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>

#include "base/text.h"

namespace slipway {

namespace {

constexpr std::string_view kDev = "/dev/";
// Here libraries make real nodes when no udevd runs, which udevd would never replace later.
constexpr std::string_view kMapper = "/dev/mapper/";
constexpr std::size_t kMaxPathBytes = 1024;
constexpr std::size_t kMaxPartBytes = 255; // NAME_MAX

bool is_plain_part(std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.size() <= kMaxPartBytes;
}

Error about_link(const std::string &link, Error &&error) {
    return std::move(error).with_context("device link " + printable(link, 200));
}

} // namespace

bool is_device_link(std::string_view path) {
    if (!path.starts_with(kDev) || path.size() > kMaxPathBytes || printable(path) != path)
        return false;
    path.remove_prefix(kDev.size());
    while (true) {
        const std::size_t end = path.find('/');
        if (!is_plain_part(path.substr(0, end)))
            return false;
        if (end == std::string_view::npos)
            return true;
        path.remove_prefix(end + 1);
    }
}

std::string relative_target(std::string_view link, std::string_view devnode) {
    std::string target;
    for (auto depth = std::ranges::count(link.substr(kDev.size()), '/'); depth > 0; --depth)
        target += "../";
    return target += devnode.substr(kDev.size());
}

std::vector<Error> LinkRegistry::update(const std::string &device, const std::string &devnode,
                                        const std::vector<std::string> &links, int priority) {
    std::vector<Error> errors;
    if (!is_device_link(devnode)) {
        errors.emplace_back("device " + device + ": \"" + printable(devnode, 200) +
                            "\" is not a node below /dev; its links are not made");
        return errors;
    }
    std::vector<std::string> wanted;
    for (const std::string &link : links) {
        if (!is_device_link(link) || wanted.size() == kMaxLinksPerDevice)
            errors.emplace_back("device link \"" + printable(link, 200) + "\" of " + devnode +
                                ": refused: not a plain path below /dev, or one of too many");
        else if (link != devnode && std::ranges::find(wanted, link) == wanted.end())
            wanted.push_back(link);
    }
    std::vector<std::string> touched = std::exchange(claimed_[device], wanted);
    for (const std::string &old : touched) {
        if (std::ranges::find(wanted, old) == wanted.end())
            withdraw(old, device);
    }
    for (const std::string &link : wanted) {
        claim(link, {device, devnode, priority});
        if (std::ranges::find(touched, link) == touched.end())
            touched.push_back(link);
    }
    std::ranges::move(apply_all(touched), std::back_inserter(errors));
    return errors;
}

std::vector<Error> LinkRegistry::remove(const std::string &device) {
    const auto claimed = claimed_.extract(device);
    if (claimed.empty())
        return {};
    for (const std::string &link : claimed.mapped())
        withdraw(link, device);
    return apply_all(claimed.mapped());
}

void LinkRegistry::claim(const std::string &link, const Claim &claim) {
    std::vector<Claim> &claims = links_[link].claims;
    const auto mine = std::ranges::find(claims, claim.device, &Claim::device);
    if (mine == claims.end())
        claims.push_back(claim);
    else
        *mine = claim; // keeps its place in the order
}

void LinkRegistry::withdraw(const std::string &link, const std::string &device) {
    std::erase_if(links_[link].claims, [&](const Claim &claim) { return claim.device == device; });
}

const LinkRegistry::Claim *LinkRegistry::winner(const Link &link) {
    // The first of the greatest: max_element() returns the earliest claim.
    const auto best = std::ranges::max_element(link.claims, {}, &Claim::priority);
    return best == link.claims.end() ? nullptr : &*best;
}

std::vector<Error> LinkRegistry::apply_all(const std::vector<std::string> &names) {
    std::vector<Error> errors;
    for (const std::string &name : names) {
        if (auto applied = apply(name); !applied)
            errors.push_back(about_link(name, std::move(applied.error())));
    }
    return errors;
}

Result<> LinkRegistry::apply(const std::string &name) {
    const auto entry = links_.find(name);
    if (entry == links_.end())
        return {};
    Link &link = entry->second;
    const Claim *owner = winner(link);
    if (owner == nullptr) {
        const std::string target = link.target;
        links_.erase(entry);
        return target.empty() ? Result<>() : unmake(name, target);
    }
    const std::string target = relative_target(name, owner->devnode);
    if (target == link.target)
        return {};
    auto made = make(name, target);
    if (made)
        link.target = target;
    return made;
}

Result<> LinkRegistry::make(const std::string &name, const std::string &target) {
    if (auto checked = check_replaceable(name); !checked)
        return checked;
    if (auto made = system_->make_directories(name.substr(0, name.rfind('/'))); !made)
        return made;
    return system_->replace_symlink(target, name);
}

Result<> LinkRegistry::check_replaceable(const std::string &name) {
    if (const auto present = system_->read_symlink(name)) {
        // "/dev/fd" and its kin, which lead out of /dev, belong to the system.
        if (present->starts_with('/') && !present->starts_with(kDev))
            return failure("it leads to " + printable(*present, 200) + " and is kept", EEXIST);
        return {};
    } else if (present.error().code() != EINVAL) { // EINVAL: there, but not a link; readlink(2)
        return {};
    }
    const auto status = system_->status(name);
    if (name.starts_with(kMapper) && status && S_ISBLK(status->mode))
        return {};
    return failure("something that is not a link has this name and is kept", EEXIST);
}

Result<> LinkRegistry::unmake(const std::string &name, const std::string &target) {
    // Somebody else may have taken the name over since.
    const auto present = system_->read_symlink(name);
    if (!present || *present != target)
        return {};
    return system_->remove_file(name);
}

std::optional<std::string> LinkRegistry::owner(std::string_view link) const {
    const auto entry = links_.find(link);
    const Claim *claim = entry == links_.end() ? nullptr : winner(entry->second);
    return claim == nullptr ? std::nullopt : std::optional(claim->device);
}

std::vector<LinkRegistry::Conflict> LinkRegistry::conflicts() const {
    std::vector<Conflict> conflicts;
    for (const auto &[name, link] : links_) {
        const Claim *owner = winner(link);
        for (const Claim &claim : link.claims) {
            if (&claim != owner && claim.priority == owner->priority)
                conflicts.push_back({name, owner->device, claim.device});
        }
    }
    return conflicts;
}

} // namespace slipway
