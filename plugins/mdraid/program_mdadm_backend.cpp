// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdraid/program_mdadm_backend.h"

#include <slipway/plugin.h>

#include <algorithm>
#include <filesystem>
#include <format>
#include <fstream>
#include <vector>

#include "base/text.h"

namespace slipway::mdraid {

namespace {

constexpr const char *kProgram = "/usr/sbin/mdadm";
constexpr const char *kStartReadOnly = "/sys/module/md_mod/parameters/start_ro";

std::string first_line_of(const std::string &path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

class ProgramMdadmBackend final : public MdadmBackend {
public:
    ProgramMdadmBackend(sdk::Context &context, bool reads_configuration)
        : context_(context), reads_configuration_(reads_configuration) {}

    Result<Superblock> examine(const std::string &node) override {
        const auto output = mdadm({"--examine", node});
        return output ? parse_examine(*output) : std::unexpected(output.error());
    }

    Result<Superblock> examine_container(const std::string &node) override {
        const auto output = mdadm({"--examine", "--export", node});
        return output ? container_of(parse_exported(*output)) : std::unexpected(output.error());
    }

    Result<Exported> detail(const std::string &array) override {
        return mdadm({"--detail", "--export", array}).transform(parse_exported_string);
    }

    // --offroot: a monitor that mdadm starts for the array stays alive when the root is switched.
    // The initrd does not know the host's name, so an array of this host looks like one of another.
    Result<Exported> add(const std::string &node) override {
        return incremental({"--export", node}).transform(parse_exported_string);
    }

    Result<> start_arrays_in(const std::string &container, bool is_degraded) override {
        return incremental(is_degraded ? std::vector<std::string>{"--run", container}
                                       : std::vector<std::string>{container})
            .transform([](const std::string &) {});
    }

    Result<> run(const std::string &array) override {
        return mdadm({"--run", array}).transform([](const std::string &) {});
    }

    std::optional<std::string> array_of(std::string_view syspath) override {
        std::error_code error;
        for (const auto &entry :
             std::filesystem::directory_iterator(std::string(syspath) + "/holders", error)) {
            if (std::string name = entry.path().filename(); name.starts_with("md"))
                return name;
        }
        return std::nullopt;
    }

    // "external:/md127/0"; a minus in place of the slash: mdmon must not touch it.
    std::vector<std::string> arrays_in(const std::string &container) override {
        std::vector<std::string> names;
        std::error_code error;
        for (const auto &entry : std::filesystem::directory_iterator("/sys/block", error)) {
            std::string name = entry.path().filename();
            std::string owner = first_line_of(entry.path() / "md/metadata_version");
            std::ranges::replace(owner, '-', '/');
            if (owner.starts_with("external:/" + container + "/"))
                names.push_back(std::move(name));
        }
        std::ranges::sort(names);
        return names;
    }

    std::string state_of(const std::string &kernel_name) override {
        return first_line_of("/sys/block/" + kernel_name + "/md/array_state");
    }

    Result<bool> set_starts_read_only(bool is_on) override {
        const bool was_on = first_line_of(kStartReadOnly) == "1";
        std::ofstream file(kStartReadOnly);
        file << (is_on ? "1" : "0") << std::flush;
        if (!file)
            return failure(std::format("{} cannot be written", kStartReadOnly));
        return was_on;
    }

private:
    static Exported parse_exported_string(const std::string &text) { return parse_exported(text); }

    Result<std::string> incremental(const std::vector<std::string> &rest) {
        std::vector<std::string> words = {"--incremental", "--offroot", "--homehost=<ignore>"};
        if (!reads_configuration_)
            words.emplace_back("--config=none");
        words.insert(words.end(), rest.begin(), rest.end());
        return mdadm(std::move(words));
    }

    // Standard output.
    Result<std::string> mdadm(std::vector<std::string> words) {
        words.insert(words.begin(), kProgram);
        sdk::RunResult result = context_.run(words);
        if (result.exit_code == -1)
            return failure(std::format(
                "{} could not be started; rebuild the image with mdadm installed", kProgram));
        const auto lines = split_words(result.errors, "\n");
        for (const std::string &line : lines)
            context_.log(sdk::LogLevel::debug, line);
        if (!result.is_success())
            return failure(
                std::format("mdadm {} {}: {}", words[1], words.back(),
                            printable(lines.empty() ? "it gave no reason" : lines.back(), 500)));
        return std::move(result.output);
    }

    sdk::Context &context_;
    bool reads_configuration_;
};

} // namespace

std::unique_ptr<MdadmBackend> make_program_mdadm_backend(sdk::Context &context,
                                                         bool reads_configuration) {
    return std::make_unique<ProgramMdadmBackend>(context, reads_configuration);
}

} // namespace slipway::mdraid
