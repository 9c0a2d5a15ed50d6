// SPDX-License-Identifier: LGPL-2.1-or-later
#include <charconv>
#include <limits>
#include <utility>

#include "base/secret.h"
#include "dbus/status_objects.h"
#include "engine/record_words.h"

namespace slipway {

namespace {

const sdbus::Error::Name kNoSuchUnit{"org.slipway.Error.NoSuchUnit"};
const sdbus::Error::Name kNoSuchDevice{"org.slipway.Error.NoSuchDevice"};
const sdbus::Error::Name kNoSuchPrompt{"org.slipway.Error.NoSuchPrompt"};
const sdbus::Error::Name kBadState{"org.slipway.Error.BadState"};
const sdbus::Error::Name kRefused{"org.slipway.Error.Refused"};
const sdbus::Error::Name kBootIsOver{"org.slipway.Error.BootIsOver"};
const sdbus::Error::Name kNoReport{"org.slipway.Error.NoReport"};
const sdbus::Error::Name kInvalidArgs{"org.freedesktop.DBus.Error.InvalidArgs"};
const sdbus::Error::Name kLimitsExceeded{"org.freedesktop.DBus.Error.LimitsExceeded"};

sdbus::Error no_such_unit(const std::string &name) {
    return {kNoSuchUnit, "there is no unit " + printable(name, 200)};
}

std::optional<BootMirror::PromptNumber> prompt_number(std::string_view path) {
    const std::string parent = std::string(kPromptPaths) + "/";
    if (!path.starts_with(parent))
        return std::nullopt;
    path.remove_prefix(parent.size());
    BootMirror::PromptNumber number = 0;
    const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
    if (error != std::errc{} || end != path.data() + path.size())
        return std::nullopt;
    return number;
}

} // namespace

ManagerObject::ManagerObject(sdbus::IConnection &connection, const StatusBoard &board,
                             BusRequests &requests, std::string answers_refused)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(kManagerPath)), known_board_(board),
      requests_(requests), answers_refused_(std::move(answers_refused)),
      self_(std::make_shared<ManagerObject *>(this)) {
    registerAdaptor();
    getObject().addObjectManager();
}

ManagerObject::~ManagerObject() {
    *self_ = nullptr;
    unregisterAdaptor();
}

void ManagerObject::announce_change() {
    using Name = sdbus::PropertyName;
    getObject().emitPropertiesChangedSignal(
        Manager1_adaptor::INTERFACE_NAME,
        {Name("State"), Name("Goals"), Name("Jobs"), Name("Truncated")});
}

const StatusBoard &ManagerObject::board() const {
    if (!known_board_.problem().empty())
        throw sdbus::Error(kNoReport, known_board_.problem());
    return known_board_;
}

void ManagerObject::require_running() const {
    if (known_board_.is_over())
        throw sdbus::Error(kBootIsOver,
                           "the boot in the initrd is over: it can be read here, but nothing of it "
                           "can be changed any more. What runs now is the host's: systemctl(1)");
}

std::string ManagerObject::Version() {
    return SLIPWAY_VERSION;
}

std::string ManagerObject::State() {
    return board().overall().value.state;
}

std::vector<std::string> ManagerObject::Goals() {
    return board().overall().value.goals;
}

std::vector<std::string> ManagerObject::Jobs() {
    return board().overall().value.jobs;
}

std::string ManagerObject::Headline() {
    return board().headline();
}

bool ManagerObject::Truncated() {
    return board().overall().value.is_truncated;
}

// ---- lists --------------------------------------------------------------------------------------

std::vector<ManagerObject::UnitLine> ManagerObject::ListUnits() {
    std::vector<UnitLine> lines;
    for (const auto &[name, unit] : board().units())
        lines.emplace_back(name, unit.value.kind, unit.value.state, unit.value.is_wanted,
                           sdbus::ObjectPath(object_path(kUnitPaths, name)));
    return lines;
}

const UnitSnapshot &ManagerObject::unit(const std::string &name) const {
    const auto found = board().units().find(name);
    if (found == board().units().end())
        throw no_such_unit(name);
    return found->second.value;
}

sdbus::ObjectPath ManagerObject::GetUnit(const std::string &name) {
    return sdbus::ObjectPath(object_path(kUnitPaths, unit(name).name));
}

std::vector<ManagerObject::DeviceLine> ManagerObject::ListDevices() {
    std::vector<DeviceLine> lines;
    for (const auto &[syspath, device] : board().devices())
        lines.emplace_back(syspath, std::string(fact(device.value.facts, "devnode")),
                           sdbus::ObjectPath(object_path(kDevicePaths, syspath)));
    return lines;
}

// By its path in sysfs or by its device node.
sdbus::ObjectPath ManagerObject::GetDevice(const std::string &name) {
    for (const auto &[syspath, device] : board().devices()) {
        if (!name.empty() && (name == syspath || name == fact(device.value.facts, "devnode")))
            return sdbus::ObjectPath(object_path(kDevicePaths, syspath));
    }
    throw sdbus::Error(kNoSuchDevice, "there is no device " + printable(name, 200));
}

