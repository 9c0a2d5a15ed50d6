// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_loader.h"

#include <algorithm>
#include <array>

#include "unit/unit_keys.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 10U;
constexpr std::size_t kMaxNameBytes = 1024;

// Loads files in two passes: plugins and templates first, because an instance in one file may
// inherit from a template in another.
class Loading {
public:
    explicit Loading(const UnitSet *known) : known_(known) {}

    void parse(const UnitSource &source);
    LoadedUnits finish();

private:
    struct File {
        std::string name;
        toml::table table;
        std::string plugin; // of [plugin] name, or the importer's
    };

    void read_plugin(File &file);
    void read_options(TomlReader &reader, const toml::node &node, PluginSpec &plugin);
    void read_claims(const File &file);
    void read_units(const File &file, bool templates);
    void read_unit(TomlReader &reader, const File &file, const toml::table &table, bool templates);
    void read_overrides(const File &file);
    void read_override(TomlReader &reader, const toml::table &table);
    void apply_overrides(Unit &unit) const;
    void read_resources(const File &file);
    void read_breaks(const File &file);
    void read_break(TomlReader &reader, const toml::table &table);
    void read_devices(const File &file);
    void check_sections(File &file);
    [[nodiscard]] const Unit *find_template(std::string_view name) const;
    [[nodiscard]] bool is_defined(std::string_view name) const;

    const UnitSet *known_;
    std::vector<File> files_;
    LoadedUnits loaded_;
    std::string devices_from_; // the file that said which device back end it is
};

void Loading::parse(const UnitSource &source) {
    if (source.text.size() > kMaxFileBytes) {
        loaded_.problems.push_back({{source.file, 0}, "the file is larger than 256 KiB", ""});
        return;
    }
    auto parsed = parse_toml(source.text, source.file);
    if (!parsed) {
        loaded_.problems.push_back(
            {{source.file, parsed.error().line}, std::move(parsed.error().message), ""});
        return;
    }
    File file{source.file, *std::move(parsed), source.plugin};
    check_sections(file);
    read_plugin(file);
    files_.push_back(std::move(file));
}

void Loading::check_sections(File &file) {
    static const std::vector<std::string> kSections = {
        "plugin", "claim", "unit", "override", "options", "resources", "break", "image", "devices"};
    TomlReader reader(file.name, loaded_.problems);
    for (const auto &[key, node] : file.table) {
        if (std::ranges::find(kSections, key.str()) != kSections.end())
            continue;
        const auto near = nearest_word(key.str(), kSections);
        reader.problem(node, "unknown table \"" + printable(key.str(), 80) + "\"; " +
                                 (near ? "did you mean \"" + *near + "\"?"
                                       : "the tables are: " + join(kSections, ", ")));
    }
}

void Loading::read_plugin(File &file) {
    const toml::node *node = file.table.get("plugin");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    const toml::table *table = node->as_table();
    if (table == nullptr || known_ != nullptr) {
        reader.problem(*node, table == nullptr ? "plugin must be a table: [plugin]"
                                               : "imported text may not define a plugin");
        return;
    }
    PluginSpec plugin;
    plugin.origin = reader.origin(*node);
    if (const toml::node *name = table->get("name"))
        reader.set_subject(name->value_or(std::string()));
    read_table<PluginSpec>(reader, *table, plugin_keys(), plugin);
    if (plugin.name.empty() || plugin.library.empty())
        reader.problem(*node, "[plugin] needs name and library");
    if (const toml::node *options = file.table.get("options"))
        read_options(reader, *options, plugin);
    const auto same = std::ranges::find(loaded_.set.plugins, plugin.name, &PluginSpec::name);
    if (same != loaded_.set.plugins.end())
        reader.problem(*node, "plugin \"" + plugin.name + "\" is already defined at " +
                                  same->origin.text());
    file.plugin = plugin.name;
    if (!reader.had_problem())
        loaded_.set.plugins.push_back(std::move(plugin));
}

void Loading::read_options(TomlReader &reader, const toml::node &node, PluginSpec &plugin) {
    const toml::table *table = node.as_table();
    if (table == nullptr) {
        reader.problem(node, "options must be a table: [options]");
        return;
    }
    for (const auto &[key, value] : *table) {
        OptionSpec option;
        option.key = key.str();
        if (const toml::table *fields = value.as_table())
            read_table<OptionSpec>(reader, *fields, option_keys(), option);
        else
            reader.problem(value, "an option must be a table: { help = \"…\" }");
        plugin.options.push_back(std::move(option));
    }
}

