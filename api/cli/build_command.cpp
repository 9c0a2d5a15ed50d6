// SPDX-License-Identifier: LGPL-2.1-or-later
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "builder/image_builder.h"
#include "builder/root_tree.h"
#include "cli/command.h"
#include "preview/boot_preview.h"

namespace slipway::cli {

namespace {

volatile std::sig_atomic_t caught_signal = 0;

// Until it is destroyed, the usual signals only ask the build to end, so that it can clean up.
class SignalCatcher {
public:
    SignalCatcher() {
        struct sigaction action{};
        action.sa_handler = [](int number) { caught_signal = number; };
        action.sa_flags = static_cast<int>(SA_RESETHAND); // a second one is final
        for (std::size_t i = 0; i < kSignals.size(); ++i)
            ::sigaction(kSignals[i], &action, &old_[i]);
    }
    SignalCatcher(const SignalCatcher &) = delete;
    SignalCatcher &operator=(const SignalCatcher &) = delete;
    SignalCatcher(SignalCatcher &&) = delete;
    SignalCatcher &operator=(SignalCatcher &&) = delete;
    ~SignalCatcher() {
        for (std::size_t i = 0; i < kSignals.size(); ++i)
            ::sigaction(kSignals[i], &old_[i], nullptr);
    }

private:
    static constexpr std::array kSignals = {SIGHUP, SIGINT, SIGTERM};
    std::array<struct sigaction, kSignals.size()> old_{};
};

struct BuildOptions {
    BuildRequest request;
    std::vector<std::string> files;
    std::vector<std::string> modules;
    std::string mode = "host";
    std::string drivers = "auto";
    std::string compress = "zstd";
    std::string shell = "auto";
    bool quiet = false;
    bool json = false;
};

struct Findings {
    std::vector<std::string> notices;
    std::vector<std::string> problems; // none: the image was built
};

std::string format_bytes(std::uint64_t bytes) {
    if (bytes >= 1'000'000)
        return std::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
    return std::format("{} kB", (bytes + 999) / 1000);
}

std::string summary(const BuildOptions &options, const BuildReport &report, double seconds) {
    return std::format("{}: {} ({}, kernel {}), {} modules, {} files, {:.2f} s\n",
                       std::filesystem::path(options.request.output).filename().string(),
                       format_bytes(report.image_bytes),
                       options.request.mode == ImageMode::host ? "host" : "generic",
                       report.kernel_version, report.modules, report.files, seconds);
}

// SOURCE_DATE_EPOCH of https://reproducible-builds.org/specs/source-date-epoch/; without it 0.
bool read_epoch(std::int64_t &mtime) {
    const char *text = std::getenv("SOURCE_DATE_EPOCH");
    if (text == nullptr || *text == '\0')
        return true;
    const std::string_view view(text);
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), mtime);
    // newc has 32 bits for it.
    return error == std::errc{} && end == view.data() + view.size() && mtime >= 0 &&
           mtime <= UINT32_MAX;
}

// Splits "SRC:DST" at the last colon and makes SRC absolute.
std::optional<std::pair<std::string, std::string>> split_file(const std::string &text) {
    const std::size_t colon = text.rfind(':');
    std::error_code error;
    if (colon == std::string::npos || colon == 0 || !text.substr(colon + 1).starts_with('/') ||
        text.size() == colon + 2)
        return std::nullopt;
    const std::filesystem::path source = std::filesystem::absolute(text.substr(0, colon), error);
    return std::pair(source.string(), text.substr(colon + 1));
}

// Directories may be given relative to the working directory; the builder wants absolute paths.
void make_absolute(std::string &path) {
    std::error_code error;
    if (!path.empty())
        path = std::filesystem::absolute(path, error).lexically_normal().string();
}

// The words have been checked against the lists in declare_content().
void translate_words(BuildOptions &options) {
    BuildRequest &request = options.request;
    request.mode = options.mode == "host" ? ImageMode::host : ImageMode::generic;
    request.compression = options.compress == "zstd" ? Compression::zstd : Compression::none;
    request.shell = options.shell == "authenticated" ? ShellChoice::authenticated
                    : options.shell == "open"        ? ShellChoice::open
                                                     : ShellChoice::automatic;
    if (options.shell == "none")
        request.without.emplace_back("shell");
    request.drivers = options.drivers == "listed"    ? DriverChoice::listed
                      : options.drivers == "generic" ? DriverChoice::generic
                                                     : DriverChoice::automatic;
}

