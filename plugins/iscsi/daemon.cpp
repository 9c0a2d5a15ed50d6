// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/daemon.h"

#include <chrono>
#include <cstring>
#include <format>

#include "iscsi/initiator_name.h"
#include "iscsi/iscsi_options.h"
#include "iscsi/line_budget.h"

namespace slipway::iscsi {

using sdk::LogLevel;
using sdk::Outcome;

namespace {

// A portal that sends nonsense makes iscsid complain without an end.
constexpr std::size_t kMaxLines = 30;
constexpr std::chrono::seconds kStretch(10);

InitiatorName settle_name(sdk::Context &context, const IscsiOptions &options,
                          const Machine &machine) {
    if (options.uses_firmware)
        (void)context.load_modules({"iscsi_ibft"}); // built in or absent: the table shows which
    InitiatorName name =
        choose_initiator_name(options.initiator, read_firmware(machine.sysfs_root).initiator,
                              [&](const std::string &path) { return machine.files.read(path); });
    if (!name.problem.empty())
        context.log(LogLevel::warning, name.problem);
    if (name.source == InitiatorName::Source::generated)
        context.log(LogLevel::notice,
                    std::format("nothing names this initiator, so it is {}; rd.iscsi.initiator= "
                                "says another name",
                                name.name));
    return name;
}

// The host's iscsid would go on with them for ever, could not be told to stop, and would take a
// minute to end when the machine goes down. One whose first login still runs may succeed there.
void drop_refused(sdk::Context &context, const Machine &machine) {
    for (const Session &session : machine.sessions.sessions()) {
        if (!session.has_failed || session.had_disks)
            continue;
        const auto removed = machine.initiator.remove(session);
        if (removed)
            context.log(LogLevel::notice,
                        std::format("iSCSI target {} at {} is given up: it has refused every login",
                                    session.target, session.address));
        else
            context.log(LogLevel::warning,
                        std::format("iSCSI target {} at {}: its {} cannot be removed, and the "
                                    "host will try on: {}",
                                    session.target, session.address, session.id,
                                    removed.error().message()));
    }
}

} // namespace

Outcome keep_daemon(sdk::Context &context, const sdk::Request &request, const Machine &machine,
                    int stop) {
    const IscsiOptions options = read_options(request.options());
    if (const int code = context.load_modules({"iscsi_tcp"}); code != 0)
        return context.fail(std::format("module iscsi_tcp: {}; build the image again with it",
                                        std::strerror(code)));
    // Disks need it; and digests, if a setting asks for them. Both are often built in.
    for (const char *module : {"sd_mod", "crc32c"}) {
        if (const int code = context.load_modules({module}); code != 0)
            context.log(LogLevel::debug, std::format("module {}: {}", module, std::strerror(code)));
    }
    const InitiatorName name = settle_name(context, options, machine);
    std::string file = kHostInitiatorFile;
    if (name.source != InitiatorName::Source::file) {
        file = RunFiles::kInitiatorFile;
        if (const auto written = machine.files.write_initiator(name.name); !written)
            return context.fail(written.error().message());
    }
    LineBudget budget(kMaxLines, kStretch);
    const auto end = machine.initiator.serve(
        file, stop, [&] { context.ready(); },
        [&](std::string_view line) {
            const auto verdict = budget.take(LineBudget::Clock::now());
            if (verdict.left_out > 0)
                context.log(LogLevel::warning,
                            std::format("iscsid said {} lines more", verdict.left_out));
            if (verdict.is_shown)
                context.log(LogLevel::info, line);
        });
    if (end)
        return context.retry(end->message());
    drop_refused(context, machine);
    return context.done("ended for the switch");
}

} // namespace slipway::iscsi
