// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/completion.h"

#include <format>
#include <vector>

#include <CLI/CLI.hpp>

namespace slipway::cli {

namespace {

struct Option {
    std::vector<std::string> names; // "--json", "-o"
    std::string help;
};

struct CommandWords {
    std::string name;
    std::string help;
    std::vector<Option> options;
};

std::vector<Option> options_of(const CLI::App &app) {
    std::vector<Option> options;
    for (const CLI::Option *option : app.get_options()) {
        Option words{.names = {}, .help = option->get_description()};
        for (const std::string &name : option->get_lnames())
            words.names.push_back("--" + name);
        for (const std::string &name : option->get_snames())
            words.names.push_back("-" + name);
        if (!words.names.empty())
            options.push_back(std::move(words));
    }
    return options;
}

std::vector<CommandWords> commands_of(const CLI::App &program) {
    std::vector<CommandWords> commands;
    for (const CLI::App *app : program.get_subcommands([](const CLI::App *) { return true; }))
        commands.push_back({app->get_name(), app->get_description(), options_of(*app)});
    return commands;
}

// Inside single quotes of a shell.
std::string in_quotes(std::string_view text) {
    std::string word = "'";
    for (const char c : text)
        word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

// Between the brackets and colons of zsh's _arguments.
std::string for_zsh(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string bash_script(const std::vector<CommandWords> &commands) {
    std::string names;
    std::string cases;
    for (const CommandWords &command : commands) {
        names += command.name + " ";
        std::string options;
        for (const Option &option : command.options)
            for (const std::string &name : option.names)
                options += " " + name;
        cases += std::format("        {}) words=\"{}\" ;;\n", command.name, options.substr(1));
    }
    return std::format(
        "# Completion of slipway for bash.\n"
        "_slipway() {{\n"
        "    local current=${{COMP_WORDS[COMP_CWORD]}} words=\"\"\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"{}--help --version\" -- "
        "\"$current\")\n"
        "        return\n"
        "    fi\n"
        "    case ${{COMP_WORDS[1]}} in\n{}    esac\n"
        "    case $current in\n"
        "        -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") "
        ";;\n"
        "        *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
        "    esac\n"
        "}}\n"
        "complete -o filenames -F _slipway slipway\n",
        names, cases);
}

std::string zsh_script(const std::vector<CommandWords> &commands) {
    std::string names;
    std::string cases;
    for (const CommandWords &command : commands) {
        names += "        " + in_quotes(for_zsh(command.name) + ":" + command.help) + "\n";
        cases += std::format("        {})\n            _arguments \\\n", command.name);
        for (const Option &option : command.options)
            for (const std::string &name : option.names)
                cases += std::format("                {} \\\n",
                                     in_quotes(std::format("{}[{}]", name, for_zsh(option.help))));
        cases += "                '*:file:_files' ;;\n";
    }
    return std::format("#compdef slipway\n"
                       "_slipway() {{\n"
                       "    local state line\n"
                       "    local -a commands=(\n{}    )\n"
                       "    _arguments -C '1:command:->command' '*::argument:->argument'\n"
                       "    case $state in\n"
                       "        command) _describe command commands; return ;;\n"
                       "    esac\n"
                       "    case $line[1] in\n{}    esac\n"
                       "}}\n"
                       "_slipway \"$@\"\n",
                       names, cases);
}

std::string fish_script(const std::vector<CommandWords> &commands) {
    std::string script = "# Completion of slipway for fish.\n";
    for (const CommandWords &command : commands) {
        script += std::format("complete -c slipway -f -n __fish_use_subcommand -a {} -d {}\n",
                              command.name, in_quotes(command.help));
        for (const Option &option : command.options)
            for (const std::string &name : option.names)
                script += std::format(
                    "complete -c slipway -n '__fish_seen_subcommand_from {}' -{} {} -d {}\n",
                    command.name, name.starts_with("--") ? "l" : "s",
                    name.substr(name.starts_with("--") ? 2 : 1), in_quotes(option.help));
    }
    return script;
}

} // namespace

std::optional<std::string> completion_script(const CLI::App &program, std::string_view shell) {
    const std::vector<CommandWords> commands = commands_of(program);
    if (shell == "bash")
        return bash_script(commands);
    if (shell == "zsh")
        return zsh_script(commands);
    if (shell == "fish")
        return fish_script(commands);
    return std::nullopt;
}

} // namespace slipway::cli
