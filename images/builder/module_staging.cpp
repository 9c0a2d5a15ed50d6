// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/module_staging.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/scope_exit.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "builder/archive_file.h"
#include "builder/root_tree.h"

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListFile = 64U << 20U;

// What libkmod opens; the text forms beside them are for people and for depmod.
constexpr std::array<std::string_view, 7> kIndexFiles = {
    "modules.alias.bin", "modules.builtin.alias.bin", "modules.builtin.bin", "modules.dep.bin",
    "modules.softdep",   "modules.symbols.bin",       "modules.weakdep",
};

constexpr std::array<std::string_view, 2> kBuiltinLists = {"modules.builtin",
                                                           "modules.builtin.modinfo"};

std::string without_compression(std::string path) {
    for (const std::string_view suffix : {".xz", ".zst", ".gz"})
        if (path.ends_with(suffix))
            path.resize(path.size() - suffix.size());
    return path;
}

Result<> write_text(const std::string &path, std::string_view text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        return errno_failure("write " + path, errno);
    return {};
}

// The path of a module below the directory of its kernel.
Result<std::string> path_below(const std::string &source, const KernelModule &module) {
    std::error_code error;
    const fs::path top = fs::canonical(source, error);
    const fs::path file = fs::weakly_canonical(module.path, error);
    const fs::path relative = file.lexically_relative(top);
    if (relative.empty() || *relative.begin() == "..")
        return "updates/" + file.filename().string();
    return relative.string();
}

std::string first_line(const std::string &path) {
    const Result<std::string> text = read_host_file(path);
    return text ? printable(text->substr(0, text->find('\n')), 300) : "";
}

} // namespace

Result<ModuleStaging> ModuleStaging::create(const std::string &source, const std::string &kernel,
                                            const std::map<std::string, ChosenModule> &modules,
                                            const std::function<bool()> &interrupted) {
    ModuleStaging staging;
    staging.kernel_ = kernel;
    Result<> result = staging.make_directories();
    if (result)
        result = staging.copy_modules(source, modules, interrupted);
    if (result)
        result = staging.copy_lists(source);
    if (result)
        result = staging.run_depmod();
    if (!result)
        return std::unexpected(
            std::move(result).error().with_context("prepare the kernel modules"));
    return staging;
}

ModuleStaging::~ModuleStaging() {
    std::error_code ignored;
    if (!top_.empty())
        fs::remove_all(top_, ignored);
}

Result<> ModuleStaging::make_directories() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "slipway-build-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr)
        return errno_failure("make a temporary directory " + pattern +
                                 " (the environment variable TMPDIR chooses another place)",
                             errno);
    top_ = pattern;
    directory_ = top_ + "/usr/lib/modules/" + kernel_;
    // depmod looks in /lib/modules or /usr/lib/modules, as it was configured.
    fs::create_directories(directory_, error);
    if (!error)
        fs::create_directory(top_ + "/depmod.d", error);
    if (!error)
        fs::create_directory_symlink("usr/lib", top_ + "/lib", error);
    if (error)
        return errno_failure("make directories in " + top_, error.value());
    return {};
}

Result<> ModuleStaging::copy_modules(const std::string &source,
                                     const std::map<std::string, ChosenModule> &modules,
                                     const std::function<bool()> &interrupted) {
    for (const auto &[name, chosen] : modules) {
        if (interrupted && interrupted())
            return failure("interrupted", ECANCELED);
        const Result<std::string> below = path_below(source, chosen.module);
        if (!below)
            return std::unexpected(below.error());
        const std::string path = without_compression(*below);
        const std::string target = directory_ + "/" + path;
        std::error_code error;
        fs::create_directories(fs::path(target).parent_path(), error);
        if (error)
            return errno_failure("make the directory of " + target, error.value());
        if (Result<> copied = copy_decompressed(chosen.module.path, target); !copied)
            return copied;
        reasons_[path] = chosen.reason;
    }
    return {};
}

Result<> ModuleStaging::copy_lists(const std::string &source) {
    for (const std::string_view name : kBuiltinLists) {
        const Result<std::string> text =
            read_host_file(std::format("{}/{}", source, name), kMaxListFile);
        // A kernel without built-in modules has no such list.
        if (!text && text.error().code() != ENOENT)
            return std::unexpected(text.error());
        if (Result<> written =
                write_text(std::format("{}/{}", directory_, name), text ? *text : "");
            !written)
            return written;
    }
    // depmod sorts by modules.order; the order of a directory would differ between file systems.
    std::string order;
    const Result<std::string> text = read_host_file(source + "/modules.order", kMaxListFile);
    std::map<std::string, std::string> rest = reasons_;
    if (text) {
        for (const std::string &line : split_words(*text, "\n"))
            if (rest.erase(line) > 0)
                order += line + "\n";
    }
    for (const auto &[path, reason] : rest)
        order += path + "\n";
    return write_text(directory_ + "/modules.order", order);
}

Result<> ModuleStaging::run_depmod() const {
    const std::string log = top_ + "/depmod.log";
    std::vector<std::string> words = {"depmod", "-b", top_, "-C", top_ + "/depmod.d", kernel_};
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<std::string, 2> variables = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    std::array<char *, 3> environment = {variables[0].data(), variables[1].data(), nullptr};

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const ScopeExit destroy([&] { ::posix_spawn_file_actions_destroy(&actions); });
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT, 0600);

    int error = ENOENT;
    pid_t pid = -1;
    for (const char *path : {"/usr/sbin/depmod", "/sbin/depmod", "/usr/bin/depmod"}) {
        error = ::posix_spawn(&pid, path, &actions, nullptr, arguments.data(), environment.data());
        if (error != ENOENT)
            break;
    }
    if (error != 0)
        return errno_failure("run depmod (of the package kmod)", error);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return errno_failure("wait for depmod", errno);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return failure(std::format("depmod failed with status {}: {}", status, first_line(log)));
    return {};
}

Result<> ModuleStaging::add_to(ImageTree &image) const {
    const std::string below = "/usr/lib/modules/" + kernel_ + "/";
    for (const auto &[path, reason] : reasons_) {
        Result<> added = image.add_file(below + path, directory_ + "/" + path, 0644,
                                        std::format("kernel module: {}", reason));
        if (!added)
            return added;
    }
    for (const std::string_view name : kIndexFiles) {
        const std::string path = std::format("{}/{}", directory_, name);
        std::error_code error;
        if (!fs::exists(path, error))
            continue;
        if (Result<> added = image.add_file(below + std::string(name), path, 0644,
                                            "index of the kernel modules");
            !added)
            return added;
    }
    return {};
}

} // namespace slipway