void Loading::read_claims(const File &file) {
    const toml::node *node = file.table.get("claim");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    reader.set_subject(file.plugin);
    const toml::array *array = node->as_array();
    if (array == nullptr || file.plugin.empty()) {
        reader.problem(*node, array == nullptr ? "claim must be a list of tables: [[claim]]"
                                               : "[[claim]] needs a [plugin] in the same file");
        return;
    }
    for (const toml::node &item : *array) {
        Claim claim;
        claim.plugin = file.plugin;
        claim.origin = reader.origin(item);
        reader.forget_problems();
        if (const toml::table *table = item.as_table())
            read_table<Claim>(reader, *table, claim_keys(), claim);
        if (claim.match.empty())
            reader.problem(item, "a claim needs match = { fact = \"pattern\" }");
        if (!reader.had_problem())
            loaded_.set.claims.push_back(std::move(claim));
    }
}

void Loading::read_units(const File &file, bool templates) {
    const toml::node *node = file.table.get("unit");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    const toml::array *array = node->as_array();
    if (array == nullptr) {
        if (templates)
            reader.problem(*node, "unit must be a list of tables: [[unit]]");
        return;
    }
    for (const toml::node &item : *array) {
        if (const toml::table *table = item.as_table())
            read_unit(reader, file, *table, templates);
    }
}

void Loading::read_unit(TomlReader &reader, const File &file, const toml::table &table,
                        bool templates) {
    const toml::node *name = table.get("name");
    const std::string text = name == nullptr ? "" : name->value_or(std::string());
    if (text.ends_with('@') != templates)
        return;
    reader.forget_problems();
    reader.set_subject(text);
    if (text.empty() || text.size() > kMaxNameBytes) {
        reader.problem(table, "a unit needs name = \"…\" of 1 to 1024 bytes");
        return;
    }
    Unit unit;
    if (const Unit *base = find_template(template_name(text)); base != nullptr && !templates)
        unit = instance_of(*base, text);
    else
        unit.plugin = file.plugin;
    unit.name = text;
    unit.origin = reader.origin(table);
    unit.is_explicit = true;
    read_table<Unit>(reader, table, unit_keys(), unit);
    apply_overrides(unit);
    if (unit.kind != UnitKind::target && unit.plugin.empty())
        reader.problem(table, "unit \"" + printable(text, 120) +
                                  "\" runs an operation and needs plugin = \"…\"");
    if (is_defined(text))
        reader.problem(table, "unit \"" + printable(text, 120) + "\" is already defined");
    if (!reader.had_problem())
        loaded_.set.units.push_back(std::move(unit));
}

// Read first, so that instances inherit from templates as they were changed; and kept, because they
// hold for units that importers define later, too.
void Loading::read_overrides(const File &file) {
    const toml::node *node = file.table.get("override");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    const toml::array *array = node->as_array();
    if (array == nullptr || known_ != nullptr) {
        reader.problem(*node, array == nullptr ? "override must be a list of tables: [[override]]"
                                               : "imported text may not change other units");
        return;
    }
    for (const toml::node &item : *array) {
        if (const toml::table *table = item.as_table())
            read_override(reader, *table);
    }
}

void Loading::read_override(TomlReader &reader, const toml::table &table) {
    reader.forget_problems();
    Override entry;
    entry.values.origin = reader.origin(table);
    if (const toml::node *name = table.get("name"))
        entry.values.name = name->value_or(std::string());
    if (entry.values.name.empty())
        reader.problem(table, "an override needs name = \"…\", the unit that it changes");
    read_table<Unit>(reader, table, unit_keys(), entry.values);
    for (const auto &[key, value] : table) {
        if (key.str() != "name")
            entry.keys.emplace_back(key.str());
    }
    if (!reader.had_problem())
        loaded_.set.overrides.push_back(std::move(entry));
}

void Loading::apply_overrides(Unit &unit) const {
    for (const UnitSet *set : {known_, static_cast<const UnitSet *>(&loaded_.set)}) {
        if (set == nullptr)
            continue;
        slipway::apply_overrides(set->overrides, unit);
    }
}

