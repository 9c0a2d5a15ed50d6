// SPDX-License-Identifier: LGPL-2.1-or-later
//
// PID 1 of the initrd: wiring only. What is started here, and in which order, is the table of
// contents of core/; docs/architecture.md tells the story.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "boot/early_mounts.h"
#include "boot/initrd.h"
#include "boot/kmsg_sink.h"
#include "event/sd_event_loop.h"
#include "sys/linux_system.h"

namespace {

using namespace slipway;

void log_errors(Log &log, const std::vector<Error> &errors) {
    for (const Error &error : errors)
        log.warning(error.message());
}

// The kernel's log is the log: it reaches the host's journal, and the consoles as far as quiet and
// loglevel= let it.
void open_log(System &system, Log &log, const LogLevels &levels) {
    auto sink = KmsgSink::open(system);
    if (!sink) {
        log.warning(sink.error().message());
        return;
    }
    log.add_sink(
        [kmsg = std::make_shared<KmsgSink>(std::move(*sink)), levels](const LogRecord &record) {
            if (levels.admit(record))
                kmsg->write(record);
        });
}

Result<int> boot(System &system, Log &log, Initrd::Kernel kernel) {
    log_errors(log, mount_kernel_file_systems(system));
    auto line = KernelCommandLine::load(system);
    if (!line)
        log.error(line.error().message());
    KernelCommandLine words = line ? std::move(*line) : KernelCommandLine();
    BootConfig config = BootConfig::parse(words, kernel.arguments);
    open_log(system, log, config.log_levels);
    log_errors(log, mount_run(system, config.run_size));
    auto loop = SdEventLoop::create();
    if (!loop)
        return std::unexpected(std::move(loop).error());
    Initrd initrd(system, **loop, log, std::move(words), std::move(config), std::move(kernel));
    if (auto started = initrd.start(); !started)
        initrd.report_internal_error(started.error());
    auto ended = (*loop)->run();
    // An exception ended the loop. Once: the emergency needs the loop, too.
    if (!ended) {
        initrd.report_internal_error(ended.error());
        ended = (*loop)->run();
    }
    initrd.end_machine();
    return ended;
}

} // namespace

int main(int argc, char **argv, char **environment) {
    if (::getpid() != 1) {
        std::fputs("slipway-init is what the kernel starts in an initrd. People want the program "
                   "slipway: see slipway --help.\n",
                   stderr);
        return 2;
    }
    ::umask(022);
    LinuxSystem system;
    Log log;
    log.set_clock([&system] { return Duration(system.monotonic_usec()); });
    Initrd::Kernel kernel;
    kernel.start = read_start_times(system);
    kernel.arguments.assign(argv + 1, argv + argc);
    for (char **entry = environment; *entry != nullptr; ++entry)
        kernel.environment.emplace_back(*entry);
    const auto ended = boot(system, log, std::move(kernel));
    if (!ended)
        log.error(ended.error().message());
    // Not even the machine's end worked. PID 1 never returns: that would be a kernel panic.
    while (true)
        ::pause();
}
