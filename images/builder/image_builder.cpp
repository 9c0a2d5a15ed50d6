// SPDX-License-Identifier: LGPL-2.1-or-later
#include "builder/image_builder.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "builder/atomic_file.h"
#include "builder/base_tree.h"
#include "builder/file_collector.h"
#include "builder/firmware.h"
#include "builder/host_stack.h"
#include "builder/image_count.h"
#include "builder/image_manifest.h"
#include "builder/image_tree.h"
#include "builder/kmod_index.h"
#include "builder/module_closure.h"
#include "builder/module_parameters.h"
#include "builder/module_staging.h"
#include "builder/plan.h"
#include "builder/problems.h"
#include "builder/root_tree.h"
#include "builder/unit_choice.h"
#include "builder/why_file.h"

namespace slipway {

namespace {

constexpr std::string_view kUnitDirectory = "/usr/share/slipway/units";
constexpr std::string_view kLocalUnitDirectory = "/etc/slipway/units";
constexpr std::string_view kDefaultDevices = "native";
constexpr std::string_view kPluginDirectory = "/usr/lib/slipway/plugins";
constexpr std::size_t kMaxUnitFile = 1U << 20U;
// Measured twice with an LVM-on-LUKS image, on a busy machine: level 6 is 6 % smaller than 3 and
// takes 1.6 to 2 times as long; level 19 is another 13 % smaller and takes about 50 times as long.
constexpr int kDefaultHostLevel = 3;
constexpr int kDefaultGenericLevel = 9;

// One build, step by step. What is wrong is collected; only what makes the next step senseless ends
// it early.
class Build {
public:
    explicit Build(const BuildRequest &request)
        : request_(request), root_(request.root),
          install_root_(request.install_root.empty() ? request.root : request.install_root),
          files_(image_, roots(), problems_) {}

    BuildResult run() {
        Result<BuildReport> report = make();
        return {std::move(report), problems_.problems(), problems_.notices()};
    }

private:
    Result<BuildReport> make() {
        if (Result<> kernel = open_kernel(); !kernel)
            return std::unexpected(kernel.error());
        add_base_tree(image_, root_, problems_);
        add_programs_of_the_base(image_, files_, problems_);
        if (request_.status)
            add_status_programs(image_, files_, problems_);
        read_unit_files();
        choose_devices();
        read_stack();
        check_names();
        add_requested();
        for (const auto &[name, manifest] : manifests_)
            add_unit_file(manifest);
        add_shell_password();
        files_.finish();
        if (!problems_.empty())
            return failure(
                std::format("{} problems prevent the image", problems_.problems().size()));
        return finish();
    }

    Result<BuildReport> finish() {
        Result<ModuleStaging> staging = ModuleStaging::create(
            module_directory_, report_.kernel_version, modules_->chosen(), request_.interrupted);
        if (!staging)
            return std::unexpected(staging.error());
        if (Result<> added = staging->add_to(image_); !added)
            return std::unexpected(added.error());
        if (Result<> firmware = add_firmware(*staging); !firmware)
            return std::unexpected(firmware.error());
        files_.finish();
        add_plan();
        report_.modules = modules_->chosen().size();
        problems_.check(image_.add_text(std::string(kWhyFile), why_text(), "this list"));
        if (!problems_.empty())
            return failure(
                std::format("{} problems prevent the image", problems_.problems().size()));
        return write();
    }

    std::vector<const RootTree *> roots() const {
        if (request_.install_root.empty() || install_root_.name() == root_.name())
            return {&root_};
        return {&root_, &install_root_};
    }

    // --- kernel ----------------------------------------------------------------------------

    Result<> open_kernel() {
        const std::optional<RootFile> top = root_.find("/");
        if (!top || !S_ISDIR(top->mode))
            return failure(
                std::format("the root {} is no directory; name one with --root", root_.name()),
                ENOTDIR);
        const std::vector<std::string> versions = kernel_versions();
        const std::string version = choose_kernel(versions);
        if (!std::ranges::contains(versions, version)) {
            return failure(
                std::format("there are no modules of the kernel {} in {}/usr/lib/modules; "
                            "{}",
                            version, root_.host_path(""),
                            versions.empty()
                                ? "no kernel is installed there"
                                : "available (--kernel-version): " + join(versions, ", ")),
                ENOENT);
        }
        report_.kernel_version = version;
        const auto directory = root_.find("/lib/modules/" + version);
        const auto merged = root_.find("/usr/lib/modules/" + version);
        module_directory_ = root_.host_path((merged ? merged : directory)->path);
        Result<std::unique_ptr<KmodIndex>> index =
            KmodIndex::open(module_directory_, modprobe_directories());
        if (!index)
            return std::unexpected(index.error());
        index_ = std::move(*index);
        modules_.emplace(*index_, problems_, version);
        return {};
    }

