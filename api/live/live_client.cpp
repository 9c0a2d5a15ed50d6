// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/live_client.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <limits>
#include <utility>

#include <sdbus-c++/sdbus-c++.h>

#include "generated/org.slipway.Manager1-proxy.h"

namespace slipway::live {

namespace {

constexpr const char *kService = "org.slipway";
constexpr const char *kManagerPath = "/org/slipway";
constexpr const char *kManager = "org.slipway.Manager1";
constexpr const char *kUnit = "org.slipway.Unit1";
constexpr const char *kDevice = "org.slipway.Device1";
constexpr const char *kPrompt = "org.slipway.Prompt1";
constexpr unsigned kSecondsToConnect = 10;
constexpr auto kCallTimeout = std::chrono::seconds(10);
// The first call has the service started. The bus waits 25 s for that, and then says what is wrong.
constexpr auto kHostCallTimeout = std::chrono::seconds(30);

using Properties = std::map<sdbus::PropertyName, sdbus::Variant>;
using Interfaces = std::map<sdbus::InterfaceName, Properties>;
using Objects = std::map<sdbus::ObjectPath, Interfaces>;

// The value of a property of that type; of another type, or none: an empty one.
template <class T>
T get(const Properties &properties, const char *name) {
    const auto found = properties.find(sdbus::PropertyName(name));
    if (found == properties.end() || !found->second.containsValueOfType<T>())
        return T{};
    return found->second.get<T>();
}

Unit to_unit(const std::string &path, const Properties &properties) {
    constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();
    Unit unit;
    unit.path = path;
    unit.name = get<std::string>(properties, "Name");
    unit.display_name = get<std::string>(properties, "DisplayName");
    unit.kind = get<std::string>(properties, "Kind");
    unit.description = get<std::string>(properties, "Description");
    unit.state = get<std::string>(properties, "State");
    unit.reason = get<std::string>(properties, "Reason");
    unit.plugin = get<std::string>(properties, "Plugin");
    unit.device = get<std::string>(properties, "Device");
    unit.is_wanted = get<bool>(properties, "Wanted");
    unit.is_goal = get<bool>(properties, "Goal");
    unit.waits_for = get<std::vector<std::string>>(properties, "WaitsFor");
    unit.members = get<std::vector<std::string>>(properties, "Members");
    unit.expected_members = get<std::uint32_t>(properties, "ExpectedMembers");
    const auto left = get<std::uint64_t>(properties, "TimeLeft");
    if (left != kNoLimit)
        unit.time_left = Duration(static_cast<std::int64_t>(left));
    return unit;
}

Device to_device(const std::string &path, const Properties &properties) {
    Device device;
    device.path = path;
    device.syspath = get<std::string>(properties, "Syspath");
    device.devnode = get<std::string>(properties, "Devnode");
    device.facts = get<std::map<std::string, std::string>>(properties, "Facts");
    device.used_by = get<std::vector<std::string>>(properties, "UsedBy");
    return device;
}

Prompt to_prompt(const std::string &path, const Properties &properties) {
    Prompt prompt;
    prompt.path = path;
    const std::string number = path.substr(path.rfind('/') + 1);
    (void)std::from_chars(number.data(), number.data() + number.size(), prompt.number);
    prompt.text = get<std::string>(properties, "Text");
    prompt.unit = get<std::string>(properties, "Unit");
    prompt.is_shown = get<bool>(properties, "Shown");
    return prompt;
}

void add_objects(Status &status, const Objects &objects) {
    for (const auto &[path, interfaces] : objects) {
        for (const auto &[interface, properties] : interfaces) {
            if (interface == kUnit)
                status.units.push_back(to_unit(path, properties));
            else if (interface == kDevice)
                status.devices.push_back(to_device(path, properties));
            else if (interface == kPrompt)
                status.prompts.push_back(to_prompt(path, properties));
        }
    }
    std::ranges::sort(status.units, {}, &Unit::name);
    std::ranges::sort(status.devices, {}, &Device::syspath);
    std::ranges::sort(status.prompts, {}, &Prompt::number);
}

std::string to_text(const sdbus::Variant &value) {
    if (value.containsValueOfType<std::string>())
        return value.get<std::string>();
    if (value.containsValueOfType<bool>())
        return value.get<bool>() ? "yes" : "no";
    if (value.containsValueOfType<std::uint32_t>())
        return std::to_string(value.get<std::uint32_t>());
    if (value.containsValueOfType<std::uint64_t>())
        return std::to_string(value.get<std::uint64_t>());
    if (value.containsValueOfType<std::vector<std::string>>())
        return join(value.get<std::vector<std::string>>(), ",");
    return "…";
}

std::map<std::string, std::string> to_texts(const Properties &properties) {
    std::map<std::string, std::string> texts;
    for (const auto &[name, value] : properties) {
        if (std::string text = to_text(value); !text.empty())
            texts.emplace(name, std::move(text));
    }
    return texts;
}

// A server that nobody answers for must not hang the caller: the connection is made by a function
// that waits, so the kernel's alarm clock ends it.
class ConnectLimit {
public:
    ConnectLimit() {
        struct sigaction action{};
        action.sa_handler = [](int) {
            constexpr std::string_view kText =
                "slipway: no answer from the status interface of the boot\n";
            (void)!::write(STDERR_FILENO, kText.data(), kText.size());
            ::_exit(1);
        };
        ::sigaction(SIGALRM, &action, &old_);
        ::alarm(kSecondsToConnect);
    }
    ConnectLimit(const ConnectLimit &) = delete;
    ConnectLimit &operator=(const ConnectLimit &) = delete;
    ConnectLimit(ConnectLimit &&) = delete;
    ConnectLimit &operator=(ConnectLimit &&) = delete;
    ~ConnectLimit() {
        ::alarm(0);
        ::sigaction(SIGALRM, &old_, nullptr);
    }

private:
    struct sigaction old_{};
};

std::string full_address(const std::string &address) {
    return address.starts_with('/') ? "unix:path=" + address : address;
}

class ManagerProxy final
    : public sdbus::ProxyInterfaces<org::slipway::Manager1_proxy, sdbus::ObjectManager_proxy,
                                    sdbus::Properties_proxy> {
public:
    ManagerProxy(sdbus::IConnection &connection, const char *service)
        : ProxyInterfaces(connection, sdbus::ServiceName(service),
                          sdbus::ObjectPath(kManagerPath)) {}

private:
    // Not registered: LiveClient::listen() hears the signals of all objects.
    void onLogged(const std::uint32_t & /*level*/, const std::uint64_t & /*usec*/,
                  const std::string & /*text*/) override {}
    void onInterfacesAdded(const sdbus::ObjectPath & /*path*/,
                           const Interfaces & /*interfaces*/) override {}
    void onInterfacesRemoved(const sdbus::ObjectPath & /*path*/,
                             const std::vector<sdbus::InterfaceName> & /*interfaces*/) override {}
    void onPropertiesChanged(const sdbus::InterfaceName & /*interface*/,
                             const Properties & /*changed*/,
                             const std::vector<sdbus::PropertyName> & /*invalid*/) override {}
};

// The bus itself names the rule and both ends of the connection, and neither what to do.
Error to_error(const sdbus::Error &error) {
    if (error.getName() == "org.freedesktop.DBus.Error.AccessDenied")
        return Error("the policy of the system bus does not allow you this (the log of the boot is "
                     "root's); run it as root");
    return Error(error.getMessage());
}

void pass_on(sdbus::Message &message, const LiveClient::Listener &listener) {
    const std::string_view member = message.getMemberName();
    const bool tells_change = static_cast<bool>(listener.change);
    if (member == "Logged" && listener.log) {
        LogLine line;
        std::uint64_t usec = 0;
        message >> line.level >> usec >> line.text;
        line.time = Duration(static_cast<std::int64_t>(usec));
        listener.log(line);
    } else if (member == "PropertiesChanged" && tells_change) {
        std::string interface;
        Properties changed;
        message >> interface >> changed;
        listener.change({message.getPath(), Change::Kind::changed, to_texts(changed)});
    } else if (member == "InterfacesAdded" && tells_change) {
        sdbus::ObjectPath path;
        Interfaces interfaces;
        message >> path >> interfaces;
        Change change{path, Change::Kind::added, {}};
        for (const auto &[interface, properties] : interfaces)
            change.values.merge(to_texts(properties));
        listener.change(change);
    } else if (member == "InterfacesRemoved" && tells_change) {
        sdbus::ObjectPath path;
        message >> path;
        listener.change({path, Change::Kind::removed, {}});
    }
}

} // namespace

struct LiveClient::Connection {
    explicit Connection(const std::string &address)
        : is_of_host(address == kHostAddress),
          dbus(is_of_host ? sdbus::createSystemBusConnection()
                          : sdbus::createDirectBusConnection(full_address(address))),
          manager(*dbus, is_of_host ? kService : "") {
        dbus->setMethodCallTimeout(is_of_host ? kHostCallTimeout : kCallTimeout);
    }

