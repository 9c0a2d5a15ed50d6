// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operations.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "base/unique_fd.h"
#include "system/end_signal.h"
#include "udevd_process.h"

namespace slipway::udevd {

using sdk::Outcome;

namespace {

constexpr const char *kUdevd = "/usr/lib/systemd/systemd-udevd";
constexpr const char *kUdevadm = "/usr/bin/udevadm";
constexpr const char *kControl = "/run/udev/control";
// Below /etc of the initrd, which the host never sees.
constexpr const char *kBlacklist = "/etc/modprobe.d/60-slipway-blacklist.conf";
constexpr std::chrono::seconds kStartLimit{25}; // shorter than the unit's

constexpr std::array kBlacklistOptions = {
    std::string_view("rd.driver.blacklist"), std::string_view("module_blacklist"),
    std::string_view("modprobe.blacklist"), std::string_view("blacklist")};

Result<> write_blacklist(const sdk::Pairs &options) {
    std::vector<std::string_view> values;
    for (const std::string_view option : kBlacklistOptions)
        std::ranges::move(options.list(option), std::back_inserter(values));
    const std::string text = blacklist_text(values);
    if (text.empty())
        return {};
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(kBlacklist).parent_path(), error);
    std::ofstream file(kBlacklist);
    file << text << std::flush;
    if (!file)
        return errno_failure(std::format("write {}", kBlacklist), errno);
    return {};
}

Outcome run(sdk::Context &context, const std::vector<std::string> &words) {
    const sdk::RunResult result = context.run(words);
    if (result.is_success())
        return Outcome::done;
    const auto lines = split_words(result.errors, "\n");
    return context.fail(
        std::format("{} {} ended with code {}: {}", kUdevadm, words[1], result.exit_code,
                    lines.empty() ? "it gave no reason" : printable(lines.back(), 300)));
}

} // namespace

std::optional<Step> step_of(std::string_view word) {
    if (word == "serve")
        return Step::serve;
    if (word == "announce")
        return Step::announce;
    if (word == "clean-up")
        return Step::clean_up;
    return std::nullopt;
}

std::string blacklist_text(const std::vector<std::string_view> &values) {
    std::string text;
    for (const std::string_view value : values) {
        for (const std::string &name : split_words(value, ", \t\n")) {
            const bool is_name = std::ranges::all_of(name, [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
            });
            if (is_name)
                text += "blacklist " + name + "\n";
        }
    }
    return text;
}

Outcome serve(sdk::Context &context, const sdk::Request &request) {
    if (auto written = write_blacklist(request.options()); !written)
        context.log(sdk::LogLevel::warning,
                    written.error().message() + "; modules that should not be are loaded");
    // One that died left it: what it had not done is announced again.
    const bool is_second_start = ::access(kControl, F_OK) == 0;
    // Groups and users of rules mean nothing here: the host's udevd sets owners once more.
    auto udevd = UdevdProcess::start({kUdevd, "--resolve-names=never"});
    if (!udevd)
        return context.fail(udevd.error().message());
    if (auto ready = udevd->wait_until_ready(kStartLimit); !ready)
        return context.retry(std::format("{} {}", kUdevd, ready.error().message()));
    context.ready();
    if (is_second_start && announce(context) != Outcome::done)
        context.log(sdk::LogLevel::warning, "devices may stay unseen after udevd's second start");
    auto end = sdk::catch_end_signal();
    if (!end)
        return context.fail(end.error().message());
    const std::string how = udevd->wait_for_end(end->get());
    return how.empty() ? context.done("ended for the switch")
                       : context.retry(std::format("{} {}", kUdevd, how));
}

Outcome announce(sdk::Context &context) {
    // As systemd-udev-trigger.service does it on the host.
    return run(context, {kUdevadm, "trigger", "--type=all", "--action=add",
                         "--prioritized-subsystem=module,block,tpmrm,net,tty,input"});
}

Outcome clean_up(sdk::Context &context) {
    return run(context, {kUdevadm, "info", "--cleanup-db"});
}

} // namespace slipway::udevd
