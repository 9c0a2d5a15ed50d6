// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resume/resume_system.h"

#include <cstring>
#include <format>
#include <optional>

#include "base/text.h"
#include "resume/import_location.h"
#include "resume/location.h"
#include "resume/signature.h"

namespace slipway::resume {

using sdk::Outcome;

namespace {

// One run of activate.
class Resumption {
public:
    Resumption(sdk::Context &context, const sdk::Request &request, const sdk::Device &device,
               std::uint64_t offset, PowerBackend &backend)
        : context_(context), request_(request), device_(device), node_(device.devnode()),
          offset_(offset), backend_(backend) {}

    Outcome run();

private:
    [[nodiscard]] Outcome judge(Signature signature);
    [[nodiscard]] Outcome resume();
    [[nodiscard]] Outcome refuse_other();
    void forget_location();
    // "/dev/vda2", or "/dev/vda2 at page 4096".
    [[nodiscard]] std::string place() const {
        return offset_ == 0 ? node_ : std::format("{} at page {}", node_, offset_);
    }

    sdk::Context &context_;
    const sdk::Request &request_;
    const sdk::Device &device_;
    std::string node_;
    std::uint64_t offset_; // pages
    PowerBackend &backend_;
};

Outcome Resumption::run() {
    const auto page = backend_.read_page(node_, offset_);
    if (!page)
        return context_.fail(std::format(
            "whether a hibernated system lies on {} cannot be told: {}; check resume= and "
            "resume_offset=",
            place(), page.error().message()));
    const Outcome outcome = judge(read_signature(*page));
    forget_location();
    return outcome;
}

Outcome Resumption::judge(Signature signature) {
    switch (signature) {
    case Signature::swap:
        return context_.done("no hibernated system on " + place());
    case Signature::image:
        return resume();
    case Signature::foreign:
        return context_.fail(std::format("the hibernated system on {} was not written by the "
                                         "kernel (uswsusp or TuxOnIce): it cannot be resumed",
                                         place()));
    case Signature::none:
        return refuse_other();
    }
    return refuse_other();
}

Outcome Resumption::resume() {
    const auto modes = backend_.modes();
    if (!modes)
        return context_.fail(std::format("the system on {} cannot be resumed: this kernel does not "
                                         "know hibernation ({})",
                                         place(), modes.error().message()));
    if (modes->starts_with("[disabled]"))
        return context_.fail(std::format(
            "the system on {} cannot be resumed: hibernation is disabled, by the lockdown of "
            "Secure Boot or by nohibernate; what was open in it is lost",
            place()));
    // The kernel freezes all processes first, and could not run modprobe for it any more.
    if (const int code = context_.load_modules({"crypto-lzo"}); code != 0)
        context_.log(sdk::LogLevel::debug, std::format("module crypto-lzo: {}; the image may not "
                                                       "be compressed, or otherwise",
                                                       std::strerror(code)));
    context_.log(sdk::LogLevel::notice, "resuming the hibernated system on " + place());
    const auto messages = backend_.resume(
        std::format("{}:{}", device_.fact("major"), device_.fact("minor")), offset_);
    if (!messages)
        return context_.fail(std::format("the system on {} could not be resumed: {}", place(),
                                         messages.error().message()));
    return context_.fail(
        std::format("the kernel did not resume the system on {}: {}; what was open in it is lost",
                    place(), messages->empty() ? "see its log" : *messages));
}

Outcome Resumption::refuse_other() {
    const std::string_view type = device_.fact("fs_type");
    if (offset_ != 0)
        return context_.fail(std::format(
            "{} is not the beginning of a swap file; resume_offset= is the first physical page of "
            "it, see filefrag -v or btrfs inspect-internal map-swapfile -r",
            place()));
    if (device_.fact("fs_usage") == "crypto")
        return context_.fail(std::format("{} is encrypted ({}); resume= has to name what lies in "
                                         "it, as /dev/mapper/<name>",
                                         node_, type));
    if (device_.fact("fs_usage") == "filesystem")
        return context_.fail(std::format("{} holds a file system ({}); to resume from a swap file "
                                         "in it, resume_offset= is needed as well",
                                         node_, type));
    return context_.fail(std::format("{} is no swap area{}; check resume=", node_,
                                     type.empty() ? "" : std::format(" ({})", type)));
}

// The variable has been used, and led to no system. The host would remove it as well, but only if
// it is systemd, and of a new version.
void Resumption::forget_location() {
    if (request_.params().get("source") != "efi")
        return;
    if (const auto result = backend_.remove_variable(std::string(kEfiVariable)); !result)
        context_.log(sdk::LogLevel::warning, result.error().message() +
                                                 "; the host may do it, see "
                                                 "systemd-hibernate-clear.service(8)");
}

} // namespace

Outcome resume_system(sdk::Context &context, const sdk::Request &request, PowerBackend &backend) {
    const auto devices = request.devices();
    if (devices.size() != 1)
        return context.fail(std::string(request.unit()) + " needs exactly one device");
    const auto offset = parse_offset(request.params().get("offset"));
    if (!offset)
        return context.fail(std::format("{}: offset \"{}\" is not a number of pages",
                                        request.unit(),
                                        printable(request.params().get("offset"), 64)));
    return Resumption(context, request, devices.front(), *offset, backend).run();
}

} // namespace slipway::resume
