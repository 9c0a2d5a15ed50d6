// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/import_location.h"

#include <slipway/toml.h>

#include <format>
#include <utility>

#include "base/device_text.h"
#include "base/text.h"
#include "resume/location.h"

namespace slipway::resume {

using sdk::LogLevel;
using sdk::Outcome;
using sdk::toml_string;

namespace {

constexpr std::string_view kEfiSource = "efi";

// One run of import.
class Import {
public:
    Import(sdk::Context &context, const sdk::Request &request, const FileReader &read_file)
        : context_(context), read_file_(read_file), line_(read_command_line(request.options())),
          file_(request.params().get("file")), text_(request.params().get("text")),
          root_(request.params().get("root")) {}

    Outcome run();

private:
    [[nodiscard]] Outcome from_command_line();
    [[nodiscard]] Outcome from_efi();
    [[nodiscard]] Outcome from_conf();
    // Nothing, with the reason in the log unless `is_quiet`, if it does not count.
    [[nodiscard]] std::optional<Location> efi_location(std::string_view variable, bool is_quiet);
    [[nodiscard]] std::optional<std::string> read(std::string_view path) const {
        return read_file_(root_ + std::string(path));
    }
    [[nodiscard]] Outcome write(const Location &location, std::string_view source);

    sdk::Context &context_;
    const FileReader &read_file_;
    CommandLine line_;
    std::string file_; // that this run is for; empty: the command line
    std::string text_;
    std::string root_; // in which other files are looked for
};

Outcome Import::run() {
    if (!line_.switched_off_by.empty())
        return context_.done("switched off by " + line_.switched_off_by);
    if (file_.empty())
        return from_command_line();
    if (line_.names_device)
        return context_.done("resume= on the kernel command line decides");
    return file_ == kEfiVariable ? from_efi() : from_conf();
}

Outcome Import::from_command_line() {
    for (const std::string &problem : line_.problems)
        context_.log(LogLevel::error, problem);
    if (!line_.device.empty())
        return write({line_.device, line_.offset.value_or(0)}, "");
    if (line_.offset && !line_.names_device && !read(kResumeConf))
        context_.log(LogLevel::error, "resume_offset= is ignored: resume= names no device");
    return Outcome::done;
}

std::optional<Location> Import::efi_location(std::string_view variable, bool is_quiet) {
    const auto say = [&](LogLevel level, std::string_view what) {
        if (!is_quiet)
            context_.log(level,
                         std::format("the EFI variable HibernateLocation is ignored: {}", what));
    };
    const auto efi = parse_efi_location(variable);
    if (!efi) {
        say(LogLevel::warning, efi.error().message());
        return std::nullopt;
    }
    if (!is_of_this_system(*efi, read("/etc/initrd-release").value_or(""))) {
        say(LogLevel::notice, std::format("another system hibernated there ({} {})",
                                          printable(efi->os_id, 64), printable(efi->image_id, 64)));
        return std::nullopt;
    }
    return efi->location;
}

Outcome Import::from_efi() {
    const auto location = efi_location(text_, false);
    return location ? write(*location, kEfiSource) : Outcome::done;
}

Outcome Import::from_conf() {
    const std::string value = parse_resume_conf(text_);
    if (const auto variable = read(kEfiVariable); variable && efi_location(*variable, true))
        return context_.done("the EFI variable HibernateLocation decides");
    if (value.empty() || value == "none")
        return context_.done(file_ + " names no device");
    if (value == "auto") {
        context_.log(LogLevel::info, file_ + ": RESUME=auto names no device; write resume= on the "
                                             "kernel command line");
        return Outcome::done;
    }
    const auto device = parse_device(value);
    if (!device) {
        context_.log(LogLevel::warning, std::format("{}: RESUME={} names no device; nothing is "
                                                    "resumed",
                                                    file_, printable(value, 200)));
        return Outcome::done;
    }
    return write({*device, line_.offset.value_or(0)}, "");
}

Outcome Import::write(const Location &location, std::string_view source) {
    std::string unit = "[[unit]]\nname = \"resume\"\nkind = \"job\"\nplugin = \"resume\"\n";
    const auto add = [&unit](std::string_view key, std::string_view value) {
        unit += std::format("{} = {}\n", key, toml_string(value));
    };
    add("description", "Resume the hibernated system on " + printable(location.device, 256));
    add("hint", "noresume on the kernel command line goes on without it");
    add("device", location.device);
    add("device_timeout", line_.device_timeout);
    // The kernel reads the whole image meanwhile; PID 1 is frozen.
    unit += "timeout = \"10min\"\n"
            "after = [\"coldplug\"]\n"
            "before = [\"resume-decided\"]\n";
    unit += std::format("params = {{ offset = \"{}\", source = {} }}\n", location.offset,
                        toml_string(source));
    context_.units(unit);
    return Outcome::done;
}

} // namespace

Outcome import_location(sdk::Context &context, const sdk::Request &request,
                        const FileReader &read_file) {
    return Import(context, request, read_file).run();
}

} // namespace slipway::resume
