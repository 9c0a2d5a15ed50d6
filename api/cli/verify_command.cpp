// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "cli/command.h"
#include "preview/boot_preview.h"
#include "unit/unit_catalog.h"
#include "unit/unit_loader.h"
#include "unit/unit_verifier.h"

namespace slipway::cli {

namespace {

constexpr const char *kShipped = "/usr/share/slipway/units";
constexpr const char *kLocal = "/etc/slipway/units";

constexpr const char *kPlugins = "/usr/lib/slipway/plugins";
constexpr std::string_view kKnownOptions = "options.toml";

struct VerifyOptions {
    std::vector<std::string> directories;
    std::vector<std::string> plugin_directories;
    std::string cmdline;
    std::string devices = "native";
    bool json = false;
};

struct Sources {
    std::vector<UnitSource> units;
    UnitSource known_options; // words of the kernel command line, no units
};

Result<> read_directory(const std::string &directory, Sources &sources) {
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(directory, error)) {
        if (entry.path().extension() == ".toml")
            paths.push_back(entry.path());
    }
    if (error)
        return errno_failure("read " + directory, error.value());
    std::ranges::sort(paths);
    for (const auto &path : paths) {
        std::ifstream file(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(file), {}};
        if (!file)
            return failure("cannot read " + path.string());
        if (path.filename() == kKnownOptions)
            sources.known_options = {path.string(), std::move(text)};
        else
            add_unit_source(sources.units, {path.string(), std::move(text)});
    }
    return {};
}

// What a boot with this command line would not honour: worth knowing, but no problem of the files.
std::vector<std::string> check_cmdline(const VerifyOptions &options, const Sources &sources) {
    if (options.cmdline.empty())
        return {};
    PreviewSources preview;
    preview.units = sources.units;
    preview.known_options = sources.known_options;
    preview.cmdline = options.cmdline;
    preview.find_plugin = [&options](const std::string &library) {
        for (const std::string &directory : options.plugin_directories) {
            if (std::filesystem::exists(directory + "/" + library))
                return std::filesystem::absolute(directory + "/" + library).string();
        }
        return std::string();
    };
    return preview_boot(preview);
}

int print_json(const LoadedUnits &loaded, std::size_t files,
               const std::vector<UnitProblem> &problems, const std::vector<std::string> &notices) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const UnitProblem &problem : problems)
        list.push_back({{"file", problem.origin.file},
                        {"line", problem.origin.line},
                        {"subject", problem.subject},
                        {"text", problem.message}});
    const Json all = {{"files", files},
                      {"plugins", loaded.set.plugins.size()},
                      {"units", loaded.set.units.size()},
                      {"problems", std::move(list)},
                      {"notices", notices}};
    const int written =
        write_out(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return problems.empty() ? written : kExitFailure;
}

std::vector<std::string> default_directories() {
    std::vector<std::string> directories = {kShipped};
    if (std::filesystem::is_directory(kLocal))
        directories.emplace_back(kLocal);
    return directories;
}

int run_verify(const VerifyOptions &options) {
    Sources sources;
    const auto directories =
        options.directories.empty() ? default_directories() : options.directories;
    for (const std::string &directory : directories) {
        if (auto read = read_directory(directory, sources); !read)
            return report_failure(read.error().message());
    }
    keep_device_backend(sources.units, options.devices);
    const LoadedUnits loaded = load_units(sources.units);
    std::vector<UnitProblem> problems = loaded.problems;
    std::ranges::move(verify_units(loaded.set), std::back_inserter(problems));
    const std::vector<std::string> notices =
        problems.empty() ? check_cmdline(options, sources) : std::vector<std::string>();
    if (options.json)
        return print_json(loaded, sources.units.size(), problems, notices);
    for (const UnitProblem &problem : problems)
        (void)report_failure(problem.text());
    if (!problems.empty())
        return kExitFailure;
    for (const std::string &notice : notices)
        (void)std::fputs(std::format("slipway: notice: {}\n", notice).c_str(), stderr);
    const std::string line =
        std::format("{} files, {} plugins, {} units: no problems\n", sources.units.size(),
                    loaded.set.plugins.size(), loaded.set.units.size());
    return write_out(line);
}

} // namespace

Run declare_verify(CLI::App &app) {
    auto options = std::make_shared<VerifyOptions>();
    app.add_option("DIR", options->directories,
                   "folders with unit files (default: /usr/share/slipway/units and "
                   "/etc/slipway/units)");
    options->plugin_directories = {kPlugins};
    app.add_option("--cmdline", options->cmdline,
                   "say what a boot with this kernel command line would not honour");
    app.add_option("--plugin-dir", options->plugin_directories,
                   "where plugins are looked for with --cmdline; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--devices", options->devices, "the files of this device back end")
        ->check(CLI::IsMember({"native", "udevd"}))
        ->capture_default_str();
    app.add_flag("--json", options->json, "print JSON (docs/schema/verify.json)");
    app.footer("All problems are named in one pass, with file, line and remedy.\n"
               "Examples:\n  slipway verify units/\n"
               "  slipway verify --cmdline \"$(cat /proc/cmdline)\"");
    return [options] { return run_verify(*options); };
}

} // namespace slipway::cli