int complete(BuildOptions &options) {
    BuildRequest &request = options.request;
    translate_words(options);
    for (const std::string &file : options.files) {
        auto pair = split_file(file);
        if (!pair) {
            report_failure(std::format("--file {}: write SOURCE:/PATH/IN/THE/IMAGE", file));
            return kExitUsage;
        }
        request.files.push_back(std::move(*pair));
    }
    for (const std::string &words : options.modules)
        for (std::string &word : split_words(words, " ,\t\n"))
            request.modules.push_back(std::move(word));
    if (!read_epoch(request.mtime)) {
        report_failure("the environment variable SOURCE_DATE_EPOCH is no number of seconds");
        return kExitUsage;
    }
    make_absolute(request.root);
    make_absolute(request.install_root);
    for (auto *list : {&request.unit_directories, &request.plugin_directories})
        for (std::string &path : *list)
            make_absolute(path);
    return kExitOk;
}

std::optional<std::string> optional_text(const Result<std::string> &text) {
    return text ? std::optional(*text) : std::nullopt;
}

// The words that the machine boots with, as far as they can be known here.
std::string known_cmdline(const BuildRequest &request, const RootTree &root) {
    std::string line = request.cmdline;
    if (root.is_host())
        line += " " + read_host_file("/proc/cmdline").value_or("");
    return split_words(line).empty() ? std::string() : line;
}

PreviewSources preview_sources(const BuildRequest &request, const BuildReport &report) {
    const RootTree root(request.root);
    PreviewSources sources;
    for (const auto &[file, text] : report.unit_texts) {
        if (file.ends_with("/options.toml"))
            sources.known_options = {file, text};
        else
            sources.units.push_back({file, text});
    }
    sources.cmdline = known_cmdline(request, root);
    sources.root = root.is_host() ? "" : root.name();
    sources.find_plugin = [&report](const std::string &library) {
        const auto found = report.sources.find("/usr/lib/slipway/plugins/" + library);
        return found == report.sources.end() ? std::string() : found->second;
    };
    sources.read_image_file = [&report](const std::string &path) -> std::optional<std::string> {
        const auto found = report.sources.find(path);
        if (found == report.sources.end())
            return std::nullopt;
        return optional_text(read_host_file(found->second));
    };
    sources.read_root_file = [root](const std::string &path) {
        return optional_text(root.read_file(path));
    };
    return sources;
}

Findings findings_of(const BuildOptions &options, const BuildResult &result) {
    Findings findings{.notices = result.notices, .problems = result.problems};
    if (!result.report) {
        findings.problems.push_back(std::format(
            "{}; {} is unchanged", result.report.error().message(), options.request.output));
    } else if (!options.quiet) {
        for (std::string &message : preview_boot(preview_sources(options.request, *result.report)))
            findings.notices.push_back(std::move(message));
    }
    return findings;
}

nlohmann::json json_of(const BuildOptions &options, const BuildResult &result,
                       const Findings &findings, double seconds) {
    nlohmann::json json = {{"image", options.request.output},
                           {"is_built", result.report.has_value()},
                           {"notices", findings.notices},
                           {"problems", findings.problems},
                           {"seconds", seconds}};
    if (result.report) {
        json["size"] = result.report->image_bytes;
        json["mode"] = options.mode;
        json["kernel"] = result.report->kernel_version;
        json["modules"] = result.report->modules;
        json["files"] = result.report->files;
    }
    return json;
}

void say_in_words(const BuildOptions &options, const BuildResult &result, const Findings &findings,
                  double seconds) {
    for (const std::string &notice : findings.notices)
        if (!options.quiet)
            (void)std::fputs(std::format("slipway: notice: {}\n", notice).c_str(), stderr);
    for (const std::string &problem : findings.problems)
        report_failure(problem);
    if (result.report && !options.quiet)
        (void)std::fputs(summary(options, *result.report, seconds).c_str(), stdout);
}

