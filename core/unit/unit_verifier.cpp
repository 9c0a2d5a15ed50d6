// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_verifier.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace slipway {

namespace {

constexpr unsigned kAbiVersion = 1; // SLIPWAY_ABI_VERSION; this folder does not include the SDK

using Edges = std::map<std::string, std::vector<std::string>, std::less<>>;

class Verification {
public:
    explicit Verification(const UnitSet &set) : set_(set) {}

    std::vector<UnitProblem> run() {
        for (const PluginSpec &plugin : set_.plugins)
            check_abi(plugin);
        for (const Unit &unit : set_.units) {
            check_plugin(unit);
            check_references(unit);
            check_kind(unit);
        }
        for (const Claim &claim : set_.claims)
            check_claim(claim);
        for (const Override &entry : set_.overrides)
            check_override(entry);
        check_breaks();
        check_cycles();
        return std::move(problems_);
    }

private:
    void add(const Origin &origin, std::string message, std::string subject) {
        problems_.push_back({origin, std::move(message), std::move(subject)});
    }

    void check_abi(const PluginSpec &plugin) {
        if (plugin.abi != kAbiVersion)
            add(plugin.origin,
                "plugin \"" + plugin.name + "\" is made for version " + std::to_string(plugin.abi) +
                    " of the plugin interface, this slipway has version " +
                    std::to_string(kAbiVersion) + "; install the plugin's build for this version",
                plugin.name);
    }

    void check_plugin(const Unit &unit) {
        if (unit.plugin.empty() ||
            std::ranges::contains(set_.plugins, unit.plugin, &PluginSpec::name))
            return;
        std::vector<std::string> names;
        for (const PluginSpec &plugin : set_.plugins)
            names.push_back(plugin.name);
        const auto near = nearest_word(unit.plugin, names);
        add(unit.origin,
            "unit \"" + unit.name + "\" needs plugin \"" + unit.plugin +
                "\", which nothing defines" +
                (near ? "; did you mean \"" + *near + "\"?" : "; install its TOML file"),
            unit.name);
    }

    void check_references(const Unit &unit) {
        for (const auto *list : {&unit.required, &unit.wants, &unit.milestones, &unit.any_of})
            for (const std::string &name : *list)
                if (!is_defined(name) && !is_importable(name))
                    add(unit.origin,
                        "unit \"" + unit.name + "\" needs unit \"" + name +
                            "\", which nothing defines" + suggestion(name),
                        unit.name);
    }

    void check_claim(const Claim &claim) {
        if (!claim.unit.empty() && !is_defined(template_name(claim.unit)))
            add(claim.origin,
                "the claim makes members of \"" + claim.unit + "\", but there is no template \"" +
                    template_name(claim.unit) + "\"" + suggestion(template_name(claim.unit)),
                claim.plugin);
    }

    // A drop-in for a misspelt unit would change nothing, in silence.
    void check_override(const Override &entry) {
        const std::string &name = entry.values.name;
        if (!is_defined(name) && !is_importable(name))
            add(entry.values.origin,
                "the override is for unit \"" + name + "\", which nothing defines" +
                    suggestion(name),
                "");
    }

    void check_breaks() {
        std::map<std::string, Origin, std::less<>> seen;
        for (const Breakpoint &point : set_.breakpoints) {
            for (const std::string &name : point.names) {
                const auto [first, is_new] = seen.try_emplace(name, point.origin);
                if (!is_new)
                    add(point.origin,
                        "the break \"" + name + "\" is already defined at " + first->second.text(),
                        "");
            }
        }
    }

    // What only one kind of unit can do.
    void check_kind(const Unit &unit) {
        const auto refuse = [&](std::string_view key, std::string_view remedy) {
            add(unit.origin,
                "unit \"" + unit.name + "\": " + std::string(key) + " " + std::string(remedy),
                unit.name);
        };
        if (unit.degraded && unit.kind != UnitKind::assembly)
            refuse("degraded", "is for assemblies, which have members; remove it");
        if (unit.on_demand && unit.kind != UnitKind::assembly)
            refuse("on_demand", "is for assemblies; remove it");
        if (unit.piecemeal && (unit.kind != UnitKind::assembly || unit.device))
            refuse("piecemeal", "is for assemblies that gather members; remove it");
        if (unit.members_answer && unit.kind != UnitKind::assembly)
            refuse("members_answer", "is for assemblies; remove it");
        if (unit.barrier && unit.kind != UnitKind::target)
            refuse("barrier", "is for targets: make one that requires this unit");
        if (unit.at_switch == AtSwitch::run && unit.kind != UnitKind::job)
            refuse("at_switch", "can only be \"run\" of a job; write \"cancel\" or \"finish\"");
        if (unit.race && unit.any_of.empty())
            refuse("race", "needs any_of, the units that take part");
        if (unit.kind == UnitKind::target && !unit.resources.empty())
            refuse("resources", "are taken by jobs, and a target runs none; remove them");
    }

