// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/answer_store.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace slipway {

int AnswerStore::give(std::string_view id, Secret secret) {
    if (id.empty() || id.size() > kMaxIdBytes)
        return EINVAL;
    std::erase_if(given_, [id](const Given &given) { return given.id == id; });
    if (given_.size() >= kMaxGiven)
        return ENOSPC;
    given_.push_back({std::string(id), std::move(secret)});
    return 0;
}

void AnswerStore::typed(std::string_view id, const Secret &secret) {
    if (id.empty() || id.size() > kMaxIdBytes || secret.size() == 0)
        return;
    // The same words again: they are offered to nobody twice.
    const auto same = std::ranges::find_if(
        typed_, [&secret](const Typed &typed) { return typed.secret.view() == secret.view(); });
    if (same != typed_.end()) {
        same->offered.emplace(id);
        return;
    }
    typed_.push_front(
        {std::string(id), {std::string(id)}, loop_.now() + kTypedFor, Secret(secret.view())});
    if (typed_.size() > kMaxTyped)
        typed_.pop_back();
    arm();
}

void AnswerStore::asked(std::string_view id) {
    std::erase_if(typed_, [id](const Typed &typed) { return typed.id == id; });
}

std::optional<AnswerStore::Found> AnswerStore::find(std::string_view id, bool accepts_typed) {
    if (id.empty() || id.size() > kMaxIdBytes)
        return std::nullopt;
    const auto given = std::ranges::find(given_, id, &Given::id);
    if (given != given_.end()) {
        Found found{Kind::given, std::move(given->secret)};
        given_.erase(given);
        return found;
    }
    for (Typed &typed : typed_) {
        if (accepts_typed && typed.until > loop_.now() && typed.offered.emplace(id).second)
            return Found{Kind::typed, Secret(typed.secret.view())};
    }
    return std::nullopt;
}

void AnswerStore::wipe() {
    given_.clear();
    typed_.clear();
    timer_.reset();
}

void AnswerStore::arm() {
    timer_.reset();
    if (typed_.empty())
        return;
    auto timer = loop_.at(typed_.back().until, [this] { expire(); });
    if (timer) {
        timer_ = std::move(*timer);
        return;
    }
    // Rather ask a person once more than keep it without a limit.
    log_.warning("a passphrase is not kept for other volumes: " + timer.error().message());
    typed_.clear();
}

void AnswerStore::expire() {
    std::erase_if(typed_, [this](const Typed &typed) { return typed.until <= loop_.now(); });
    arm();
}

} // namespace slipway