int report_result(const BuildOptions &options, const BuildResult &result, double seconds) {
    const Findings findings = findings_of(options, result);
    const int status = result.report ? kExitOk : kExitFailure;
    if (options.json) {
        const int written =
            write_out(json_of(options, result, findings, seconds)
                          .dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                      "\n");
        return written != kExitOk ? written : status;
    }
    say_in_words(options, result, findings, seconds);
    return status;
}

int run_build(BuildOptions &options) {
    if (const int status = complete(options); status != kExitOk)
        return status;
    const auto start = std::chrono::steady_clock::now();
    int status = kExitFailure;
    {
        const SignalCatcher catcher;
        options.request.interrupted = [] { return caught_signal != 0; };
        const BuildResult result = build_image(options.request);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        status = report_result(options, result, took.count());
    }
    // The parent learns of the signal that ended us, as a shell expects.
    if (caught_signal != 0 && status != kExitOk)
        (void)::raise(caught_signal);
    return status;
}

void declare_sources(CLI::App &app, BuildOptions &options) {
    BuildRequest &request = options.request;
    app.add_option("OUT", request.output, "the image; replaced when the new one is complete")
        ->required();
    app.add_option("--root", request.root, "the system that the image is for [/]");
    app.add_option("--install-root", request.install_root, "where slipway is installed [the root]");
    app.add_option("--kernel-version", request.kernel_version,
                   "kernel [the running one, or the only one in the root]");
    app.add_option("--unit-dir", request.unit_directories, "more unit files; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--plugin-dir", request.plugin_directories,
                   "where plugins are looked for first; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
}

void declare_content(CLI::App &app, BuildOptions &options) {
    BuildRequest &request = options.request;
    app.add_option("--mode", options.mode, "host: for this machine; generic: for any")
        ->check(CLI::IsMember({"host", "generic"}))
        ->capture_default_str();
    app.add_option("--drivers", options.drivers,
                   "auto: those of the running system, generic: all, listed: only --modules")
        ->check(CLI::IsMember({"auto", "generic", "listed"}))
        ->capture_default_str();
    app.add_option("--devices", request.devices,
                   "device back end: native, or udevd [as /etc/slipway/units says, or native]")
        ->check(CLI::IsMember({"native", "udevd"}));
    app.add_option("--modules", options.modules, "more kernel modules, as \"virtio_blk nvme?\"")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--file", options.files, "a file or directory of this system, as SOURCE:/PATH")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--with", request.with, "take this unit file, needed or not")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--without", request.without, "leave this unit file out")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--shell", options.shell,
                   "the emergency shell. auto: behind the password of root, if it has one; open, "
                   "authenticated, none")
        ->check(CLI::IsMember({"auto", "open", "authenticated", "none"}))
        ->capture_default_str();
    app.add_flag_callback(
        "--no-status", [&request] { request.status = false; },
        "without slipway status and its kin, and their D-Bus interface");
    app.add_option("--cmdline", request.cmdline, "words that count before the kernel command line");
}

} // namespace

Run declare_build(CLI::App &app) {
    auto options = std::make_shared<BuildOptions>();
    declare_sources(app, *options);
    declare_content(app, *options);
    app.add_option("--compress", options->compress, "how the image is compressed")
        ->check(CLI::IsMember({"zstd", "none"}))
        ->capture_default_str();
    app.add_option("--level", options->request.level, "zstd's level, 1 to 19 [by the mode]")
        ->check(CLI::Range(1, 19));
    auto *quiet = app.add_flag("-q,--quiet", options->quiet, "print problems only");
    app.add_flag("--json", options->json, "what was built, as JSON")->excludes(quiet);
    app.footer(
        "Examples:\n"
        "  slipway build /boot/initrd.img-$(uname -r)\n"
        "  slipway build --mode generic --root /mnt rescue.img\n"
        "  slipway build --root /mnt --drivers listed --modules \"virtio_pci virtio_blk\" vm.img\n"
        "Exit status: 0 built, 1 failed (the old image is untouched), 2 wrong usage.\n"
        "Manual: man slipway-build");
    return [options] { return run_build(*options); };
}

} // namespace slipway::cli