    // Itself, or the template that makes it.
    [[nodiscard]] bool is_defined(std::string_view name) const {
        const std::string base = template_name(name);
        return std::ranges::contains(set_.units, name, &Unit::name) ||
               (!base.empty() && std::ranges::contains(set_.units, base, &Unit::name));
    }

    [[nodiscard]] bool is_importable(std::string_view name) const {
        return std::ranges::any_of(set_.plugins, [name](const PluginSpec &plugin) {
            return std::ranges::any_of(plugin.imports, [name](const std::string &pattern) {
                return matches_pattern(pattern, name);
            });
        });
    }

    [[nodiscard]] std::string suggestion(std::string_view name) const {
        std::vector<std::string> names;
        for (const Unit &unit : set_.units)
            names.push_back(unit.name);
        const auto near = nearest_word(name, names);
        return near ? "; did you mean \"" + *near + "\"?" : "";
    }

    // Everything that must end before a unit may start.
    [[nodiscard]] Edges ordering() const {
        Edges edges;
        for (const Unit &unit : set_.units) {
            auto &earlier = edges[unit.name];
            for (const auto *list :
                 {&unit.required, &unit.wants, &unit.after, &unit.milestones, &unit.any_of})
                earlier.insert(earlier.end(), list->begin(), list->end());
            for (const std::string &later : unit.before)
                edges[later].push_back(unit.name);
        }
        for (const Unit &writer : set_.units)
            for (const Unit &barrier : set_.units)
                if (writer.writes && barrier.barrier)
                    edges[writer.name].push_back(barrier.name);
        return edges;
    }

    void check_cycles() {
        edges_ = ordering();
        for (const Unit &unit : set_.units)
            if (!state_.contains(unit.name))
                search_cycle(unit.name);
    }

    // Depth-first search with its own stack (units come from outside: no recursion on their depth).
    void search_cycle(const std::string &start) {
        std::vector<std::pair<std::string, std::size_t>> path{{start, 0}};
        state_[start] = State::on_path;
        while (!path.empty()) {
            auto &[name, next] = path.back();
            const auto &earlier = edges_[name];
            if (next == earlier.size()) {
                state_[name] = State::finished;
                path.pop_back();
                continue;
            }
            const std::string target = earlier[next++];
            const auto known = state_.find(target);
            if (known == state_.end()) {
                state_[target] = State::on_path;
                path.emplace_back(target, 0);
            } else if (known->second == State::on_path) {
                report_cycle(path, target);
            }
        }
    }

    void report_cycle(const std::vector<std::pair<std::string, std::size_t>> &path,
                      const std::string &again) {
        auto from = std::ranges::find(path, again, &std::pair<std::string, std::size_t>::first);
        std::string text;
        // A name that only `before` and `after` of others know has no origin: one of those has.
        auto subject = set_.units.end();
        for (; from != path.end(); ++from) {
            text += from->first + " → ";
            if (subject == set_.units.end())
                subject = std::ranges::find(set_.units, from->first, &Unit::name);
        }
        const bool is_known = subject != set_.units.end();
        add(is_known ? subject->origin : Origin{},
            "cycle: " + text + again + "; each waits for the next: remove one of the edges",
            is_known ? subject->name : again);
    }

    enum class State : std::uint8_t { on_path, finished };

    const UnitSet &set_;
    std::vector<UnitProblem> problems_;
    Edges edges_;
    std::map<std::string, State, std::less<>> state_;
};

} // namespace

std::vector<UnitProblem> verify_units(const UnitSet &set) {
    return Verification(set).run();
}

} // namespace slipway
