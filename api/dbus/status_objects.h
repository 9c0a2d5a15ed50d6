// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

#include "dbus/bus_requests.h"
#include "dbus/object_path.h"
#include "dbus/status_board.h"
#include "generated/org.freedesktop.DBus-adaptor.h"
#include "generated/org.slipway.Device1-adaptor.h"
#include "generated/org.slipway.Manager1-adaptor.h"
#include "generated/org.slipway.Prompt1-adaptor.h"
#include "generated/org.slipway.Unit1-adaptor.h"

// The objects of one client's connection, or of the one to the host's bus. They hold names and read
// the board each time.
namespace slipway {

// /org/slipway
class ManagerObject final : public sdbus::AdaptorInterfaces<org::slipway::Manager1_adaptor> {
public:
    // Commands of one client that PID 1 has not taken yet.
    static constexpr std::size_t kMaxOpenCommands = 16;

    // `answers_refused`: why this client's answers are not taken; empty: they are.
    ManagerObject(sdbus::IConnection &connection, const StatusBoard &board, BusRequests &requests,
                  std::string answers_refused);
    ManagerObject(const ManagerObject &) = delete;
    ManagerObject &operator=(const ManagerObject &) = delete;
    ManagerObject(ManagerObject &&) = delete;
    ManagerObject &operator=(ManagerObject &&) = delete;
    ~ManagerObject();

    void announce_change();

private:
    using UnitLine = sdbus::Struct<std::string, std::string, std::string, bool, sdbus::ObjectPath>;
    using DeviceLine = sdbus::Struct<std::string, std::string, sdbus::ObjectPath>;
    using PromptLine = sdbus::Struct<std::string, bool, sdbus::ObjectPath>;
    using LogLine = sdbus::Struct<std::uint32_t, std::uint64_t, std::string>;

    std::string Version() override;
    std::string State() override;
    std::vector<std::string> Goals() override;
    std::vector<std::string> Jobs() override;
    std::string Headline() override;
    bool Truncated() override;
    std::string AnswersRefused() override { return answers_refused_; }
    std::vector<UnitLine> ListUnits() override;
    sdbus::ObjectPath GetUnit(const std::string &name) override;
    std::vector<DeviceLine> ListDevices() override;
    sdbus::ObjectPath GetDevice(const std::string &name) override;
    std::vector<PromptLine> ListPrompts() override;
    std::string Why(const std::string &goal) override;
    void Retry(sdbus::Result<> &&result, std::string unit) override;
    void Skip(sdbus::Result<> &&result, std::string unit) override;
    void SetDeadline(sdbus::Result<> &&result, std::string unit, std::uint64_t usec) override;
    void Continue(sdbus::Result<> &&result) override;
    void Answer(sdbus::Result<> &&result, sdbus::ObjectPath prompt,
                std::vector<std::uint8_t> secret) override;
    std::string Dump() override;
    std::string Timeline() override;
    std::vector<LogLine> Log() override;

    // Throws when nothing is known of the boot.
    [[nodiscard]] const StatusBoard &board() const;
    // Throws when it is over.
    void require_running() const;
    [[nodiscard]] const UnitSnapshot &unit(const std::string &name) const;
    void command(sdbus::Result<> &&result, bus::Command command);
    [[noreturn]] void refuse_answer();

    const StatusBoard &known_board_;
    BusRequests &requests_;
    std::string answers_refused_;
    bool has_noted_refusal_ = false;
    std::uint64_t last_command_ = 0;
    std::map<std::uint64_t, sdbus::Result<>> open_commands_;
    std::shared_ptr<ManagerObject *> self_; // for answers that may come after the end of the client
};

// /org/slipway/unit/…
class UnitObject final
    : public sdbus::AdaptorInterfaces<org::slipway::Unit1_adaptor, sdbus::ManagedObject_adaptor> {
public:
    UnitObject(sdbus::IConnection &connection, const StatusBoard &board, std::string name);
    UnitObject(const UnitObject &) = delete;
    UnitObject &operator=(const UnitObject &) = delete;
    UnitObject(UnitObject &&) = delete;
    UnitObject &operator=(UnitObject &&) = delete;
    ~UnitObject();

    void announce_change();

private:
    std::string Name() override { return name_; }
    std::string Kind() override { return now().kind; }
    std::string DisplayName() override;
    std::string Description() override;
    std::string State() override { return now().state; }
    std::string Reason() override;
    bool Wanted() override { return now().is_wanted; }
    bool Goal() override { return now().is_goal; }
    std::string Plugin() override;
    std::string Device() override;
    std::vector<std::string> WaitsFor() override;
    std::vector<std::string> Members() override;
    std::uint32_t ExpectedMembers() override { return now().expected_members; }
    std::uint64_t TimeLeft() override;

    [[nodiscard]] const UnitSnapshot &now() const;

    const StatusBoard &board_;
    std::string name_;
};

// /org/slipway/device/…
class DeviceObject final
    : public sdbus::AdaptorInterfaces<org::slipway::Device1_adaptor, sdbus::ManagedObject_adaptor> {
public:
    DeviceObject(sdbus::IConnection &connection, const StatusBoard &board, std::string syspath);
    DeviceObject(const DeviceObject &) = delete;
    DeviceObject &operator=(const DeviceObject &) = delete;
    DeviceObject(DeviceObject &&) = delete;
    DeviceObject &operator=(DeviceObject &&) = delete;
    ~DeviceObject();

    void announce_change();

private:
    std::string Syspath() override { return syspath_; }
    std::string Devnode() override;
    std::map<std::string, std::string> Facts() override;
    std::vector<std::string> UsedBy() override;

    [[nodiscard]] const DeviceSnapshot &now() const;

    const StatusBoard &board_;
    std::string syspath_;
};

// /org/slipway/prompt/…
class PromptObject final
    : public sdbus::AdaptorInterfaces<org::slipway::Prompt1_adaptor, sdbus::ManagedObject_adaptor> {
public:
    PromptObject(sdbus::IConnection &connection, const StatusBoard &board,
                 BootMirror::PromptNumber number);
    PromptObject(const PromptObject &) = delete;
    PromptObject &operator=(const PromptObject &) = delete;
    PromptObject(PromptObject &&) = delete;
    PromptObject &operator=(PromptObject &&) = delete;
    ~PromptObject();

    void announce_change();

private:
    std::string Text() override;
    std::string Unit() override;
    bool Shown() override { return now().is_shown; }

    [[nodiscard]] const OpenPrompt &now() const;

    const StatusBoard &board_;
    BootMirror::PromptNumber number_;
};

// /org/freedesktop/DBus: there is no bus, but generic clients ask for it first.
class DriverObject final : public sdbus::AdaptorInterfaces<org::freedesktop::DBus_adaptor> {
public:
    explicit DriverObject(sdbus::IConnection &connection);
    DriverObject(const DriverObject &) = delete;
    DriverObject &operator=(const DriverObject &) = delete;
    DriverObject(DriverObject &&) = delete;
    DriverObject &operator=(DriverObject &&) = delete;
    ~DriverObject();

private:
    std::string Hello() override;
    void AddMatch(const std::string &rule) override;
    void RemoveMatch(const std::string &rule) override;
    std::string GetNameOwner(const std::string &name) override;
    bool NameHasOwner(const std::string &name) override;
    std::vector<std::string> ListNames() override;
    std::uint32_t StartServiceByName(const std::string &name, const std::uint32_t &flags) override;
    std::string GetId() override;
};

} // namespace slipway
