// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/program_lvm_backend.h"

#include <slipway/plugin.h>
#include <sys/stat.h>

#include <algorithm>
#include <format>

#include "base/text.h"

namespace slipway::lvm {

namespace {

constexpr const char *kProgram = "/usr/sbin/lvm";

// The image's lvm.conf is the host's. What would need a daemon, udev or a writable /etc is switched
// off: no devices file (--devices names the devices), no lock daemon, no metadata backup, no
// monitoring.
constexpr const char *kConfig =
    "global{use_lvmlockd=0 use_lvmpolld=0 notify_dbus=0} "
    "devices{use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source=\"none\" "
    "hints=\"none\"} "
    "backup{backup=0 archive=0} "
    "activation{udev_sync=0 udev_rules=0 monitoring=0}";

class ProgramLvmBackend final : public LvmBackend {
public:
    explicit ProgramLvmBackend(sdk::Context &context) : context_(context) {}

    Result<std::vector<VolumeGroup>> report(const std::vector<std::string> &devices) override {
        // One call for everything: starting lvm costs more than what it does here. The two empty
        // selections leave out the tables of segments, which cannot be switched off.
        const auto result = run("fullreport", devices,
                                {"--readonly",
                                 "--nolocking",
                                 "--reportformat",
                                 "json",
                                 "--configreport",
                                 "vg",
                                 "-o",
                                 "vg_name,vg_uuid,pv_count",
                                 "--configreport",
                                 "pv",
                                 "-o",
                                 "pv_uuid,pv_name,pv_missing",
                                 "--configreport",
                                 "lv",
                                 "-o",
                                 "lv_name,lv_dm_path,lv_attr,lv_skip_activation",
                                 "--configreport",
                                 "pvseg",
                                 "-S",
                                 "vg_name=none",
                                 "--configreport",
                                 "seg",
                                 "-S",
                                 "vg_name=none"});
        if (!result)
            return std::unexpected(result.error());
        return parse_report(*result);
    }

    Result<> activate(const std::vector<std::string> &volumes,
                      const std::vector<std::string> &devices, bool is_degraded) override {
        std::vector<std::string> words = {"-ay", "--sysinit", "--activationmode",
                                          is_degraded ? "degraded" : "complete"};
        words.insert(words.end(), volumes.begin(), volumes.end());
        return run("lvchange", devices, words).transform([](const std::string &) {});
    }

    bool exists(const std::string &path) override {
        struct stat status{};
        return ::stat(path.c_str(), &status) == 0;
    }

private:
    // Standard output.
    Result<std::string> run(const std::string &command, const std::vector<std::string> &devices,
                            const std::vector<std::string> &words) {
        std::vector<std::string> argv = {kProgram, command,     "--config",
                                         kConfig,  "--devices", join(devices, ",")};
        argv.insert(argv.end(), words.begin(), words.end());
        sdk::RunResult result = context_.run(argv);
        if (result.exit_code == -1)
            return failure(std::format(
                "{} could not be started; rebuild the image with lvm2 installed", kProgram));
        for (const std::string &line : split_words(result.errors, "\n"))
            context_.log(sdk::LogLevel::debug, line);
        if (!result.is_success())
            return failure(std::format("lvm {} on {} ended with code {}: {}", command,
                                       join(devices, ", "), result.exit_code,
                                       printable(last_line(result.errors), 500)));
        return std::move(result.output);
    }

    static std::string last_line(const std::string &text) {
        const auto lines = split_words(text, "\n");
        return lines.empty() ? "it gave no reason"
                             : lines.back().substr(std::min(lines.back().find_first_not_of(' '),
                                                            lines.back().size()));
    }

    sdk::Context &context_;
};

} // namespace

std::unique_ptr<LvmBackend> make_program_lvm_backend(sdk::Context &context) {
    return std::make_unique<ProgramLvmBackend>(context);
}

} // namespace slipway::lvm
