// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtfs/root_choice.h"

#include <format>
#include <utility>

#include "base/text.h"

namespace slipway::virtfs {

namespace {

constexpr std::size_t kMaxVirtiofsTag = 36; // virtio 1.2, 5.11.4
constexpr std::size_t kMaxNinepTag = 255;   // no limit there; emulators allow much less

std::optional<ShareType> type_named(std::string_view name) {
    for (const ShareType type : {ShareType::virtiofs, ShareType::ninep}) {
        if (name == name_of(type))
            return type;
    }
    return std::nullopt;
}

// "virtiofs:<tag>" and "virtfs:<tag>".
std::optional<RootChoice> read_prefixed(std::string_view value) {
    using Prefix = std::pair<std::string_view, ShareType>;
    for (const auto &[prefix, type] :
         {Prefix("virtiofs:", ShareType::virtiofs), Prefix("virtfs:", ShareType::ninep)}) {
        if (value.starts_with(prefix))
            return RootChoice{.type = type, .tag = std::string(value.substr(prefix.size()))};
    }
    return std::nullopt;
}

// A list of types is tried in order, so its first word decides.
std::optional<ShareType> first_type(const RootWords &words) {
    return words.types.empty() ? std::nullopt : type_named(words.types.front());
}

Result<> check_tag(const RootChoice &choice) {
    const std::size_t limit = choice.type == ShareType::virtiofs ? kMaxVirtiofsTag : kMaxNinepTag;
    if (choice.tag.empty())
        return failure("no tag is named; write root=virtiofs:<tag> or root=virtfs:<tag>, as the "
                       "host calls the folder that it shares");
    if (choice.tag.size() > limit)
        return failure(
            std::format("a tag of {} has at most {} bytes", name_of(choice.type), limit));
    if (printable(choice.tag, choice.tag.size()) != choice.tag)
        return failure("the tag holds characters that cannot be shown");
    return {};
}

} // namespace

std::string_view name_of(ShareType type) noexcept {
    return type == ShareType::virtiofs ? "virtiofs" : "9p";
}

Result<std::optional<RootChoice>> choose_root(const RootWords &words) {
    const std::string word = "root=" + printable(words.root, 200);
    auto choice = read_prefixed(words.root);
    const auto type = first_type(words);
    if (!choice && !type)
        return std::nullopt;
    if (!choice)
        choice = RootChoice{.type = *type, .tag = words.root};
    if (!words.types.empty() && type != choice->type)
        return failure(std::format("{} and rootfstype={} on the kernel command line contradict "
                                   "each other: leave one of them out",
                                   word, printable(words.types.front(), 80)));
    if (const auto checked = check_tag(*choice); !checked)
        return failure(
            std::format("{} on the kernel command line: {}", word, checked.error().message()));
    return choice;
}

} // namespace slipway::virtfs
