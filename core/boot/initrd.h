// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "boot/ask_publisher.h"
#include "boot/ask_watcher.h"
#include "boot/boot_config.h"
#include "boot/boot_sequence.h"
#include "boot/break_shell.h"
#include "boot/bus_host.h"
#include "boot/console.h"
#include "boot/console_log.h"
#include "boot/console_shells.h"
#include "boot/debug_shell.h"
#include "boot/device_links.h"
#include "boot/emergency.h"
#include "boot/handover.h"
#include "boot/known_options.h"
#include "boot/last_failure.h"
#include "boot/leftovers.h"
#include "boot/prompt_broker.h"
#include "boot/service_requests.h"
#include "boot/shell_access.h"
#include "boot/timeline.h"
#include "boot/unit_files.h"
#include "boot/wait_notice.h"
#include "device/udev_monitor.h"
#include "device/uevent_source.h"
#include "engine/engine.h"
#include "engine/record.h"
#include "event/event_loop.h"
#include "sys/system.h"

namespace slipway {

// Where things are in the image.
struct ImagePaths {
    std::vector<std::string> unit_directories = {"/usr/share/slipway/units", "/etc/slipway/units"};
    std::string known_options = "/usr/share/slipway/units/options.toml";
    std::string plugin_directory = "/usr/lib/slipway/plugins";
};

// One boot, from the parsed command line to the switch: makes the parts, in the order in which they
// need each other, and ties their ends together. Owned by main.
class Initrd {
public:
    struct Kernel {
        std::vector<std::string> arguments;   // main()'s, without argv[0]
        std::vector<std::string> environment; // "NAME=value"
        StartTimes start;
    };

    Initrd(System &system, EventLoop &loop, Log &log, KernelCommandLine line, BootConfig config,
           Kernel kernel, ImagePaths paths = {});

    // Opens the device socket and starts the engine. Error: the boot cannot even begin.
    [[nodiscard]] Result<> start();
    // A person lets the boot go on from a break, elsewhere than in its shell. False: none is open.
    bool continue_break() { return break_.go_on_now(); }
    // Something broke in PID 1 itself: says so, and gives a shell if the policy allows one.
    void report_internal_error(const Error &error);
    // The end of everything: the failure policy's action, for when nothing else works.
    void end_machine();

private:
    [[nodiscard]] EngineConfig engine_config();
    void read_known_options();
    [[nodiscard]] bool may_tell_of_waits();
    void log_problems();
    void add_plugins();
    void show_log();
    void open_password_agents();
    void open_bus();
    [[nodiscard]] Result<> open_devices();
    void device_event(const Uevent &event);
    // The root is ready: ends what must not be taken along, then enters it.
    void leave();
    void switch_root();
    void open_break(const OpenBreak &point);
    [[nodiscard]] ShellAccess shell_access();
    void start_debug_shell();
    [[nodiscard]] Duration keep_failure(const EmergencyReport &report);
    void report_unknown_breaks();
    void enter_emergency(const std::string &headline, std::vector<std::string> why);

    System &system_;
    EventLoop &loop_;
    Log &log_;
    KernelCommandLine line_;
    BootConfig config_;
    Kernel kernel_;
    ImagePaths paths_;
    KnownOptions known_options_;
    UnitCatalog catalog_;
    Consoles consoles_;
    AskPublisher ask_publisher_; // outlives the broker, which tells it what it shows
    PromptBroker prompts_;
    ConsoleShells shells_;
    Emergency emergency_;
    BreakShell break_;
    DebugShell debug_shell_;
    LastFailure last_failure_;
    DeviceLinks links_;
    Timeline timeline_;
    std::optional<Recorder> recorder_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<BootSequence> sequence_;
    std::unique_ptr<UeventSource> uevents_; // one of the two, by the back end
    std::unique_ptr<UdevMonitor> udev_events_;
    AskWatcher ask_watcher_;
    std::shared_ptr<ConsoleLog> console_log_; // of rd.info and rd.debug
    WaitNotice wait_notice_;
    ServiceRequests service_requests_;
    Leftovers leftovers_;
    BusHost bus_;
    bool is_root_ready_ = false; // nothing is left but the switch
};

} // namespace slipway
