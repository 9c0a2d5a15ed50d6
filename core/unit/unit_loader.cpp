// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_loader.h"

#include <algorithm>
#include <array>

#include "unit/toml_reader.h"

namespace slipway {

namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 10U;
constexpr std::size_t kMaxNameBytes = 1024;

constexpr std::array<std::string_view, 4> kKinds = {"target", "job", "assembly", "mount"};
constexpr std::array<std::string_view, 3> kWanted = {"named", "auto", "never"};
constexpr std::array<std::string_view, 2> kAtSwitch = {"cancel", "finish"};
constexpr std::array<std::string_view, 2> kThen = {"start", "fail"};
constexpr std::array<std::string_view, 2> kImport = {"options", "always"};

constexpr std::array kDegradedKeys = {
    TomlKey<DegradedPolicy>{"wait",
                            [](TomlReader &r, const toml::node &n, DegradedPolicy &policy) {
                                policy.wait = r.duration("wait", n).value_or(policy.wait);
                            }},
    TomlKey<DegradedPolicy>{"then",
                            [](TomlReader &r, const toml::node &n, DegradedPolicy &policy) {
                                if (const auto index = r.word("then", n, kThen))
                                    policy.then = static_cast<DegradedPolicy::Then>(*index);
                            }},
};

void read_degraded(TomlReader &reader, const toml::node &node, Unit &unit) {
    const auto *table = node.as_table();
    if (table == nullptr) {
        reader.problem(node, "degraded must be a table: { wait = \"30s\", then = \"start\" }");
        return;
    }
    DegradedPolicy policy;
    read_table<DegradedPolicy>(reader, *table, kDegradedKeys, policy);
    unit.degraded = policy;
}

void read_device(TomlReader &reader, const toml::node &node, Unit &unit) {
    const auto text = reader.text("device", node);
    if (!text)
        return;
    unit.device = DeviceReference::parse(*text);
    if (!unit.device)
        reader.problem(node,
                       "device = \"" + printable(*text, 120) +
                           "\" is no device reference; accepted are UUID=, LABEL=, PARTUUID=, "
                           "PARTLABEL= and paths below /dev");
}

void read_timeout(TomlReader &reader, const toml::node &node, Unit &unit) {
    const auto *text = node.as_string();
    if (text != nullptr && text->get() == "infinity")
        unit.timeout.reset();
    else if (const auto value = reader.duration("timeout", node))
        unit.timeout = *value;
}

constexpr std::array kUnitKeys = {
    TomlKey<Unit>{"name", [](TomlReader &, const toml::node &, Unit &) { /* read first */ }},
    TomlKey<Unit>{"kind",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      if (const auto index = r.word("kind", n, kKinds))
                          u.kind = static_cast<UnitKind>(*index);
                  }},
    TomlKey<Unit>{"description",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      u.description = r.text("description", n).value_or("");
                  }},
    TomlKey<Unit>{"hint", [](TomlReader &r, const toml::node &n,
                             Unit &u) { u.hint = r.text("hint", n).value_or(""); }},
    TomlKey<Unit>{"plugin",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      u.plugin = r.text("plugin", n).value_or("");
                  }},
    TomlKey<Unit>{"wanted",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      if (const auto index = r.word("wanted", n, kWanted))
                          u.wanted = static_cast<Wanted>(*index);
                  }},
    TomlKey<Unit>{"requires", [](TomlReader &r, const toml::node &n,
                                 Unit &u) { u.required = r.texts("requires", n); }},
    TomlKey<Unit>{"wants", [](TomlReader &r, const toml::node &n,
                              Unit &u) { u.wants = r.texts("wants", n); }},
    TomlKey<Unit>{"after", [](TomlReader &r, const toml::node &n,
                              Unit &u) { u.after = r.texts("after", n); }},
    TomlKey<Unit>{"before", [](TomlReader &r, const toml::node &n,
                               Unit &u) { u.before = r.texts("before", n); }},
    TomlKey<Unit>{"device", read_device},
    TomlKey<Unit>{"device_timeout", [](TomlReader &r, const toml::node &n,
                                       Unit &u) { u.device_timeout = r.duration("device_timeout", n); }},
    TomlKey<Unit>{"timeout", read_timeout},
    TomlKey<Unit>{"retries", [](TomlReader &r, const toml::node &n,
                                Unit &u) { u.retries = r.number("retries", n).value_or(0); }},
    TomlKey<Unit>{"backoff",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      u.backoff = r.duration("backoff", n).value_or(u.backoff);
                  }},
    TomlKey<Unit>{"degraded", read_degraded},
    TomlKey<Unit>{"writes", [](TomlReader &r, const toml::node &n,
                               Unit &u) { u.writes = r.boolean("writes", n).value_or(true); }},
    TomlKey<Unit>{"barrier", [](TomlReader &r, const toml::node &n,
                                Unit &u) { u.barrier = r.boolean("barrier", n).value_or(false); }},
    TomlKey<Unit>{"at_switch",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      if (const auto index = r.word("at_switch", n, kAtSwitch))
                          u.at_switch = static_cast<AtSwitch>(*index);
                  }},
    TomlKey<Unit>{"params",
                  [](TomlReader &r, const toml::node &n, Unit &u) {
                      for (auto &[key, value] : r.text_table("params", n))
                          u.params.insert_or_assign(key, std::move(value));
                  }},
};

