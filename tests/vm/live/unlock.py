# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads a boot that asks for the passphrase of a volume, with three kinds of clients, and answers.

Usage: unlock.py SOCKET PASSPHRASE
"""

from __future__ import annotations

import sys

import dbus

import clients


def main() -> None:
    path, passphrase = sys.argv[1:]
    clients.wait_for_port(path)
    # libdbus. The machine is just being started: the first call waits until there is somebody to answer.
    with clients.Boot(path) as boot:
        prompt = str(boot.until("the question", boot.shown_prompt))
        unit = boot.objects()[prompt]["org.slipway.Prompt1"]["Unit"]
        clients.expect("starting", str(boot.unit(str(unit))["State"]))
        disks = [device for device in boot.have("org.slipway.Device1").values() if device["Devnode"] == "/dev/vda"]
        clients.expect("crypto_LUKS", str(disks[0]["Facts"]["fs_type"]))
        clients.expect(str(unit), str(disks[0]["UsedBy"]))
    # GLib
    clients.expect("interface org.slipway.Manager1 {", clients.gdbus(path, "introspect"))
    clients.expect(prompt, clients.gdbus(path, "call", "--method", f"{clients.MANAGER}.ListPrompts"))
    # sd-bus
    clients.expect(prompt, clients.busctl(path, "tree", "org.slipway"))
    clients.expect(".Shown", clients.busctl(path, "introspect", "org.slipway", prompt))
    clients.expect("asking", clients.busctl(path, "get-property", "org.slipway", clients.PATH, clients.MANAGER, "State"))
    clients.expect(str(unit), clients.busctl(path, "call", "org.slipway", clients.PATH, clients.MANAGER, "Why", "s", ""))
    with clients.held_back(path, passphrase.encode()) as relay, clients.Boot(relay) as boot:
        boot.call("Answer", dbus.ObjectPath(prompt), dbus.ByteArray(passphrase.encode()))
        print("answered", flush=True)


main()
