// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/unit_choice.h"

#include <algorithm>

namespace slipway {

namespace {

// As if what is not known were not there: what holds now is known.
HostStack without_doubt(HostStack stack) {
    if (!stack.root_specs)
        stack.root_specs.emplace();
    if (!stack.fs_types)
        stack.fs_types.emplace();
    return stack;
}

std::optional<std::string> missing_program(const ImageNeeds &needs, const FileCollector &files) {
    for (const std::string &entry : needs.programs) {
        auto [name, optional] = split_optional(entry);
        if (!optional && !files.has_program(name))
            return std::move(name);
    }
    return std::nullopt;
}

} // namespace

UnitNeed need_of(const ImageManifest &manifest, const BuildRequest &request, const HostStack &stack,
                 const RootTree &root) {
    if (std::ranges::contains(request.without, manifest.name))
        return UnitNeed::none;
    if (std::ranges::contains(request.with, manifest.name) ||
        holds_any(manifest.host_needed, without_doubt(stack), root))
        return UnitNeed::known;
    if (request.mode == ImageMode::generic || holds_any(manifest.host_needed, stack, root))
        return UnitNeed::possible;
    return UnitNeed::none;
}

std::optional<std::string> missing_program(const ImageManifest &manifest, ImageMode mode,
                                           const FileCollector &files) {
    const ImageNeeds &of_mode = mode == ImageMode::generic ? manifest.generic : manifest.host;
    for (const ImageNeeds *needs : {&manifest.always, &of_mode})
        if (auto program = missing_program(*needs, files))
            return program;
    if (manifest.first.empty() || first_complete(manifest, files) != nullptr)
        return std::nullopt;
    return missing_program(manifest.first.back(), files);
}

const ImageNeeds *first_complete(const ImageManifest &manifest, const FileCollector &files) {
    const auto complete = std::ranges::find_if(
        manifest.first, [&](const ImageNeeds &needs) { return !missing_program(needs, files); });
    return complete == manifest.first.end() ? nullptr : &*complete;
}

std::pair<std::string, bool> split_optional(std::string_view entry) {
    if (entry.ends_with('?'))
        return {std::string(entry.substr(0, entry.size() - 1)), true};
    return {std::string(entry), false};
}

} // namespace slipway