constexpr std::array kClaimKeys = {
    TomlKey<Claim>{"match",
                   [](TomlReader &r, const toml::node &n, Claim &c) {
                       for (auto &[key, value] : r.text_table("match", n))
                           c.match.emplace_back(key, std::move(value));
                   }},
    TomlKey<Claim>{"unit", [](TomlReader &r, const toml::node &n,
                              Claim &c) { c.unit = r.text("unit", n).value_or(""); }},
    TomlKey<Claim>{"name", [](TomlReader &r, const toml::node &n,
                              Claim &c) { c.name = r.text("name", n).value_or(""); }},
    TomlKey<Claim>{"members", [](TomlReader &r, const toml::node &n,
                                 Claim &c) { c.members = r.number("members", n).value_or(1); }},
};

constexpr std::array kOptionKeys = {
    TomlKey<OptionSpec>{"list",
                        [](TomlReader &r, const toml::node &n, OptionSpec &o) {
                            o.list = r.boolean("list", n).value_or(false);
                        }},
    TomlKey<OptionSpec>{"bare",
                        [](TomlReader &r, const toml::node &n, OptionSpec &o) {
                            o.bare = r.boolean("bare", n).value_or(false);
                        }},
    TomlKey<OptionSpec>{"import",
                        [](TomlReader &r, const toml::node &n, OptionSpec &o) {
                            o.import = r.boolean("import", n).value_or(false);
                        }},
    TomlKey<OptionSpec>{"join", [](TomlReader &r, const toml::node &n,
                                   OptionSpec &o) { o.join = r.text("join", n).value_or(""); }},
    TomlKey<OptionSpec>{"help", [](TomlReader &r, const toml::node &n,
                                   OptionSpec &o) { o.help = r.text("help", n).value_or(""); }},
};

constexpr std::array kPluginKeys = {
    TomlKey<PluginSpec>{"name", [](TomlReader &r, const toml::node &n,
                                   PluginSpec &p) { p.name = r.text("name", n).value_or(""); }},
    TomlKey<PluginSpec>{"library",
                        [](TomlReader &r, const toml::node &n, PluginSpec &p) {
                            p.library = r.text("library", n).value_or("");
                            if (p.library.empty() || p.library.contains('/'))
                                r.problem(n, "library must be a file name without '/'");
                        }},
    TomlKey<PluginSpec>{"abi", [](TomlReader &r, const toml::node &n,
                                  PluginSpec &p) { p.abi = r.number("abi", n).value_or(0); }},
    TomlKey<PluginSpec>{"workers",
                        [](TomlReader &r, const toml::node &n, PluginSpec &p) {
                            p.workers = r.number("workers", n).value_or(0);
                        }},
    TomlKey<PluginSpec>{"import",
                        [](TomlReader &r, const toml::node &n, PluginSpec &p) {
                            p.always_import = r.word("import", n, kImport) == 1;
                        }},
    TomlKey<PluginSpec>{"imports", [](TomlReader &r, const toml::node &n,
                                      PluginSpec &p) { p.imports = r.texts("imports", n); }},
    TomlKey<PluginSpec>{"import_files",
                        [](TomlReader &r, const toml::node &n, PluginSpec &p) {
                            p.import_files = r.texts("import_files", n);
                        }},
};

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
    void check_sections(File &file);
    [[nodiscard]] const Unit *find_template(std::string_view name) const;
    [[nodiscard]] bool is_defined(std::string_view name) const;

    const UnitSet *known_;
    std::vector<File> files_;
    LoadedUnits loaded_;
};

void Loading::parse(const UnitSource &source) {
    if (source.text.size() > kMaxFileBytes) {
        loaded_.problems.push_back({{source.file, 0}, "the file is larger than 256 KiB", ""});
        return;
    }
    toml::parse_result parsed = toml::parse(source.text, source.file);
    if (!parsed) {
        const toml::parse_error &error = parsed.error();
        loaded_.problems.push_back(
            {{source.file, static_cast<unsigned>(error.source().begin.line)},
             "not valid TOML: " + std::string(error.description()) + "; correct this line",
             ""});
        return;
    }
    File file{source.file, std::move(parsed).table(), source.plugin};
    check_sections(file);
    read_plugin(file);
    files_.push_back(std::move(file));
}

void Loading::check_sections(File &file) {
    static const std::vector<std::string> kSections = {"plugin", "claim", "unit", "options",
                                                       "image"};
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
    read_table<PluginSpec>(reader, *table, kPluginKeys, plugin);
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
            read_table<OptionSpec>(reader, *fields, kOptionKeys, option);
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
            read_table<Claim>(reader, *table, kClaimKeys, claim);
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
        unit = *base;
    else
        unit.plugin = file.plugin;
    unit.name = text;
    unit.origin = reader.origin(table);
    unit.is_explicit = true;
    read_table<Unit>(reader, table, kUnitKeys, unit);
    if (unit.kind != UnitKind::target && unit.plugin.empty())
        reader.problem(table, "unit \"" + printable(text, 120) +
                                  "\" runs an operation and needs plugin = \"…\"");
    if (is_defined(text))
        reader.problem(table, "unit \"" + printable(text, 120) + "\" is already defined");
    if (!reader.had_problem())
        loaded_.set.units.push_back(std::move(unit));
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
        read_units(file, true);
    for (const File &file : files_) {
        read_claims(file);
        read_units(file, false);
    }
    return std::move(loaded_);
}

} // namespace

LoadedUnits load_units(const std::vector<UnitSource> &sources, const UnitSet *known) {
    Loading loading(known);
    for (const UnitSource &source : sources)
        loading.parse(source);
    return loading.finish();
}

} // namespace slipway