void Loading::read_resources(const File &file) {
    const toml::node *node = file.table.get("resources");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    const toml::table *table = node->as_table();
    if (table == nullptr || known_ != nullptr) {
        reader.problem(*node, table == nullptr ? "resources must be a table: [resources]"
                                               : "imported text may not define resources");
        return;
    }
    for (const auto &[key, value] : *table) {
        constexpr std::int64_t kMost = std::int64_t{1} << 50U; // KiB: more than any machine has
        const auto *capacity = value.as_integer();
        if (capacity != nullptr && capacity->get() >= 0 && capacity->get() <= kMost)
            loaded_.set.resources.insert_or_assign(std::string(key.str()),
                                                   static_cast<std::uint64_t>(capacity->get()));
        else
            reader.problem(value, printable(key.str(), 80) + " must be a whole number");
    }
}

void Loading::read_breaks(const File &file) {
    const toml::node *node = file.table.get("break");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    const toml::array *array = node->as_array();
    if (array == nullptr || known_ != nullptr) {
        reader.problem(*node, array == nullptr ? "break must be a list of tables: [[break]]"
                                               : "imported text may not define breaks");
        return;
    }
    for (const toml::node &item : *array) {
        if (const toml::table *table = item.as_table())
            read_break(reader, *table);
    }
}

void Loading::read_break(TomlReader &reader, const toml::table &table) {
    reader.forget_problems();
    Breakpoint point;
    point.origin = reader.origin(table);
    read_table<Breakpoint>(reader, table, break_keys(), point);
    if (point.names.empty())
        reader.problem(table, "a break needs names = [\"…\"], the words after rd.break=");
    if ((point.at == Breakpoint::At::units) == point.held.empty())
        reader.problem(table, "a break needs holds = [\"…\"], the units that it holds back, or "
                              "at = \"start\" or \"switch\", and not both");
    if (!reader.had_problem())
        loaded_.set.breakpoints.push_back(std::move(point));
}

// An image has one device back end. Both that there may be are known here: PID 1 is a part of each.
void Loading::read_devices(const File &file) {
    const toml::node *node = file.table.get("devices");
    if (node == nullptr)
        return;
    TomlReader reader(file.name, loaded_.problems);
    const toml::table *table = node->as_table();
    if (table == nullptr || known_ != nullptr) {
        reader.problem(*node, table == nullptr
                                  ? "devices must be a table: [devices]"
                                  : "imported text may not choose the device back end");
        return;
    }
    static constexpr std::array<std::string_view, 2> kBackends = {"native", "udevd"};
    for (const auto &[key, value] : *table) {
        if (key.str() != "backend") {
            reader.problem(value, "unknown key \"" + printable(key.str(), 80) +
                                      "\" in [devices]; the only one is: backend");
            continue;
        }
        const auto index = reader.word(key.str(), value, kBackends);
        if (!index)
            continue;
        const auto backend = static_cast<DeviceBackend>(*index);
        if (!devices_from_.empty() && backend != loaded_.set.devices)
            reader.problem(value, "the device back end is another one than in " + devices_from_ +
                                      "; an image has one of them");
        else
            loaded_.set.devices = backend;
        devices_from_ = file.name;
    }
}

const Unit *Loading::find_template(std::string_view name) const {
    for (const UnitSet *set : {&loaded_.set, known_}) {
        if (set == nullptr)
            continue;
        const auto found = std::ranges::find(set->units, name, &Unit::name);
        if (!name.empty() && found != set->units.end())
            return &*found;
    }
    return nullptr;
}

bool Loading::is_defined(std::string_view name) const {
    return std::ranges::contains(loaded_.set.units, name, &Unit::name);
}

LoadedUnits Loading::finish() {
    for (const File &file : files_)
        read_overrides(file);
    for (const File &file : files_)
        read_units(file, true);
    for (const File &file : files_) {
        read_claims(file);
        read_units(file, false);
        read_resources(file);
        read_breaks(file);
        read_devices(file);
    }
    return std::move(loaded_);
}

} // namespace

void apply_overrides(const std::vector<Override> &overrides, Unit &unit) {
    for (const Override &entry : overrides) {
        if (entry.values.name != unit.name)
            continue;
        for (const TomlKey<Unit> &key : unit_keys()) {
            if (key.copy != nullptr && std::ranges::contains(entry.keys, key.name))
                key.copy(entry.values, unit);
        }
    }
}

LoadedUnits load_units(const std::vector<UnitSource> &sources, const UnitSet *known) {
    Loading loading(known);
    for (const UnitSource &source : sources)
        loading.parse(source);
    return loading.finish();
}

} // namespace slipway
