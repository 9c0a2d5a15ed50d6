// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit/unit_keys.h"

#include <array>
#include <charconv>
#include <type_traits>

namespace slipway {

namespace {

// ---- rows ---------------------------------------------------------------------------------------
// A row is made from the member that it fills.

template <class T, class V>
T object_of(V T::*);
template <class T, class V>
V value_of(V T::*);

template <auto Field>
using Object = decltype(object_of(Field));
template <auto Field>
using Value = decltype(value_of(Field));

// The reader for a value of this type.
template <class V>
std::optional<V> read_value(TomlReader &reader, std::string_view key, const toml::node &node) {
    if constexpr (std::is_same_v<V, std::string>)
        return reader.text(key, node);
    else if constexpr (std::is_same_v<V, bool>)
        return reader.boolean(key, node);
    else if constexpr (std::is_same_v<V, unsigned>)
        return reader.number(key, node);
    else if constexpr (std::is_same_v<V, Duration> || std::is_same_v<V, std::optional<Duration>>)
        return reader.duration(key, node);
    else if constexpr (std::is_same_v<V, std::vector<std::string>>)
        return reader.texts(key, node);
    else
        return reader.text_table(key, node);
}

template <auto Field>
void read_field(TomlReader &reader, std::string_view key, const toml::node &node,
                Object<Field> &target) {
    if (auto value = read_value<Value<Field>>(reader, key, node))
        target.*Field = std::move(*value);
}

template <auto Field>
void copy_field(const Object<Field> &from, Object<Field> &to) {
    to.*Field = from.*Field;
}

template <auto Field>
constexpr TomlKey<Object<Field>> row(std::string_view name) {
    return {name, &read_field<Field>, &copy_field<Field>};
}

// With a reader of its own.
template <auto Field>
constexpr TomlKey<Object<Field>> row(std::string_view name,
                                     void (*read)(TomlReader &, std::string_view,
                                                  const toml::node &, Object<Field> &)) {
    return {name, read, &copy_field<Field>};
}

// A word out of a list; the position is the value of the enumeration.
template <auto Field, const auto &Words>
constexpr TomlKey<Object<Field>> word_row(std::string_view name) {
    return {name,
            [](TomlReader &reader, std::string_view key, const toml::node &node,
               Object<Field> &target) {
                if (const auto index = reader.word(key, node, Words))
                    target.*Field = static_cast<Value<Field>>(*index);
            },
            &copy_field<Field>};
}

// ---- units --------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 5> kKinds = {"target", "job", "service", "assembly",
                                                    "mount"};
constexpr std::array<std::string_view, 4> kWanted = {"named", "auto", "always", "never"};
constexpr std::array<std::string_view, 3> kAtSwitch = {"cancel", "finish", "run"};
constexpr std::array<std::string_view, 3> kThen = {"start", "ask", "fail"};
constexpr std::array<std::string_view, 2> kImport = {"options", "always"};

constexpr std::array kDegradedKeys = {
    row<&DegradedPolicy::wait>("wait"),
    word_row<&DegradedPolicy::then, kThen>("then"),
};

void read_degraded(TomlReader &reader, std::string_view, const toml::node &node, Unit &unit) {
    const auto *table = node.as_table();
    if (table == nullptr) {
        reader.problem(node, "degraded must be a table: { wait = \"30s\", then = \"start\" }");
        return;
    }
    DegradedPolicy policy;
    read_table<DegradedPolicy>(reader, *table, kDegradedKeys, policy);
    unit.degraded = policy;
}

void read_device(TomlReader &reader, std::string_view key, const toml::node &node, Unit &unit) {
    const auto text = reader.text(key, node);
    if (!text)
        return;
    unit.device = DeviceReference::parse(*text);
    if (!unit.device)
        reader.problem(node,
                       "device = \"" + printable(*text, 120) +
                           "\" is no device reference; accepted are UUID=, LABEL=, PARTUUID=, "
                           "PARTLABEL= and paths below /dev");
}

void read_timeout(TomlReader &reader, std::string_view key, const toml::node &node, Unit &unit) {
    const auto *text = node.as_string();
    if (text != nullptr && text->get() == "infinity")
        unit.timeout.reset();
    else if (const auto value = reader.duration(key, node))
        unit.timeout = *value;
}

// What an instance says is added to what its template says.
void read_params(TomlReader &reader, std::string_view key, const toml::node &node, Unit &unit) {
    for (auto &[name, value] : reader.text_table(key, node))
        unit.params.insert_or_assign(name, std::move(value));
}

void copy_params(const Unit &from, Unit &to) {
    for (const auto &[name, value] : from.params)
        to.params.insert_or_assign(name, value);
}

bool is_amount(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

void read_resources(TomlReader &reader, std::string_view key, const toml::node &node, Unit &unit) {
    unit.resources = reader.text_table(key, node);
    for (const auto &[name, amount] : unit.resources) {
        const bool is_fact = amount.size() > 2 && amount.starts_with('{') && amount.ends_with('}');
        if (!is_fact && !is_amount(amount))
            reader.problem(node, "resources." + printable(name, 80) +
                                     " must be a whole number, or a fact of a member: "
                                     "{ memory = \"{kdf_memory}\" }");
    }
}

constexpr std::array kUnitKeys = {
    TomlKey<Unit>{"name", [](TomlReader &, std::string_view, const toml::node &, Unit &) {}},
    word_row<&Unit::kind, kKinds>("kind"),
    row<&Unit::description>("description"),
    row<&Unit::hint>("hint"),
    row<&Unit::plugin>("plugin"),
    word_row<&Unit::wanted, kWanted>("wanted"),
    row<&Unit::always_if>("always_if"),
    row<&Unit::goal>("goal"),
    row<&Unit::required>("requires"),
    row<&Unit::wants>("wants"),
    row<&Unit::after>("after"),
    row<&Unit::before>("before"),
    row<&Unit::conflicts>("conflicts"),
    row<&Unit::milestones>("milestones"),
    row<&Unit::any_of>("any_of"),
    row<&Unit::race>("race"),
    row<&Unit::if_option>("if_option"),
    row<&Unit::if_fact>("if_fact"),
    row<&Unit::device>("device", read_device),
    row<&Unit::device_timeout>("device_timeout"),
    row<&Unit::timeout>("timeout", read_timeout),
    row<&Unit::retries>("retries"),
    row<&Unit::retry_for>("retry_for"),
    row<&Unit::backoff>("backoff"),
    row<&Unit::backoff_limit>("backoff_limit"),
    row<&Unit::degraded>("degraded", read_degraded),
    row<&Unit::resources>("resources", read_resources),
    row<&Unit::on_demand>("on_demand"),
    row<&Unit::piecemeal>("piecemeal"),
    row<&Unit::members_answer>("members_answer"),
    row<&Unit::writes>("writes"),
    row<&Unit::barrier>("barrier"),
    word_row<&Unit::at_switch, kAtSwitch>("at_switch"),
    TomlKey<Unit>{"params", read_params, copy_params},
};

// ---- claims, options, plugins -------------------------------------------------------------------

void read_match(TomlReader &reader, std::string_view key, const toml::node &node, Claim &claim) {
    for (auto &[fact, pattern] : reader.text_table(key, node))
        claim.match.emplace_back(fact, std::move(pattern));
}

constexpr std::array kClaimKeys = {
    row<&Claim::match>("match", read_match), row<&Claim::unit>("unit"), row<&Claim::name>("name"),
    row<&Claim::members>("members"),         row<&Claim::lazy>("lazy"),
};

constexpr std::array<std::string_view, 3> kAt = {"units", "start", "switch"};
constexpr std::array kBreakKeys = {
    row<&Breakpoint::names>("names"),     row<&Breakpoint::description>("description"),
    word_row<&Breakpoint::at, kAt>("at"), row<&Breakpoint::after>("after"),
    row<&Breakpoint::held>("holds"),
};

constexpr std::array kOptionKeys = {
    row<&OptionSpec::list>("list"),     row<&OptionSpec::bare>("bare"),
    row<&OptionSpec::import>("import"), row<&OptionSpec::join>("join"),
    row<&OptionSpec::help>("help"),
};

void read_library(TomlReader &reader, std::string_view key, const toml::node &node,
                  PluginSpec &plugin) {
    plugin.library = reader.text(key, node).value_or("");
    if (plugin.library.empty() || plugin.library.contains('/'))
        reader.problem(node, "library must be a file name without '/'");
}

void read_import(TomlReader &reader, std::string_view key, const toml::node &node,
                 PluginSpec &plugin) {
    plugin.always_import = reader.word(key, node, kImport) == 1;
}

constexpr std::array kPluginKeys = {
    row<&PluginSpec::name>("name"),
    row<&PluginSpec::library>("library", read_library),
    row<&PluginSpec::abi>("abi"),
    row<&PluginSpec::workers>("workers"),
    row<&PluginSpec::always_import>("import", read_import),
    row<&PluginSpec::imports>("imports"),
    row<&PluginSpec::import_files>("import_files"),
    row<&PluginSpec::root_files>("root_files"),
};

} // namespace

std::span<const TomlKey<Unit>> unit_keys() {
    return kUnitKeys;
}

std::span<const TomlKey<Claim>> claim_keys() {
    return kClaimKeys;
}

std::span<const TomlKey<Breakpoint>> break_keys() {
    return kBreakKeys;
}

std::span<const TomlKey<OptionSpec>> option_keys() {
    return kOptionKeys;
}

std::span<const TomlKey<PluginSpec>> plugin_keys() {
    return kPluginKeys;
}

} // namespace slipway
