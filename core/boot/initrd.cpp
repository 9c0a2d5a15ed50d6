// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/initrd.h"

#include <algorithm>
#include <utility>

#include "boot/crash_handler.h"
#include "boot/engine_setup.h"
#include "boot/failure_partition.h"
#include "boot/import_plan.h"
#include "boot/switch_root.h"
#include "boot/terminal.h"
#include "engine/engine_view.h"

namespace slipway {

namespace {

// plymouthd's: it shows what password agents show.
constexpr const char *kSplashRuns = "/run/plymouth/pid";

PowerAction to_power_action(FailurePolicy::Action action) {
    switch (action) {
    case FailurePolicy::Action::reboot:
        return PowerAction::reboot;
    case FailurePolicy::Action::halt:
        return PowerAction::halt;
    case FailurePolicy::Action::power_off:
        break;
    }
    return PowerAction::poweroff;
}

EmergencyPolicy to_emergency_policy(const FailurePolicy &policy, const ShellAccess &access) {
    EmergencyPolicy mapped;
    mapped.is_shell_allowed = access.kind != ShellAccess::Kind::none;
    mapped.why_no_shell = access.why_not;
    mapped.needs_password = access.kind == ShellAccess::Kind::with_password;
    mapped.action = to_power_action(policy.after_shell.value_or(policy.action));
    if (policy.delay > Duration{0})
        mapped.delay = policy.delay;
    return mapped;
}

std::vector<OptionSpec> all_options(const UnitSet &set) {
    std::vector<OptionSpec> options;
    for (const PluginSpec &plugin : set.plugins)
        options.insert(options.end(), plugin.options.begin(), plugin.options.end());
    return options;
}

} // namespace

Initrd::Initrd(System &system, EventLoop &loop, Log &log, KernelCommandLine line, BootConfig config,
               Kernel kernel, ImagePaths paths)
    : system_(system), loop_(loop), log_(log), line_(std::move(line)), config_(std::move(config)),
      kernel_(std::move(kernel)), paths_(std::move(paths)),
      catalog_(read_unit_files(system, paths_.unit_directories)),
      consoles_(loop, open_consoles(system)),
      ask_publisher_(
          system, loop, log,
          [this](PromptId id, PromptAnswer answer) { prompts_.answer(id, std::move(answer)); }),
      prompts_(loop, consoles_, log), shells_(system, loop, consoles_, prompts_, log),
      emergency_(system, loop, consoles_, prompts_, shells_, log), break_(consoles_, shells_, log),
      debug_shell_(system, loop, log), last_failure_(system, loop, log),
      links_(system, loop, log, catalog_.set.devices), timeline_(Duration(kernel_.start.monotonic)),
      ask_watcher_(system, loop, log,
                   {[this](std::uint32_t number, const AskFile &question) {
                        sequence_->foreign_opened(number, question);
                    },
                    [this](std::uint32_t number) { sequence_->foreign_closed(number); }}),
      wait_notice_(loop, consoles_, log,
                   {[this] { return engine_->waiting(loop_.now()); },
                    [this] { return may_tell_of_waits(); },
                    [this](const std::string &text) { prompts_.write_above(text); }}),
      service_requests_(catalog_.set.claims, log), leftovers_(system, loop, log),
      bus_(system, loop, log, {[this] { return std::string_view(recorder_->text()); }}, {}) {
    install_crash_handler(to_power_action(config_.failure.action));
    read_known_options();
    const EngineConfig config_of_engine = engine_config();
    recorder_.emplace(config_of_engine, std::exchange(catalog_.sources, {}));
    engine_ = std::make_unique<Engine>(catalog_.set, config_of_engine);
    sequence_ = std::make_unique<BootSequence>(
        BootSequence::Parts{loop_, log_, prompts_, links_, timeline_, *recorder_}, *engine_,
        BootSequence::Ends{[this] { leave(); },
                           [this](const std::string &why) {
                               enter_emergency("the real root is not there",
                                               split_words(why, "\n"));
                           },
                           [this](const OpenBreak &point) { open_break(point); }},
        WorkerPool::forker_for(catalog_.set.devices));
}

bool Initrd::may_tell_of_waits() {
    return !prompts_.is_open() && !emergency_.is_open() && !break_.is_open() &&
           !system_.status(kSplashRuns);
}

void Initrd::read_known_options() {
    const auto text = system_.read_file(paths_.known_options);
    if (!text)
        return;
    auto known = KnownOptions::parse(*text, paths_.known_options);
    if (known)
        known_options_ = std::move(*known);
    else
        log_.error(known.error().message());
}

EngineConfig Initrd::engine_config() {
    EngineConfig config;
    std::vector<std::string> problems;
    config.imports = plan_imports(system_, line_, catalog_.set.plugins,
                                  known_options_.both_spellings(), problems);
    for (const std::string &problem : problems)
        log_.warning(problem);
    config.broken_units = catalog_.broken;
    config.device_timeout = config_.device_timeout;
    config.degraded_wait = config_.degraded_wait;
    config.options = engine_options(line_, catalog_.set.plugins, known_options_.both_spellings());
    config.resources = measure_resources(system_);
    config.seed = random_seed(system_);
    config.breaks = config_.breaks;
    return config;
}

void Initrd::log_problems() {
    for (const UnitProblem &problem : catalog_.problems)
        log_.error(problem.text());
    for (const std::string &problem : line_.problems())
        log_.warning(problem);
    for (const std::string &problem : config_.problems)
        log_.warning(problem);
    for (const std::string &message : known_options_.report(line_, all_options(catalog_.set)))
        log_.warning(message);
    report_unknown_breaks();
    for (const std::string &name : config_.log_levels.plugins()) {
        if (!std::ranges::contains(catalog_.set.plugins, name, &PluginSpec::name))
            log_.warning("rd.slipway.log: there is no plugin \"" + printable(name, 80) +
                         "\" in this image");
    }
}

void Initrd::report_unknown_breaks() {
    std::vector<std::string> names;
    for (const Breakpoint &point : catalog_.set.breakpoints)
        names.insert(names.end(), point.names.begin(), point.names.end());
    for (const std::string &name : config_.breaks) {
        if (!std::ranges::contains(names, name))
            log_.warning("there is no break \"" + printable(name, 80) +
                         "\": the boot does not stop there; the breaks are: " + join(names, ", "));
    }
}

void Initrd::add_plugins() {
    for (const PluginSpec &plugin : catalog_.set.plugins) {
        PluginService service;
        service.library = paths_.plugin_directory + "/" + plugin.library;
        service.reuse = plugin.workers > 0;
        service.options = options_for(line_, plugin.options, known_options_.both_spellings());
        sequence_->add_plugin(plugin.name, std::move(service));
    }
}

// Splashes and remote agents answer our questions, and people at the consoles those of programs.
void Initrd::open_password_agents() {
    prompts_.set_outlet(&ask_publisher_);
    prompts_.set_splash([this] { return system_.status(kSplashRuns).has_value(); });
    sequence_->on_foreign_reply(
        [this](std::uint32_t number, bool is_answered, const Secret &secret) {
            ask_watcher_.answer(number, is_answered, secret);
        });
    if (auto watching = ask_watcher_.start(); !watching)
        log_.warning("questions of other programs will not be seen: " + watching.error().message());
}

// The status interface. Without it the boot goes on as well.
void Initrd::open_bus() {
    BusHost::Handlers handlers;
    handlers.command = [this](UserCommand command) { sequence_->command(std::move(command)); };
    handlers.go_on = [this]() -> Result<> {
        if (!continue_break())
            return failure("no break is open");
        return {};
    };
    bus_.set_handlers(std::move(handlers));
    sequence_->on_round_end([this] { bus_.feed(); });
    if (const auto opened = bus_.open(); !opened)
        log_.warning("slipway status will not work: " + opened.error().message());
}

Result<> Initrd::open_devices() {
    UeventSource::Handlers handlers;
    handlers.device = [this](const Uevent &event) { device_event(event); };
    handlers.overflow = [this] {
        log_.error("the kernel dropped device events: a device may stay unseen");
    };
    handlers.problem = [this](const Error &error) { log_.debug(error.message()); };
    if (catalog_.set.devices == DeviceBackend::udevd) {
        auto monitor = UdevMonitor::open(loop_, std::move(handlers));
        return monitor.transform([this](auto &opened) { udev_events_ = std::move(opened); });
    }
    auto source = UeventSource::open(loop_, std::move(handlers));
    return source.transform([this](auto &opened) { uevents_ = std::move(opened); });
}

void Initrd::device_event(const Uevent &event) {
    service_requests_.note(event.facts);
    sequence_->device_event(event);
}

// The log outlives the consoles.
void Initrd::show_log() {
    if (!config_.shows_log)
        return;
    console_log_ = std::make_shared<ConsoleLog>(consoles_, config_.console_level,
                                                kernel_console_level(system_));
    log_.add_sink([weak = std::weak_ptr(console_log_)](const LogRecord &record) {
        if (const auto sink = weak.lock())
            sink->write(record);
    });
}

Result<> Initrd::start() {
    show_log();
    add_plugins();
    open_password_agents();
    start_debug_shell();
    open_bus();
    // Before the first worker, so that no event of what it loads is missed.
    if (auto opened = open_devices(); !opened)
        return opened;
    if (config_.is_shell_requested) {
        enter_emergency("a shell was asked for (rd.emergency or rd.rescue)", {});
        return {};
    }
    auto started = sequence_->start();
    // After the first workers were forked: what is wrong is said while they load.
    log_problems();
    if (auto noticing = wait_notice_.start(); !noticing)
        log_.warning("the consoles will not tell what is waited for: " +
                     noticing.error().message());
    return started;
}

// Decided each time: what it depends on may be mounted late.
ShellAccess Initrd::shell_access() {
    ShellAccess access =
        decide_shell_access(config_.failure.is_shell_allowed, config_.failure.is_shell_forced,
                            read_shell_facts(system_));
    shells_.ask_for_password(access.kind == ShellAccess::Kind::with_password);
    return access;
}

// Without a shell there is nothing that a person could do at a break: the failure policy decides.
void Initrd::open_break(const OpenBreak &point) {
    const std::vector<std::string> why = split_words(engine_->why(), "\n");
    const ShellAccess access = shell_access();
    if (access.kind == ShellAccess::Kind::none) {
        enter_emergency("it was to stop at the break \"" + point.name + "\", and no shell may open",
                        why);
        return;
    }
    break_.enter({point.name, point.description, why, sequence_->running(),
                  access.kind == ShellAccess::Kind::with_password},
                 [this, name = point.name] { sequence_->continue_break(name); });
}

void Initrd::enter_emergency(const std::string &headline, std::vector<std::string> why) {
    // An error of our own: the engine has no emergency while a break is open.
    if (break_.is_open())
        return break_.end_for([this, headline, why] { enter_emergency(headline, why); });
    // A shell must not find a passphrase in the memory of PID 1; people are asked again.
    sequence_->forget_answers();
    open_bus(); // it was closed if the switch has failed
    EmergencyReport report;
    report.headline = headline;
    report.why = std::move(why);
    report.remedies = engine_->remedies();
    report.progress = sequence_->progress();
    report.record = recorder_->text();
    EmergencyPolicy policy = to_emergency_policy(config_.failure, shell_access());
    if (const Duration time = keep_failure(report); time > Duration{0})
        policy.delay = std::max(policy.delay.value_or(EmergencyPolicy::kDefaultDelay), time);
    emergency_.enter(report, policy, [this] {
        if (std::exchange(config_.is_shell_requested, false)) {
            if (auto started = sequence_->start(); !started)
                log_.error(started.error().message());
        } else if (is_root_ready_) {
            leave();
        } else {
            sequence_->retry();
        }
    });
}

void Initrd::start_debug_shell() {
    if (!config_.debug_terminal)
        return;
    const ShellAccess access = shell_access();
    if (access.kind == ShellAccess::Kind::none)
        log_.warning("there is no debug shell: " + access.why_not);
    else if (const auto program = shells_.program(*config_.debug_terminal))
        debug_shell_.start(*program, *config_.debug_terminal);
    else
        log_.warning("there is no debug shell: this image holds no shell");
}

// Not of a shell that somebody asked for.
Duration Initrd::keep_failure(const EmergencyReport &report) {
    if (config_.is_shell_requested)
        return Duration{0};
    FailureParts parts;
    parts.realtime_usec = system_.realtime_usec();
    parts.uptime = loop_.now();
    parts.headline = report.headline;
    parts.why = report.why;
    parts.remedies = report.remedies;
    parts.command_line = line_.redacted();
    parts.record = report.record;
    parts.log = &log_.records();
    const EngineView view(*engine_);
    return last_failure_.keep(
        parts, choose_failure_partition(view.devices(), view.has_decided_barriers()));
}

void Initrd::leave() {
    debug_shell_.stop();
    bus_.end([this] { leftovers_.end([this] { switch_root(); }); });
}

void Initrd::switch_root() {
    is_root_ready_ = true;
    wait_notice_.stop();
    SwitchRoot::Request request;
    if (config_.is_init_named && !config_.init_paths.empty())
        request.init = config_.init_paths.front();
    request.kernel_arguments = config_.init_arguments;
    request.kernel_environment = kernel_.environment;
    request.start = kernel_.start;
    SwitchRoot switching(system_);
    const auto plan = switching.prepare(request);
    if (!plan) {
        enter_emergency("the switch to the real root failed", {plan.error().message()});
        return;
    }
    for (const std::string &warning : plan->warnings)
        log_.warning(warning);
    log_.info("switching to the real root after " +
              format_duration(loop_.now() - Duration(kernel_.start.monotonic)) + ": " +
              plan->init.path);
    for (const Error &error :
         write_reports(system_, {timeline_, log_, recorder_->text()}, loop_.now()))
        log_.warning(error.message());
    sequence_->forget_answers();
    // The host gets its consoles as it expects them, without what nobody read.
    prompts_.suspend();
    const Error error = switching.commit(*plan);
    enter_emergency("the switch to the real root failed", {error.message()});
}

void Initrd::report_internal_error(const Error &error) {
    enter_emergency("an error in slipway itself; please report it", {error.message()});
}

void Initrd::end_machine() {
    sequence_->forget_answers();
    if (!system_.sync_file_systems(System::kSyncLimit))
        log_.error(System::kNotSynced);
    const Error error = system_.end_machine(to_power_action(config_.failure.action));
    log_.error(error.message());
}

} // namespace slipway
