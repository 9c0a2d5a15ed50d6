// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_manifest.h"

#include <array>
#include <filesystem>
#include <format>

#include "base/text.h"
#include "unit/toml_reader.h"

namespace slipway {

namespace {

// One list of an [image…] table and where it goes.
struct ListKey {
    std::string_view name;
    std::vector<std::string> ImageNeeds::*list;
};

constexpr std::array kListKeys = {
    ListKey{"modules", &ImageNeeds::modules},         ListKey{"load", &ImageNeeds::load},
    ListKey{"drivers", &ImageNeeds::drivers},         ListKey{"programs", &ImageNeeds::programs},
    ListKey{"libraries", &ImageNeeds::libraries},     ListKey{"files", &ImageNeeds::files},
    ListKey{"directories", &ImageNeeds::directories},
};

const std::vector<std::string> kConditionKeys = {"fstab_root",  "file",    "line",    "setting",
                                                 "fs_type",     "dm_uuid", "dm_name", "device",
                                                 "device_path", "stack",   "cmdline", "keeps"};

class ManifestReader {
public:
    ManifestReader(ImageManifest &manifest, Problems &problems)
        : manifest_(manifest), problems_(problems) {}

    void read(const toml::table &file) {
        if (const toml::node *plugin = file.get("plugin"); plugin != nullptr && plugin->is_table())
            manifest_.library = (*plugin->as_table())["library"].value_or(std::string());
        manifest_.devices = file["devices"]["backend"].value_or(std::string());
        const toml::node *image = file.get("image");
        if (image == nullptr)
            return;
        if (const toml::table *table = table_of("image", *image))
            read_image(*table);
    }

private:
    void problem(const toml::node &node, std::string_view what) {
        problems_.add(std::format("{}:{}: {}", manifest_.file, node.source().begin.line, what));
    }

    const toml::table *table_of(std::string_view key, const toml::node &node) {
        if (!node.is_table())
            problem(node, std::format("`{}` must be a table", key));
        return node.as_table();
    }

    void unknown(const toml::node &node, std::string_view key,
                 const std::vector<std::string> &known, std::string_view where) {
        std::string text = std::format("unknown key `{}` in {}", key, where);
        if (const auto near = nearest_word(key, known))
            text += std::format("; did you mean `{}`?", *near);
        else
            text += std::format("; known are {}", join(known, ", "));
        problem(node, text);
    }

    std::vector<std::string> strings(std::string_view key, const toml::node &node,
                                     bool one_will_do = false) {
        std::vector<std::string> list;
        if (one_will_do && node.is_string()) {
            list.push_back(node.as_string()->get());
            return list;
        }
        const toml::array *array = node.as_array();
        if (array == nullptr) {
            problem(node, std::format("`{}` must be a list of strings", key));
            return list;
        }
        for (const toml::node &item : *array) {
            if (item.is_string() && !item.as_string()->get().empty())
                list.push_back(item.as_string()->get());
            else
                problem(item, std::format("`{}` holds something that is no string or empty", key));
        }
        return list;
    }

    void read_links(const toml::node &node, ImageNeeds &needs) {
        const toml::table *table = table_of("links", node);
        if (table == nullptr)
            return;
        for (const auto &[path, target] : *table) {
            if (target.is_string() && path.str().starts_with('/'))
                needs.links.emplace_back(path.str(), target.as_string()->get());
            else
                problem(target, "`links` must be written as \"/path\" = \"target\"");
        }
    }

    // Reads the keys that every [image…] table may have; false for other keys.
    bool read_needs_key(std::string_view key, const toml::node &node, ImageNeeds &needs) {
        for (const ListKey &list : kListKeys) {
            if (list.name == key) {
                needs.*list.list = strings(key, node);
                return true;
            }
        }
        if (key == "links")
            read_links(node, needs);
        return key == "links";
    }

    static std::vector<std::string> known_keys(std::initializer_list<std::string_view> more) {
        std::vector<std::string> keys = {"links"};
        for (const ListKey &list : kListKeys)
            keys.emplace_back(list.name);
        keys.insert(keys.end(), more.begin(), more.end());
        return keys;
    }