    // Directories that depmod has been through; others are leftovers of removed kernels.
    std::vector<std::string> kernel_versions() const {
        std::set<std::string> versions;
        for (const std::string_view top : {"/usr/lib/modules", "/lib/modules"})
            for (const std::string &name : root_.list(top))
                if (root_.find_file(std::format("{}/{}/modules.dep.bin", top, name)))
                    versions.insert(name);
        return {versions.begin(), versions.end()};
    }

    std::string choose_kernel(const std::vector<std::string> &versions) const {
        if (!request_.kernel_version.empty())
            return request_.kernel_version;
        utsname system{};
        std::string running = ::uname(&system) == 0 ? system.release : "";
        if (!root_.is_host() && versions.size() == 1)
            return versions.front();
        return running;
    }

    std::vector<std::string> modprobe_directories() const {
        std::vector<std::string> directories;
        for (const std::string_view path :
             {"/etc/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d"})
            if (const auto directory = root_.find(path))
                directories.push_back(root_.host_path(directory->path));
        return directories;
    }

    // --- unit files ------------------------------------------------------------------------

    void read_unit_files() {
        read_unit_directory(install_root_, std::string(kUnitDirectory));
        const RootTree host("/");
        for (const std::string &directory : request_.unit_directories) {
            if (!host.find(directory))
                problems_.add(std::format("there is no directory {} (--unit-dir)", directory));
            read_unit_directory(host, directory);
        }
        read_unit_directory(root_, std::string(kLocalUnitDirectory));
        if (manifests_.empty())
            problems_.add(std::format("there are no unit files in {}; install slipway there, or "
                                      "name where it is with --install-root or --unit-dir",
                                      install_root_.host_path(kUnitDirectory)));
    }

    void read_unit_directory(const RootTree &root, const std::string &directory) {
        for (const std::string &name : root.list(directory)) {
            if (!name.ends_with(".toml"))
                continue;
            const std::string path = directory + "/" + name;
            Result<std::string> text = root.read_file(path, kMaxUnitFile);
            if (!text) {
                problems_.add(text.error().message());
                continue;
            }
            ImageManifest manifest =
                read_image_manifest(root.host_path(path), std::move(*text), problems_);
            manifest.chooses_devices = directory == kLocalUnitDirectory;
            manifests_.insert_or_assign(manifest.name, std::move(manifest));
        }
    }

    // Of the native back end PID 1 is a part: it needs no file. The other one does.
    void choose_devices() {
        devices_ = request_.devices;
        bool has_file = false;
        for (const auto &[name, manifest] : manifests_)
            if (devices_.empty() && manifest.chooses_devices)
                devices_ = manifest.devices;
        if (devices_.empty())
            devices_ = kDefaultDevices;
        for (const auto &[name, manifest] : manifests_)
            has_file = has_file || (manifest.devices == devices_ && !manifest.library.empty());
        if (!has_file && devices_ != kDefaultDevices)
            problems_.add(std::format("no unit file is for the device back end {} (--devices): "
                                      "one has [devices] with backend = \"{}\" and a plugin",
                                      devices_, devices_));
    }

    void read_stack() {
        if (request_.mode == ImageMode::generic)
            return;
        const Result<std::string> mounts = root_.is_host()
                                               ? read_host_file("/proc/self/mountinfo", 16U << 20U)
                                               : errno_failure("", ENOENT);
        if (mounts)
            stack_ = read_live_stack(root_, *mounts, RootTree("/sys"), request_.cmdline);
        else
            stack_ = read_offline_stack(root_, request_.cmdline);
        if (!stack_.is_live && !stack_.root_specs)
            problems_.notice(std::format("{} names no file system for /, so everything that could "
                                         "be below it is included",
                                         root_.host_path("/etc/fstab")));
    }

    void check_names() {
        for (const auto *list : {&request_.with, &request_.without})
            for (const std::string &name : *list)
                if (!manifests_.contains(name))
                    problems_.add(
                        std::format("there is no unit file {}.toml (--with, --without)", name));
    }

    // What nobody asked for must not prevent the image: its programs are not installed, so the
    // machine does not use it.
    bool is_chosen(const ImageManifest &manifest) {
        if (!manifest.devices.empty() && manifest.devices != devices_)
            return false;
        const UnitNeed need = need_of(manifest, request_, stack_, root_);
        if (need != UnitNeed::possible)
            return need == UnitNeed::known;
        const auto program = missing_program(manifest, request_.mode, files_);
        if (program)
            problems_.notice(std::format("{}.toml is left out: the program {} is not in {}; if a "
                                         "boot needs it, install the package that holds it",
                                         manifest.name, *program, root_.name()));
        return !program;
    }