    bool is_of_host;
    std::unique_ptr<sdbus::IConnection> dbus;
    ManagerProxy manager;
};

LiveClient::LiveClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

LiveClient::~LiveClient() = default;

Result<std::unique_ptr<LiveClient>> LiveClient::connect(const std::string &address) {
    try {
        const ConnectLimit limit;
        return std::unique_ptr<LiveClient>(new LiveClient(std::make_unique<Connection>(address)));
    } catch (const sdbus::Error &error) {
        if (address == kHostAddress)
            return failure("the system bus cannot be reached (" + error.getMessage() +
                           "); slipway report reads what the boot has left without it");
        return failure("no boot with slipway can be reached at " + printable(address, 200) + " (" +
                       error.getMessage() +
                       "); this works in the initrd, as root, until the real root is entered; "
                       "--address system shows the boot of a host");
    }
}

Result<Status> LiveClient::status() {
    try {
        ManagerProxy &manager = connection_->manager;
        const Properties properties = manager.GetAll(kManager);
        Status status;
        status.version = get<std::string>(properties, "Version");
        status.state = get<std::string>(properties, "State");
        status.headline = get<std::string>(properties, "Headline");
        status.goals = get<std::vector<std::string>>(properties, "Goals");
        status.jobs = get<std::vector<std::string>>(properties, "Jobs");
        status.is_truncated = get<bool>(properties, "Truncated");
        status.answers_refused = get<std::string>(properties, "AnswersRefused");
        add_objects(status, manager.GetManagedObjects());
        return status;
    } catch (const sdbus::Error &error) {
        return std::unexpected(to_error(error));
    }
}

Result<std::string> LiveClient::why(const std::string &goal) {
    try {
        return connection_->manager.Why(goal);
    } catch (const sdbus::Error &error) {
        return std::unexpected(to_error(error));
    }
}

Result<std::vector<LogLine>> LiveClient::log() {
    try {
        std::vector<LogLine> lines;
        for (const auto &line : connection_->manager.Log())
            lines.push_back(
                {line.get<0>(), Duration(static_cast<std::int64_t>(line.get<1>())), line.get<2>()});
        return lines;
    } catch (const sdbus::Error &error) {
        return std::unexpected(to_error(error));
    }
}

Result<> LiveClient::retry(const std::string &unit) {
    try {
        connection_->manager.Retry(unit);
        return {};
    } catch (const sdbus::Error &error) {
        return std::unexpected(to_error(error));
    }
}

Result<> LiveClient::skip(const std::string &unit) {
    try {
        connection_->manager.Skip(unit);
        return {};
    } catch (const sdbus::Error &error) {
        return std::unexpected(to_error(error));
    }
}

Result<> LiveClient::go_on() {
    try {
        connection_->manager.Continue();
        return {};
    } catch (const sdbus::Error &error) {
        return std::unexpected(to_error(error));
    }
}

Result<> LiveClient::answer(const std::string &prompt_path, const Secret &secret) {
    const std::string_view text = secret.view();
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    Result<> answered;
    try {
        connection_->manager.Answer(sdbus::ObjectPath(prompt_path), bytes);
    } catch (const sdbus::Error &error) {
        answered = std::unexpected(to_error(error));
    }
    wipe_memory(std::as_writable_bytes(std::span(bytes)));
    return answered;
}

bool LiveClient::wait(Duration time) {
    try {
        sdbus::IConnection &dbus = *connection_->dbus;
        pollfd ready{dbus.getEventLoopPollData().fd, POLLIN, 0};
        const auto limit = std::chrono::ceil<std::chrono::milliseconds>(time).count();
        if (!dbus.processPendingEvent())
            (void)::poll(&ready, 1, static_cast<int>(limit));
        while (dbus.processPendingEvent()) {
        }
        return true;
    } catch (const sdbus::Error &) {
        return false;
    }
}

void LiveClient::listen(Listener listener) {
    if (connection_->is_of_host)
        return;
    sdbus::IConnection &dbus = *connection_->dbus;
    bool is_over = false;
    try {
        dbus.addMatch("type='signal'", [&](sdbus::Message message) {
            pass_on(message, listener);
            is_over |= std::string_view(message.getMemberName()) == "Disconnected";
            if (is_over)
                dbus.leaveEventLoop();
        });
        dbus.enterEventLoop();
    } catch (const sdbus::Error &) {
        // The other end closed the connection, which is how a boot ends.
        return;
    }
}

} // namespace slipway::live
