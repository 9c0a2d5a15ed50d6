// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/initrd.h"

#include <utility>

#include "boot/crash_handler.h"
#include "boot/engine_setup.h"
#include "boot/import_plan.h"
#include "boot/switch_root.h"
#include "boot/terminal.h"

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

EmergencyPolicy to_emergency_policy(const FailurePolicy &policy) {
    EmergencyPolicy mapped;
    mapped.is_shell_allowed = policy.is_shell_allowed;
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
      prompts_(loop, consoles_, log), emergency_(system, loop, consoles_, prompts_, log),
      links_(system, loop, log), timeline_(Duration(kernel_.start.monotonic)),
      ask_watcher_(system, loop, log,
                   {[this](std::uint32_t number, const AskFile &question) {
                        sequence_->foreign_opened(number, question);
                    },
                    [this](std::uint32_t number) { sequence_->foreign_closed(number); }}),
      wait_notice_(loop, consoles_,
                   {[this] {
                        sequence_->refresh();
                        return engine_->headline();
                    },
                    [this] { return !prompts_.is_open() && !emergency_.is_open(); }}),
      leftovers_(system, loop, log) {
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
                           }});
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

Result<> Initrd::open_devices() {
    UeventSource::Handlers handlers;
    handlers.device = [this](const Uevent &event) { sequence_->device_event(event); };
    handlers.overflow = [this] {
        log_.error("the kernel dropped device events: a device may stay unseen");
    };
    handlers.problem = [this](const Error &error) { log_.debug(error.message()); };
    auto source = UeventSource::open(loop_, std::move(handlers));
    if (!source)
        return std::unexpected(std::move(source).error());
    uevents_ = std::move(*source);
    return {};
}

Result<> Initrd::start() {
    add_plugins();
    open_password_agents();
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

void Initrd::enter_emergency(const std::string &headline, std::vector<std::string> why) {
    // A shell must not find a passphrase in the memory of PID 1; people are asked again.
    sequence_->forget_answers();
    EmergencyReport report;
    report.headline = headline;
    report.why = std::move(why);
    report.remedies = engine_->remedies();
    report.progress = sequence_->progress();
    report.record = recorder_->text();
    emergency_.enter(report, to_emergency_policy(config_.failure), [this] {
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

void Initrd::leave() {
    leftovers_.end([this] { switch_root(); });
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
    system_.sync_file_systems();
    const Error error = system_.end_machine(to_power_action(config_.failure.action));
    log_.error(error.message());
}

} // namespace slipway
