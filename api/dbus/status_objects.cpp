// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/status_objects.h"

#include <limits>
#include <utility>

namespace slipway {

namespace {

using Changed = sdbus::PropertyName;

// What is not there any more, and whose object only waits for its removal to be announced.
template <class Shelf, class Key>
const auto &value_or_empty(const Shelf &shelf, const Key &key) {
    static const decltype(shelf.begin()->second.value) kEmpty{};
    const auto found = shelf.find(key);
    return found == shelf.end() ? kEmpty : found->second.value;
}

} // namespace

// ---- units --------------------------------------------------------------------------------------

UnitObject::UnitObject(sdbus::IConnection &connection, const StatusBoard &board, std::string name)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(object_path(kUnitPaths, name))),
      board_(board), name_(std::move(name)) {
    registerAdaptor();
}

UnitObject::~UnitObject() {
    unregisterAdaptor();
}

void UnitObject::announce_change() {
    getObject().emitPropertiesChangedSignal(
        Unit1_adaptor::INTERFACE_NAME,
        {Changed("DisplayName"), Changed("Description"), Changed("State"), Changed("Reason"),
         Changed("Wanted"), Changed("Goal"), Changed("Plugin"), Changed("Device"),
         Changed("WaitsFor"), Changed("Members"), Changed("ExpectedMembers")});
}

const UnitSnapshot &UnitObject::now() const {
    return value_or_empty(board_.units(), name_);
}

std::string UnitObject::DisplayName() {
    return now().display_name;
}

std::string UnitObject::Description() {
    return now().description;
}

std::string UnitObject::Reason() {
    return now().reason;
}

std::string UnitObject::Plugin() {
    return now().plugin;
}

std::string UnitObject::Device() {
    return now().device;
}

std::vector<std::string> UnitObject::WaitsFor() {
    return now().waits_for;
}

std::vector<std::string> UnitObject::Members() {
    return now().members;
}

std::uint64_t UnitObject::TimeLeft() {
    const auto left = board_.time_left(name_);
    return left ? static_cast<std::uint64_t>(left->count())
                : std::numeric_limits<std::uint64_t>::max();
}

// ---- devices ------------------------------------------------------------------------------------

DeviceObject::DeviceObject(sdbus::IConnection &connection, const StatusBoard &board,
                           std::string syspath)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(object_path(kDevicePaths, syspath))),
      board_(board), syspath_(std::move(syspath)) {
    registerAdaptor();
}

DeviceObject::~DeviceObject() {
    unregisterAdaptor();
}

void DeviceObject::announce_change() {
    getObject().emitPropertiesChangedSignal(
        Device1_adaptor::INTERFACE_NAME, {Changed("Devnode"), Changed("Facts"), Changed("UsedBy")});
}

const DeviceSnapshot &DeviceObject::now() const {
    return value_or_empty(board_.devices(), syspath_);
}

std::string DeviceObject::Devnode() {
    return std::string(fact(now().facts, "devnode"));
}

std::map<std::string, std::string> DeviceObject::Facts() {
    std::map<std::string, std::string> facts;
    for (const auto &[key, value] : now().facts)
        facts.emplace(key, value);
    return facts;
}

std::vector<std::string> DeviceObject::UsedBy() {
    return now().used_by;
}

// ---- prompts ------------------------------------------------------------------------------------

PromptObject::PromptObject(sdbus::IConnection &connection, const StatusBoard &board,
                           BootMirror::PromptNumber number)
    : AdaptorInterfaces(
          connection, sdbus::ObjectPath(std::string(kPromptPaths) + "/" + std::to_string(number))),
      board_(board), number_(number) {
    registerAdaptor();
}

PromptObject::~PromptObject() {
    unregisterAdaptor();
}

void PromptObject::announce_change() {
    getObject().emitPropertiesChangedSignal(Prompt1_adaptor::INTERFACE_NAME, {Changed("Shown")});
}

const OpenPrompt &PromptObject::now() const {
    return value_or_empty(board_.prompts(), number_);
}

std::string PromptObject::Text() {
    return now().text;
}

std::string PromptObject::Unit() {
    return now().unit;
}

} // namespace slipway
