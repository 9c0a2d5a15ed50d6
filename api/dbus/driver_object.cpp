// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dbus/status_objects.h"

namespace slipway {

namespace {

constexpr const char *kDriverName = "org.freedesktop.DBus";
constexpr const char *kOwnName = "org.slipway";
constexpr const char *kOwnUniqueName = ":1.0";
constexpr const char *kClientsUniqueName = ":1.1";
constexpr std::uint32_t kAlreadyRunning = 2; // DBUS_START_REPLY_ALREADY_RUNNING

bool is_ours(const std::string &name) {
    return name == kDriverName || name == kOwnName || name == kOwnUniqueName;
}

sdbus::Error no_owner(const std::string &name) {
    return {sdbus::Error::Name("org.freedesktop.DBus.Error.NameHasNoOwner"),
            "there is no bus here, only " + std::string(kOwnName) + "; nobody owns " +
                printable(name, 200)};
}

} // namespace

DriverObject::DriverObject(sdbus::IConnection &connection)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(kDriverPath)) {
    registerAdaptor();
}

DriverObject::~DriverObject() {
    unregisterAdaptor();
}

std::string DriverObject::Hello() {
    return kClientsUniqueName;
}

// Every client gets every signal.
void DriverObject::AddMatch(const std::string & /*rule*/) {}

void DriverObject::RemoveMatch(const std::string & /*rule*/) {}

std::string DriverObject::GetNameOwner(const std::string &name) {
    if (name == kDriverName)
        return kDriverName;
    if (is_ours(name))
        return kOwnUniqueName;
    throw no_owner(name);
}

bool DriverObject::NameHasOwner(const std::string &name) {
    return is_ours(name);
}

std::vector<std::string> DriverObject::ListNames() {
    return {kDriverName, kOwnName, kOwnUniqueName};
}

std::uint32_t DriverObject::StartServiceByName(const std::string &name,
                                               const std::uint32_t & /*flags*/) {
    if (!is_ours(name))
        throw no_owner(name);
    return kAlreadyRunning;
}

// Of the server, not of a machine; clients only want that there is one.
std::string DriverObject::GetId() {
    return "736c69707761790000000000000000b5";
}

} // namespace slipway