    void read_image(const toml::table &table) {
        for (const auto &[key, node] : table) {
            const std::string_view name = key.str();
            if (read_needs_key(name, node, manifest_.always))
                continue;
            if (name == "plan_unit")
                read_plan_unit(node);
            else if (name == "host")
                read_mode("[image.host]", node, manifest_.host, &manifest_.host_needed);
            else if (name == "generic")
                read_mode("[image.generic]", node, manifest_.generic, nullptr);
            else if (name == "when")
                read_when(node);
            else if (name == "first")
                read_first(node);
            else
                unknown(node, name, known_keys({"plan_unit", "host", "generic", "when", "first"}),
                        "[image]");
        }
    }

    void read_plan_unit(const toml::node &node) {
        if (node.is_string() && node.as_string()->get().contains("{group}"))
            manifest_.plan_unit = node.as_string()->get();
        else
            problem(node, "`plan_unit` must be the name of a unit with {group} in it, as in "
                          "\"modules@{group}\"");
    }

    void read_mode(std::string_view where, const toml::node &node, ImageNeeds &needs,
                   std::vector<Condition> *needed) {
        const toml::table *table = table_of(where, node);
        if (table == nullptr)
            return;
        for (const auto &[key, value] : *table) {
            if (read_needs_key(key.str(), value, needs))
                continue;
            if (needed != nullptr && key.str() == "needed")
                *needed = read_conditions(value);
            else
                unknown(value, key.str(),
                        needed != nullptr ? known_keys({"needed"}) : known_keys({}), where);
        }
    }

    template <class Function>
    void each_table(std::string_view where, const toml::node &node, Function function) {
        const toml::array *array = node.as_array();
        if (array == nullptr) {
            problem(node,
                    std::format("write {} with two brackets: it may stand several times", where));
            return;
        }
        for (const toml::node &item : *array)
            if (const toml::table *table = table_of(where, item))
                function(*table);
    }

    void read_when(const toml::node &node) {
        each_table("[[image.when]]", node, [this](const toml::table &table) {
            ConditionalNeeds conditional;
            for (const auto &[key, value] : table) {
                if (key.str() == "needed")
                    conditional.needed = read_conditions(value);
                else if (!read_needs_key(key.str(), value, conditional.needs))
                    unknown(value, key.str(), known_keys({"needed"}), "[[image.when]]");
            }
            if (conditional.needed.empty())
                problem(table, "[[image.when]] needs the key `needed`, or else put its content "
                               "into [image]");
            manifest_.when.push_back(std::move(conditional));
        });
    }

    void read_first(const toml::node &node) {
        each_table("[[image.first]]", node, [this](const toml::table &table) {
            ImageNeeds needs;
            for (const auto &[key, value] : table)
                if (!read_needs_key(key.str(), value, needs))
                    unknown(value, key.str(), known_keys({}), "[[image.first]]");
            manifest_.first.push_back(std::move(needs));
        });
    }

    std::vector<Condition> read_conditions(const toml::node &node) {
        std::vector<Condition> conditions;
        const toml::array *array = node.as_array();
        if (array == nullptr || array->empty()) {
            problem(node, "`needed` must be a list of tables, as in [{ fs_type = \"xfs\" }]");
            return conditions;
        }
        for (const toml::node &item : *array) {
            const toml::table *table = table_of("needed", item);
            if (table == nullptr)
                continue;
            Condition condition;
            for (const auto &[key, value] : *table) {
                if (std::ranges::find(kConditionKeys, key.str()) == kConditionKeys.end())
                    unknown(value, key.str(), kConditionKeys, "a condition of `needed`");
                else
                    condition.keys.emplace_back(key.str(), strings(key.str(), value, true));
            }
            if (condition.keys.empty())
                problem(item, "a condition of `needed` is empty, so it would always hold");
            else
                conditions.push_back(std::move(condition));
        }
        return conditions;
    }

    ImageManifest &manifest_;
    Problems &problems_;
};

} // namespace

ImageManifest read_image_manifest(const std::string &file, std::string text, Problems &problems) {
    ImageManifest manifest;
    manifest.name = std::filesystem::path(file).stem().string();
    manifest.file = file;
    manifest.text = std::move(text);
    if (const auto table = parse_toml(manifest.text, file))
        ManifestReader(manifest, problems).read(*table);
    else
        problems.add(std::format("{}:{}: {}", file, table.error().line, table.error().message));
    if (manifest.library.contains('/')) {
        problems.add(
            std::format("{}: `library` in [plugin] must be a file name without \"/\"", file));
        manifest.library.clear();
    }
    return manifest;
}

} // namespace slipway
