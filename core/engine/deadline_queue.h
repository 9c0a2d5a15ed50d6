// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"

namespace slipway {

// Points in time, each with the thing that they belong to. A thing has at most one; setting it
// again moves it. All operations cost O(log n), so a boot with ten thousand waits costs no more per
// event than one with ten.
template <class Key>
class DeadlineQueue {
public:
    void set(const Key &key, Duration when) {
        clear(key);
        when_.emplace(key, when);
        order_.emplace(when, key);
    }
    void clear(const Key &key) {
        const auto found = when_.find(key);
        if (found == when_.end())
            return;
        order_.erase({found->second, key});
        when_.erase(found);
    }
    [[nodiscard]] std::optional<Duration> find(const Key &key) const {
        const auto found = when_.find(key);
        return found == when_.end() ? std::nullopt : std::optional(found->second);
    }
    // The earliest one.
    [[nodiscard]] std::optional<Duration> next() const {
        return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
    }
    // Those at or before `now`, in the order of time; they are gone from the queue.
    [[nodiscard]] std::vector<Key> take_expired(Duration now) {
        std::vector<Key> expired;
        while (!order_.empty() && order_.begin()->first <= now) {
            expired.push_back(order_.begin()->second);
            when_.erase(order_.begin()->second);
            order_.erase(order_.begin());
        }
        return expired;
    }

private:
    std::map<Key, Duration> when_;
    std::set<std::pair<Duration, Key>> order_;
};

} // namespace slipway
