# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks a boot why it waits: an array lacks a disk. Then ends the waits.

Usage: incomplete.py SOCKET ARRAY TEXT…      each text must be in what Why() says
"""

from __future__ import annotations

import sys

import dbus

import clients


def main() -> None:
    path, array, *texts = sys.argv[1:]
    clients.wait_for_port(path)
    with clients.Boot(path) as boot:
        def gathering() -> str:
            units = boot.have(clients.UNIT).values()
            return next((str(unit["Name"]) for unit in units if unit["DisplayName"] == array and unit["Members"]), "")

        unit = str(boot.until("the array", gathering))
        why = str(boot.call("Why", ""))
        for text in texts:
            clients.expect(text, why)
        boot.until("the wait", lambda: boot.state() == "waiting")
    for text in texts:
        clients.expect(text, clients.busctl(path, "call", "org.slipway", clients.PATH, clients.MANAGER, "Why", "s", unit))
        clients.expect(text, clients.gdbus(path, "call", "--method", f"{clients.MANAGER}.Why", unit))
    with clients.Boot(path) as boot:
        boot.call("SetDeadline", unit, dbus.UInt64(1))
        # It is tried with what is there, and then waited for as any device is.
        boot.until("the try", lambda: "cannot run" in str(boot.unit(unit)["Reason"]))
        clients.expect("only /dev/vda is there", str(boot.call("Why", "")))
        for name in boot.waiting_for_devices():
            boot.call("SetDeadline", name, dbus.UInt64(1))


main()
