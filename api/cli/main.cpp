// SPDX-License-Identifier: LGPL-2.1-or-later
#include <exception>
#include <format>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace {

struct Declared {
    CLI::App *app;
    slipway::cli::Run run;
};

std::vector<Declared> declare_all(CLI::App &program) {
    std::vector<Declared> all;
    for (const slipway::cli::Command &command : slipway::cli::commands()) {
        CLI::App *app =
            program.add_subcommand(std::string(command.name), std::string(command.summary));
        all.push_back({app, command.declare(*app)});
    }
    return all;
}

int run(int argc, char **argv) {
    CLI::App program("slipway: builds initrds, and shows what they do");
    program.set_version_flag("--version", "slipway " SLIPWAY_VERSION);
    program.require_subcommand(1);
    program.footer("Exit status: 0 success, 1 failure, 2 wrong usage. Manual: man slipway");
    const std::vector<Declared> all = declare_all(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        // CLI11's own codes tell its kinds of errors apart; people get one: wrong usage.
        return program.exit(error) == 0 ? slipway::cli::kExitOk : slipway::cli::kExitUsage;
    }
    for (const Declared &declared : all)
        if (declared.app->parsed())
            return declared.run();
    return slipway::cli::kExitUsage;
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception &error) {
        return slipway::cli::report_failure(error.what());
    }
}