    void add_unit_file(const ImageManifest &manifest) {
        if (!is_chosen(manifest)) {
            report_.skipped.push_back(manifest.name);
            return;
        }
        report_.units.push_back(manifest.name);
        report_.unit_texts.emplace_back(manifest.file, manifest.text);
        problems_.check(image_.add_text(std::format("{}/{}.toml", kUnitDirectory, manifest.name),
                                        manifest.text, "unit file"));
        if (!manifest.library.empty())
            add_plugin(manifest);
        if (!manifest.plan_unit.empty()) {
            if (!plan_unit_.empty())
                problems_.add(std::format("{}: `plan_unit` stands in another unit file too; one of "
                                          "them must go",
                                          manifest.file));
            plan_unit_ = manifest.plan_unit;
        }
        add_needs(manifest, manifest.always, true);
        if (request_.mode == ImageMode::generic)
            add_needs(manifest, manifest.generic, true);
        else
            add_needs(manifest, manifest.host, false);
        for (const ConditionalNeeds &conditional : manifest.when)
            if (request_.mode == ImageMode::generic || holds_any(conditional.needed, stack_, root_))
                add_needs(manifest, conditional.needs, true, stack_.root_specs && stack_.fs_types);
        add_first(manifest);
    }

    // An image without the shell needs none.
    void add_shell_password() {
        if (!std::ranges::contains(report_.units, "shell"))
            return;
        constexpr const char *kShadow = "/etc/shadow";
        std::optional<std::string> shadow;
        if (auto text = root_.read_file(kShadow))
            shadow = std::move(*text);
        else if (root_.find_file(kShadow)) {
            problems_.notice(std::format("{}; root counts as locked: the emergency shell asks for "
                                         "no password. Build as root, or choose a --shell",
                                         text.error().message()));
            shadow = "root:!:";
        }
        const auto password =
            shell_password(shadow, request_.shell, request_.mode == ImageMode::host);
        if (!password)
            return problems_.add(password.error().message());
        if (!*password)
            return;
        problems_.check(image_.add_text("/etc/slipway/shell-password", **password,
                                        "who may have the emergency shell", 0600));
        if (!(*password)->starts_with('!'))
            files_.add_file_of_any_root("/usr/lib/slipway/shell-login",
                                        {"asks for the password before the emergency shell"});
    }

    void add_plugin(const ImageManifest &manifest) {
        const std::string path = std::format("{}/{}", kPluginDirectory, manifest.library);
        const Want want{std::format("plugin of {}.toml", manifest.name)};
        for (const std::string &directory : request_.plugin_directories) {
            const std::string file = directory + "/" + manifest.library;
            if (RootTree("/").find_file(file)) {
                files_.add_host_file(file, path, want);
                return;
            }
        }
        files_.add_file_of_any_root(path, want);
    }

    // `candidates`: the drivers listed are those of any machine, not of this one. `planned`: it is
    // known that the machine needs this, so its modules are loaded at once.
    void add_needs(const ImageManifest &manifest, const ImageNeeds &needs, bool candidates,
                   bool planned = true) {
        const auto each = [&](const std::vector<std::string> &entries, auto add) {
            for (const std::string &entry : entries) {
                auto [name, optional] = split_optional(entry);
                add(name, Want{manifest.name + ".toml", optional});
            }
        };
        each(needs.programs,
             [&](const auto &name, const Want &want) { files_.add_program(name, want); });
        each(needs.libraries,
             [&](const auto &name, const Want &want) { files_.add_library(name, want); });
        each(needs.files,
             [&](const auto &name, const Want &want) { files_.add_files(name, want); });
        each(needs.directories,
             [&](const auto &name, const Want &want) { files_.add_directory(name, want); });
        for (const auto &[path, target] : needs.links)
            problems_.check(image_.add_link(path, target, manifest.name + ".toml"));
        each(needs.modules, [&](const std::string &name, const Want &want) {
            (void)modules_->choose(name, want);
        });
        each(needs.load, [&](const std::string &name, const Want &want) {
            const std::vector<std::string> chosen = modules_->choose(name, want);
            if (planned)
                plan_.add(manifest.name, chosen);
        });
        if (wants_drivers(candidates))
            each(needs.drivers, [&](const std::string &name, const Want &want) {
                (void)modules_->choose(name, want);
            });
    }

    bool wants_drivers(bool candidates) const {
        if (request_.drivers == DriverChoice::listed)
            return false;
        return !candidates || request_.mode == ImageMode::generic || !stack_.is_live ||
               request_.drivers == DriverChoice::generic;
    }

