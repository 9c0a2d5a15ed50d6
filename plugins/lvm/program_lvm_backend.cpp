// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lvm/program_lvm_backend.h"

#include <slipway/plugin.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>

#include "base/text.h"

namespace slipway::lvm {

namespace {

constexpr const char *kProgram = "/usr/sbin/lvm";

// The image's lvm.conf is the host's. What would need a daemon or a writable /etc is switched
// off: no devices file (--devices names the devices, and lvm leaves filters out then), no lock
// daemon, no metadata backup, no monitoring. So is what would change the form of the output.
constexpr std::string_view kConfig =
    "global{use_lvmlockd=0 use_lvmpolld=0 notify_dbus=0 test=0} "
    "devices{use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source=\"none\" "
    "hints=\"none\"} "
    "backup{backup=0 archive=0} "
    "activation{monitoring=0} "
    "report{list_item_separator=\",\" binary_values_as_numeric=0} "
    "log{report_command_log=1 command_names=0 silent=0 verbose=0 syslog=0 file=\"\" prefix=\"  \"}";

// libdevmapper's own word for it: slipway sets it where no udevd runs. Where one does, the nodes
// are its work, and lvm returns when it is done.
constexpr std::string_view kWithUdev = " activation{udev_sync=1 udev_rules=1}";
constexpr std::string_view kWithoutUdev = " activation{udev_sync=0 udev_rules=0}";

std::string configuration() {
    const bool has_udev = std::getenv("DM_DISABLE_UDEV") == nullptr;
    return std::string(kConfig).append(has_udev ? kWithUdev : kWithoutUdev);
}

constexpr const char *kVolumeFields = "lv_name,lv_dm_path,lv_role,lv_layout,lv_modules,pool_lv,"
                                      "lv_health_status,lv_skip_activation";
constexpr std::size_t kMaxHostName = 64;
constexpr std::size_t kMaxErrors = 4;

class ProgramLvmBackend final : public LvmBackend {
public:
    explicit ProgramLvmBackend(sdk::Context &context) : context_(context) {}

    Result<Report> report(const std::vector<std::string> &devices) override {
        // One call for everything: starting lvm costs more than what it does here. The two empty
        // selections leave out the tables of segments, which cannot be switched off. --foreign:
        // groups of other machines, too, so that they are refused with a reason.
        const auto result = run("fullreport", devices, configuration(),
                                {"--readonly",
                                 "--nolocking",
                                 "--foreign",
                                 "--reportformat",
                                 "json",
                                 "--configreport",
                                 "vg",
                                 "-o",
                                 "vg_name,vg_uuid,pv_count,vg_systemid",
                                 "--configreport",
                                 "pv",
                                 "-o",
                                 "pv_uuid,pv_name,pv_missing,pv_in_use",
                                 "--configreport",
                                 "lv",
                                 "-o",
                                 kVolumeFields,
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

    Result<> activate(const ActivationRequest &request) override {
        std::string config = configuration();
        if (!request.system_id.empty())
            config +=
                std::format(" global{{system_id_source=\"lvmlocal\"}} local{{system_id=\"{}\"}}",
                            request.system_id);
        std::vector<std::string> words = {"-ay", "--sysinit", "--activationmode",
                                          request.is_degraded ? "degraded" : "complete"};
        if (request.includes_skipped)
            words.emplace_back("-K");
        words.insert(words.end(), request.volumes.begin(), request.volumes.end());
        return run("lvchange", request.devices, config, words).transform([](const std::string &) {
        });
    }

    bool exists(const std::string &path) override {
        struct stat status{};
        return ::stat(path.c_str(), &status) == 0;
    }

    // The link is made by who inspects block devices; a UUID is that of libblkid.
    std::optional<std::string> find_device(const std::string &uuid) override {
        if (uuid.empty() || uuid.contains('/'))
            return std::nullopt;
        std::error_code error;
        const auto node = std::filesystem::canonical("/dev/disk/by-id/lvm-pv-uuid-" + uuid, error);
        return error ? std::nullopt : std::optional(node.string());
    }

    std::string host_name() override {
        std::ifstream file("/etc/hostname");
        std::string name;
        std::getline(file, name);
        // What lvm leaves of a name, lvmsystemid(7).
        std::erase_if(name, [](unsigned char c) {
            return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.' && c != '+';
        });
        return name.substr(0, kMaxHostName);
    }

private:
    // Standard output.
    Result<std::string> run(const std::string &command, const std::vector<std::string> &devices,
                            const std::string &config, const std::vector<std::string> &words) {
        std::vector<std::string> argv = {kProgram, command,     "--config",
                                         config,   "--devices", join(devices, ",")};
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
                                       printable(reason_of(result.errors), 500)));
        return std::move(result.output);
    }

    // The errors, in order; if there are only warnings, the last of them.
    static std::string reason_of(const std::string &text) {
        std::vector<std::string> errors;
        std::string last = "it gave no reason";
        for (const std::string &line : split_words(text, "\n")) {
            const std::size_t begin = line.find_first_not_of(' ');
            if (begin == std::string::npos)
                continue;
            last = line.substr(begin);
            if (!last.starts_with("WARNING: ") && !std::ranges::contains(errors, last))
                errors.push_back(last);
        }
        // A talkative lvm.conf puts other things before them.
        if (errors.size() > kMaxErrors)
            errors.erase(errors.begin(), errors.end() - kMaxErrors);
        return errors.empty() ? last : join(errors, "; ");
    }

    sdk::Context &context_;
};

} // namespace

std::unique_ptr<LvmBackend> make_program_lvm_backend(sdk::Context &context) {
    return std::make_unique<ProgramLvmBackend>(context);
}

} // namespace slipway::lvm
