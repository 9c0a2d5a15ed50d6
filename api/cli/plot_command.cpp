// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/finished_boot.h"
#include "report/plot.h"

namespace slipway::cli {

namespace {

struct PlotOptions {
    std::string place = kBootFolder;
    std::string output;
    report::Theme theme = report::Theme::automatic;
    bool html = false;
    bool json = false;
    bool perfetto = false;
};

int write_output(const std::string &path, const std::string &text) {
    if (path.empty() || path == "-")
        return write_out(text);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file)
        return report_failure(std::format("cannot write {}: {}", path, std::strerror(errno)));
    return kExitOk;
}

std::string drawn(const PlotOptions &options, const report::BootTimeline &timeline,
                  const std::vector<std::size_t> &chain) {
    if (options.json)
        return report::plot_json(timeline, chain);
    return options.html ? report::plot_html(timeline, chain, options.theme)
                        : report::plot_svg(timeline, chain, options.theme);
}

int run_plot(const PlotOptions &options) {
    auto timeline = read_timeline(options.place);
    if (!timeline)
        return report_failure(timeline.error().message());
    if (options.perfetto)
        return write_output(options.output, report::plot_perfetto(*timeline));
    const auto chain = add_record(options.place, *timeline);
    return write_output(options.output, drawn(options, *timeline, chain));
}

} // namespace

Run declare_plot(CLI::App &app) {
    auto options = std::make_shared<PlotOptions>();
    const std::map<std::string, report::Theme> themes = {{"light", report::Theme::light},
                                                         {"dark", report::Theme::dark},
                                                         {"auto", report::Theme::automatic}};
    app.add_option("BOOT", options->place, "folder of a boot, or its timeline.json")
        ->capture_default_str();
    app.add_option("-o,--output", options->output, "write to this file, not to standard output");
    app.add_option("--theme", options->theme, "light, dark, or auto: as the reader's system")
        ->transform(CLI::CheckedTransformer(themes, CLI::ignore_case))
        ->default_str("auto");
    auto *html = app.add_flag("--html", options->html, "one HTML file, with a table of all jobs");
    auto *json = app.add_flag("--json", options->json,
                              "the chart as JSON, to draw it otherwise (docs/schema/plot.json)")
                     ->excludes(html);
    app.add_flag("--perfetto", options->perfetto, "a trace for Perfetto or chrome://tracing")
        ->excludes(html)
        ->excludes(json);
    app.footer("Draws a boot as SVG: when each job ran, and the chain that its end waited for.\n"
               "Example: slipway plot -o boot.svg");
    return [options] { return run_plot(*options); };
}

} // namespace slipway::cli
