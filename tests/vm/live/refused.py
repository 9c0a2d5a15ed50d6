# SPDX-License-Identifier: LGPL-2.1-or-later
"""Answers the passphrase of a volume although that is not taken. It is a wrong one: what was sent stays in the memory.

Then the right one is typed at the console.

Usage: refused.py SOCKET PASSPHRASE
"""

from __future__ import annotations

import sys

import dbus

import clients

REMEDY = "init_on_free=1"


def noted(boot: clients.Boot) -> str:
    lines = boot.call("Log")
    return next((str(text) for _, _, text in lines if "an answer was not used" in text and REMEDY in text), "")  # type: ignore[attr-defined]


def main() -> None:
    path, passphrase = sys.argv[1:]
    clients.wait_for_port(path)
    with clients.Boot(path) as boot:
        prompt = str(boot.until("the question", boot.shown_prompt))
        refused = boot.call("Get", clients.MANAGER, "AnswersRefused", interface=dbus.PROPERTIES_IFACE)
        clients.expect(REMEDY, str(refused))
        try:
            boot.call("Answer", dbus.ObjectPath(prompt), dbus.ByteArray(b"a wrong one"))
        except dbus.DBusException as error:
            clients.expect("org.slipway.Error.Refused", str(error.get_dbus_name()))
            clients.expect(REMEDY, str(error.get_dbus_message()))
        else:
            sys.exit("the answer was taken")
        clients.expect(prompt, boot.shown_prompt())  # it was not even tried
        boot.until("the note in the log", lambda: noted(boot))
    clients.type_line(passphrase)


main()
