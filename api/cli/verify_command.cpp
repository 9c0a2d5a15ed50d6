// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/command.h"
#include "unit/unit_loader.h"
#include "unit/unit_verifier.h"

namespace slipway::cli {

namespace {

constexpr const char *kShipped = "/usr/share/slipway/units";
constexpr const char *kLocal = "/etc/slipway/units";

struct VerifyOptions {
    std::vector<std::string> directories;
};

Result<> read_directory(const std::string &directory, std::vector<UnitSource> &sources) {
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(directory, error)) {
        // options.toml holds known words of the kernel command line, no units.
        if (entry.path().extension() == ".toml" && entry.path().filename() != "options.toml")
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
        sources.push_back({path.string(), std::move(text)});
    }
    return {};
}

std::vector<std::string> default_directories() {
    std::vector<std::string> directories = {kShipped};
    if (std::filesystem::is_directory(kLocal))
        directories.emplace_back(kLocal);
    return directories;
}

int run_verify(const VerifyOptions &options) {
    std::vector<UnitSource> sources;
    const auto directories =
        options.directories.empty() ? default_directories() : options.directories;
    for (const std::string &directory : directories) {
        if (auto read = read_directory(directory, sources); !read)
            return report_failure(read.error().message());
    }
    const LoadedUnits loaded = load_units(sources);
    std::vector<UnitProblem> problems = loaded.problems;
    std::ranges::move(verify_units(loaded.set), std::back_inserter(problems));
    for (const UnitProblem &problem : problems)
        (void)report_failure(problem.text());
    if (!problems.empty())
        return kExitFailure;
    const std::string line =
        std::format("{} files, {} plugins, {} units: no problems\n", sources.size(),
                    loaded.set.plugins.size(), loaded.set.units.size());
    (void)std::fwrite(line.data(), 1, line.size(), stdout);
    return kExitOk;
}

} // namespace

Run declare_verify(CLI::App &app) {
    auto options = std::make_shared<VerifyOptions>();
    app.add_option("DIR", options->directories,
                   "folders with unit files (default: /usr/share/slipway/units and "
                   "/etc/slipway/units)");
    app.footer("All problems are named in one pass, with file, line and remedy.\n"
               "Example:\n  slipway verify units/");
    return [options] { return run_verify(*options); };
}

} // namespace slipway::cli