std::vector<ManagerObject::PromptLine> ManagerObject::ListPrompts() {
    std::vector<PromptLine> lines;
    for (const auto &[number, prompt] : board().prompts())
        lines.emplace_back(
            prompt.value.text, prompt.value.is_shown,
            sdbus::ObjectPath(std::string(kPromptPaths) + "/" + std::to_string(number)));
    return lines;
}

std::string ManagerObject::Why(const std::string &goal) {
    auto text = board().why(goal);
    if (!text)
        throw no_such_unit(goal);
    return std::move(*text);
}

std::string ManagerObject::Dump() {
    return board().dump();
}

std::string ManagerObject::Timeline() {
    return board().timeline();
}

std::vector<ManagerObject::LogLine> ManagerObject::Log() {
    std::vector<LogLine> lines;
    for (auto number = board().first_log_line(); number < board().next_log_line(); ++number) {
        const LogRecord &line = board().log_line(number);
        lines.emplace_back(static_cast<std::uint32_t>(line.level),
                           static_cast<std::uint64_t>(line.time.count()), line.text);
    }
    return lines;
}

// ---- commands -----------------------------------------------------------------------------------

void ManagerObject::Retry(sdbus::Result<> &&result, std::string name) {
    require_running();
    if (unit(name).state != "failed")
        throw sdbus::Error(kBadState,
                           "unit " + name + " has not failed: there is nothing to retry");
    command(std::move(result), {0, bus::Command::Verb::retry, std::move(name), Duration(0)});
}

void ManagerObject::Skip(sdbus::Result<> &&result, std::string name) {
    require_running();
    const std::string &state = unit(name).state;
    if (state == "ready" || state == "degraded" || state == "skipped")
        throw sdbus::Error(kBadState, "unit " + name + " is ready: there is nothing to skip");
    command(std::move(result), {0, bus::Command::Verb::skip, std::move(name), Duration(0)});
}

void ManagerObject::SetDeadline(sdbus::Result<> &&result, std::string name, std::uint64_t usec) {
    require_running();
    constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();
    const UnitSnapshot &found = unit(name);
    if (found.waits_for.empty() && found.kind != "assembly")
        throw sdbus::Error(kBadState, "unit " + name + " does not wait for a device");
    if (usec != kNoLimit && usec > record::Words::kMaxTime)
        throw sdbus::Error(kInvalidArgs, "the time is longer than a year");
    const Duration time(usec == kNoLimit ? 0 : static_cast<std::int64_t>(usec));
    command(std::move(result), {0, bus::Command::Verb::set_deadline, std::move(name), time});
}

void ManagerObject::Continue(sdbus::Result<> &&result) {
    require_running();
    command(std::move(result), {0, bus::Command::Verb::go_on, "", Duration(0)});
}

void ManagerObject::command(sdbus::Result<> &&result, bus::Command command) {
    if (open_commands_.size() >= kMaxOpenCommands)
        throw sdbus::Error(kLimitsExceeded, "too many commands at once");
    const std::uint64_t number = ++last_command_;
    open_commands_.insert_or_assign(number, std::move(result));
    requests_.command(std::move(command), [self = self_, number](const std::string &problem) {
        if (*self == nullptr)
            return;
        auto open = (*self)->open_commands_.extract(number);
        if (open.empty())
            return;
        if (problem.empty())
            open.mapped().returnResults();
        else
            open.mapped().returnError(sdbus::Error(kRefused, problem));
    });
}

// It has left a trace all the same.
void ManagerObject::refuse_answer() {
    constexpr std::string_view kTrace = "an answer was not used, but may be in the memory of the "
                                        "machine until that is switched off; ";
    const std::string text = std::string(kTrace) + answers_refused_;
    if (!std::exchange(has_noted_refusal_, true))
        requests_.note(text);
    throw sdbus::Error(kRefused, text);
}

void ManagerObject::Answer(sdbus::Result<> &&result, sdbus::ObjectPath prompt,
                           std::vector<std::uint8_t> secret) {
    const Secret kept(std::as_bytes(std::span(secret)));
    wipe_memory(std::as_writable_bytes(std::span(secret)));
    require_running();
    if (!answers_refused_.empty())
        refuse_answer();
    const auto number = prompt_number(prompt);
    if (!number || !board().prompts().contains(*number))
        throw sdbus::Error(kNoSuchPrompt, "nobody asks this any more");
    if (kept.is_truncated())
        throw sdbus::Error(kInvalidArgs, "the answer is longer than 4096 bytes");
    if (const auto answered = requests_.answer(*number, kept); !answered)
        throw sdbus::Error(kRefused, answered.error().message());
    result.returnResults();
}

} // namespace slipway