    void add_first(const ImageManifest &manifest) {
        if (manifest.first.empty())
            return;
        const ImageNeeds *complete = first_complete(manifest, files_);
        // If none is complete, the messages about the last one say what is missing.
        add_needs(manifest, complete == nullptr ? manifest.first.back() : *complete, true);
    }

    // --- what the caller asked for ---------------------------------------------------------

    void add_requested() {
        for (const std::string &entry : request_.modules) {
            const auto [name, optional] = split_optional(entry);
            plan_.add("drivers", modules_->choose(name, {"asked for by --modules", optional}));
        }
        const bool from_sysfs = request_.mode == ImageMode::host && stack_.is_live &&
                                request_.drivers == DriverChoice::automatic;
        if (from_sysfs)
            for (const std::string &driver : stack_.drivers)
                plan_.add("drivers", modules_->choose(driver, {"drives a device below /", true}));
        for (const auto &[source, destination] : request_.files)
            files_.add_host_file(source, destination, {"asked for by --file"});
        if (!request_.cmdline.empty())
            problems_.check(image_.add_text("/etc/cmdline.d/50-slipway-build.conf",
                                            request_.cmdline + "\n", "asked for by --cmdline"));
        if (const std::string parameters = module_parameters(request_.cmdline); !parameters.empty())
            problems_.check(image_.add_text("/etc/modprobe.d/50-slipway-build.conf", parameters,
                                            "asked for by --cmdline"));
    }

    // --- the rest --------------------------------------------------------------------------

    Result<> add_firmware(const ModuleStaging &staging) {
        // The staged modules are uncompressed, so this is cheap, and it proves the new indexes.
        Result<std::unique_ptr<KmodIndex>> index = KmodIndex::open(staging.directory(), {});
        if (!index)
            return std::unexpected(index.error());
        FirmwareCollector firmware(root_, files_, report_.kernel_version,
                                   request_.mode == ImageMode::host);
        for (const auto &[name, chosen] : modules_->chosen())
            if (Result<> added = firmware.add(**index, name, chosen); !added)
                return added;
        missing_firmware_ = firmware.missing();
        return {};
    }

    void add_plan() {
        if (request_.mode != ImageMode::host || plan_unit_.empty() || plan_.empty())
            return;
        problems_.check(image_.add_text(std::format("{}/plan.toml", kUnitDirectory),
                                        plan_.to_toml(plan_unit_),
                                        "what the builder knew about this machine"));
    }

    std::string why_text() const {
        WhyFile why;
        why.kernel_version = report_.kernel_version;
        why.mode = request_.mode == ImageMode::host ? "host" : "generic";
        why.units = report_.units;
        why.skipped_units = report_.skipped;
        why.left_out = files_.left_out();
        why.missing_firmware = missing_firmware_;
        return write_why_file(why, image_);
    }

    Result<BuildReport> write() {
        // Crypttab, keys and the like may be in it: only root reads an image.
        Result<AtomicFile> output = AtomicFile::create(request_.output, 0600);
        if (!output)
            return std::unexpected(output.error());
        const int level =
            request_.mode == ImageMode::host ? kDefaultHostLevel : kDefaultGenericLevel;
        const ArchiveOptions options{.compression = request_.compression,
                                     .level = request_.level != 0 ? request_.level : level,
                                     .mtime = request_.mtime};
        if (Result<> written = write_archive(output->fd(), image_, options, request_.interrupted);
            !written)
            return std::unexpected(
                std::move(written).error().with_context("write " + request_.output));
        struct stat status{};
        if (::fstat(output->fd(), &status) == 0)
            report_.image_bytes = static_cast<std::uint64_t>(status.st_size);
        if (request_.interrupted && request_.interrupted())
            return failure("interrupted", ECANCELED);
        if (Result<> named = output->commit(); !named)
            return std::unexpected(named.error());
        ImageCount count = count_files(image_);
        report_.files = count.files;
        report_.unpacked_bytes = count.unpacked_bytes;
        report_.sources = std::move(count.sources);
        return report_;
    }

    const BuildRequest &request_;
    RootTree root_;
    RootTree install_root_;
    Problems problems_;
    ImageTree image_;
    FileCollector files_;
    std::string module_directory_;
    std::unique_ptr<KmodIndex> index_;
    std::optional<ModuleClosure> modules_;
    std::map<std::string, ImageManifest> manifests_;
    HostStack stack_;
    Plan plan_;
    std::string plan_unit_;
    std::string devices_; // the device back end
    std::vector<std::string> missing_firmware_;
    BuildReport report_;
};

} // namespace

BuildResult build_image(const BuildRequest &request) {
    return Build(request).run();
}

} // namespace slipway
