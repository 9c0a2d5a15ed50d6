// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace slipway {

// "/dev/sda1 (…)" and then this.
inline constexpr std::string_view kUnknownPart =
    " is a part of something that no plugin of this image knows: slipway build --with PLUGIN adds "
    "the one that does";

// The engine's state in words. Reads, never changes.
class Explanation {
public:
    // Nothing: at the time of the last event.
    explicit Explanation(const Engine &engine, std::optional<Duration> now = std::nullopt)
        : engine_(engine), now_(std::max(engine.now_, now.value_or(engine.now_))) {}

    [[nodiscard]] Waiting waiting();
    [[nodiscard]] std::string why();
    // Of one unit; nothing: there is none of that name.
    [[nodiscard]] std::optional<std::string> why(std::string_view unit);
    [[nodiscard]] std::vector<std::string> remedies();
    [[nodiscard]] std::string dump();
    // "waiting", "degraded-wait", "starting", …: docs/units.md.
    [[nodiscard]] static std::string state_word(const Node &node);

private:
    // why()
    void explain(Graph::Index index, unsigned depth);
    [[nodiscard]] bool is_told_with_another(const Node &goal) const;
    void explain_needs(const Node &node, unsigned depth);
    void explain_own_wait(const Node &node, unsigned depth);
    void explain_device_wait(const Node &node, unsigned depth);
    void explain_members(const Node &node, unsigned depth);
    void explain_what_may_bring_members(unsigned depth);
    void explain_barriers(const Node &node, unsigned depth);
    void explain_assemblies(unsigned depth);
    void explain_devices(unsigned depth);
    void line(unsigned depth, std::string_view text);

    // remedies()
    void add_hints(std::vector<std::string> &remedies) const;
    [[nodiscard]] std::vector<std::string> unknown_members() const;

    // dump()
    void dump_node(const Node &node);
    void dump_device(const DeviceTable::Device &device);
    void dump_job(const Job &job);
    void dump_break(std::size_t number);

    // waiting()
    [[nodiscard]] Waiting waits_for(Graph::Index index);
    [[nodiscard]] Waiting waits_for_device(const Node &node) const;
    [[nodiscard]] Waiting waits_for_members(const Node &node) const;
    [[nodiscard]] Waiting told_of(const Node &node, std::string_view text) const;
    [[nodiscard]] std::string gathering_text(const Node &node,
                                             std::optional<Duration> deadline) const;
    [[nodiscard]] const Node *half_there() const;
    [[nodiscard]] Waiting told_of_running(const Node &node) const;
    struct Trouble {
        std::string text;
        std::string hint;
    };
    [[nodiscard]] Trouble trouble(const Node *besides) const;
    [[nodiscard]] const Node *asking_node() const;
    [[nodiscard]] const Node *missing_in_place_of_an_answer() const;
    [[nodiscard]] std::string doing(const Node &node) const;
    [[nodiscard]] std::string last_try(const Node &node) const;
    [[nodiscard]] std::string missing_device_hint(const Node &node) const;
    [[nodiscard]] std::string near_miss(const DeviceReference &reference) const;
    [[nodiscard]] std::string hint_of(const Node &node) const;

    [[nodiscard]] std::string title(const Node &node) const;
    [[nodiscard]] std::string running_text(const Node &node) const;
    [[nodiscard]] std::string starting_text(const Node &node) const;
    // `missing`: a clause that is put behind the count.
    [[nodiscard]] std::string members_text(const Node &node, std::optional<Duration> deadline,
                                           std::string_view missing) const;
    [[nodiscard]] std::vector<std::string> missing_things(const Node &node) const;
    [[nodiscard]] std::string time_left(std::optional<Duration> deadline) const;
    [[nodiscard]] std::string remaining(Duration deadline) const;
    [[nodiscard]] std::string device_text(const DeviceTable::Device &device) const;
    [[nodiscard]] std::vector<std::string> block_devices() const;
    [[nodiscard]] std::string hardware_without_driver() const;
    [[nodiscard]] std::string unnamed_text(const Node &node) const;
    [[nodiscard]] bool is_worth_telling(const Node &node) const;

    [[nodiscard]] Duration runnable_now() const noexcept { return engine_.clock_.at(now_); }

    const Engine &engine_;
    Duration now_;
    std::set<Graph::Index> told_;
    std::set<std::string> told_references_;
    std::string text_;
};

} // namespace slipway
