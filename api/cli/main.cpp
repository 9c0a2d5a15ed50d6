// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <exception>
#include <format>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/completion.h"

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

int print_completion(const CLI::App &program, const char *shell) {
    const auto script = slipway::cli::completion_script(program, shell);
    if (!script) {
        (void)slipway::cli::report_failure("--completion: bash, zsh or fish");
        return slipway::cli::kExitUsage;
    }
    (void)std::fwrite(script->data(), 1, script->size(), stdout);
    return slipway::cli::kExitOk;
}

int run(int argc, char **argv) {
    CLI::App program("slipway: builds initrds, and shows what they do");
    program.set_version_flag("--version", "slipway " SLIPWAY_VERSION);
    program.require_subcommand(1);
    program.footer("Exit status: 0 success, 1 failure, 2 wrong usage. Manual: man slipway");
    const std::vector<Declared> all = declare_all(program);
    // For packages, which install what it prints; no word of the help is about it.
    if (argc == 3 && std::string_view(argv[1]) == "--completion")
        return print_completion(program, argv[2]);
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
