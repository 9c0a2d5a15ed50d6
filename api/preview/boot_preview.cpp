// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preview/boot_preview.h"

#include <algorithm>
#include <utility>

#include "boot/boot_config.h"
#include "boot/known_options.h"
#include "preview/silent_host.h"
#include "unit/unit_catalog.h"
#include "worker/plugin_library.h"

namespace slipway {

namespace {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

slipway_text raw(const std::string &text) {
    return {text.data(), text.size()};
}

std::vector<slipway_pair> raw(const TextPairs &pairs) {
    std::vector<slipway_pair> result;
    for (const auto &[key, value] : pairs)
        result.push_back({raw(key), raw(value)});
    return result;
}

class Preview {
public:
    explicit Preview(const PreviewSources &sources)
        : sources_(sources), set_(make_catalog(sources.units).set),
          line_(KernelCommandLine::parse(sources.cmdline)) {}

    std::vector<std::string> run();

private:
    void read_known_options();
    void import(const PluginSpec &plugin);
    void call(const PluginSpec &plugin, const slipway_plugin &entry, TextPairs params);
    // The parameters of each import that a boot would make, and of those of root_files.
    [[nodiscard]] std::vector<TextPairs> imports_of(const PluginSpec &plugin) const;
    void say(const std::string &message) {
        if (!message.empty() && !std::ranges::contains(messages_, message))
            messages_.push_back(message);
    }

    const PreviewSources &sources_;
    UnitSet set_;
    KernelCommandLine line_;
    KnownOptions known_;
    std::vector<std::string> messages_;
};

void Preview::read_known_options() {
    if (sources_.known_options.text.empty())
        return;
    auto known = KnownOptions::parse(sources_.known_options.text, sources_.known_options.file);
    if (!known)
        return say(known.error().message());
    known_ = *std::move(known);
    std::vector<OptionSpec> declared;
    for (const PluginSpec &plugin : set_.plugins)
        declared.insert(declared.end(), plugin.options.begin(), plugin.options.end());
    for (const std::string &message : known_.report(line_, declared))
        say(message);
}

std::vector<TextPairs> Preview::imports_of(const PluginSpec &plugin) const {
    std::vector<TextPairs> imports;
    const bool is_line_known = !sources_.cmdline.empty();
    if (is_line_known &&
        (plugin.always_import || triggers_import(line_, plugin.options, known_.both_spellings())))
        imports.push_back({});
    const auto add_files = [&](const std::vector<std::string> &paths, const auto &read) {
        for (const std::string &path : paths) {
            if (auto text = read ? read(path) : std::nullopt)
                imports.push_back({{"file", path}, {"text", *std::move(text)}});
        }
    };
    add_files(plugin.import_files, sources_.read_image_file);
    add_files(plugin.root_files, sources_.read_root_file);
    return imports;
}

void Preview::import(const PluginSpec &plugin) {
    const std::vector<TextPairs> imports = imports_of(plugin);
    const std::string path =
        imports.empty() || !sources_.find_plugin ? "" : sources_.find_plugin(plugin.library);
    if (path.empty())
        return;
    const auto library = PluginLibrary::load(path, plugin.name);
    if (!library)
        return say("what plugin " + plugin.name +
                   " does not honour is said at boot only: " + library.error().message());
    for (const TextPairs &params : imports)
        call(plugin, library->entry(), params);
}

void Preview::call(const PluginSpec &plugin, const slipway_plugin &entry, TextPairs params) {
    if (!sources_.root.empty())
        params.emplace_back("root", sources_.root);
    const TextPairs options = options_for(line_, plugin.options, known_.both_spellings());
    const auto raw_params = raw(params);
    const auto raw_options = raw(options);
    slipway_request request{};
    request.struct_size = sizeof(request);
    request.params = {raw_params.data(), raw_params.size()};
    request.options = {raw_options.data(), raw_options.size()};
    SilentHost host;
    const slipway_outcome outcome = entry.import(&host.table(), &request);
    for (const std::string &complaint : host.complaints)
        say(complaint);
    if (outcome != SLIPWAY_DONE)
        say("plugin " + plugin.name + ": " + host.reason);
    for (const std::string &text : host.units) {
        const LoadedUnits units =
            load_units({{"import of plugin " + plugin.name, text, plugin.name}}, &set_);
        for (const UnitProblem &problem : units.problems)
            say(problem.text());
    }
}

std::vector<std::string> Preview::run() {
    read_known_options();
    for (const PluginSpec &plugin : set_.plugins)
        import(plugin);
    return std::move(messages_);
}

} // namespace

std::vector<std::string> preview_boot(const PreviewSources &sources) {
    return Preview(sources).run();
}

} // namespace slipway
