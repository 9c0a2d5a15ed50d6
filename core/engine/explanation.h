// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace slipway {

// The engine's state in words. Reads, never changes.
class Explanation {
public:
    explicit Explanation(const Engine &engine) : engine_(engine) {}

    [[nodiscard]] std::string headline();
    [[nodiscard]] std::string why();
    [[nodiscard]] std::vector<std::string> remedies();
    [[nodiscard]] std::string dump();

private:
    // why()
    void explain(Graph::Index index, unsigned depth);
    [[nodiscard]] bool is_told_with_another(const Node &goal) const;
    void explain_needs(const Node &node, unsigned depth);
    void explain_own_wait(const Node &node, unsigned depth);
    void explain_device_wait(const Node &node, unsigned depth);
    void explain_members(const Node &node, unsigned depth);
    void explain_starting_services(unsigned depth);
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

    // headline()
    [[nodiscard]] std::string waits_for(Graph::Index index);
    [[nodiscard]] std::string waits_for_members(std::optional<Duration> deadline) const;

    [[nodiscard]] std::string title(const Node &node) const;
    [[nodiscard]] std::string state_word(const Node &node) const;
    [[nodiscard]] std::string running_text(const Node &node) const;
    [[nodiscard]] std::string members_text(const Node &node,
                                           std::optional<Duration> deadline) const;
    [[nodiscard]] std::string time_left(std::optional<Duration> deadline) const;
    [[nodiscard]] std::string remaining(Duration deadline) const;
    [[nodiscard]] std::string device_text(const DeviceTable::Device &device) const;
    [[nodiscard]] bool is_worth_telling(const Node &node) const;

    const Engine &engine_;
    std::set<Graph::Index> told_;
    std::set<std::string> told_references_;
    std::string text_;
};

} // namespace slipway
