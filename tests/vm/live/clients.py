# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs in this folder share. Each looks at a boot from outside, with D-Bus clients as Debian has them.

A program is started with the machine. Its arguments are the socket at the other end of the machine's virtio-serial port
and the words that the case gives it. It ends with status 0 when all was as it should be; what it prints is in live.log.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dbus
import dbus.connection

MANAGER = "org.slipway.Manager1"
UNIT = "org.slipway.Unit1"
PATH = "/org/slipway"
QUESTION = "Passphrase for "
SECONDS = 120  # until the boot is there, and for whatever it does then: the CPU is emulated
PAUSE = 0.5


def wait_for_port(path: str) -> None:
    """QEMU makes the socket when it starts."""
    until = time.monotonic() + SECONDS
    while not os.path.exists(path):
        if time.monotonic() > until:
            sys.exit(f"there is no socket {path}")
        time.sleep(0.05)


class Boot:
    """A connection of libdbus to the boot. One client at a time may have one. Use as a context."""

    def __init__(self, path: str) -> None:
        self._connection = dbus.connection.Connection(f"unix:path={path}")
        self._manager = self._connection.get_object(None, PATH, introspect=False)

    def __enter__(self) -> Boot:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def call(self, method: str, *words: object, interface: str = MANAGER) -> object:
        return self._manager.get_dbus_method(method, interface)(*words, timeout=SECONDS)

    def state(self) -> str:
        return str(self.call("Get", MANAGER, "State", interface=dbus.PROPERTIES_IFACE))

    def jobs(self) -> list[str]:
        return [str(job) for job in self.call("Get", MANAGER, "Jobs", interface=dbus.PROPERTIES_IFACE)]  # type: ignore[attr-defined]

    def objects(self) -> dict[str, dict[str, dict[str, object]]]:
        return self.call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager")  # type: ignore[return-value]

    def have(self, interface: str) -> dict[str, dict[str, object]]:
        """Path → properties of all objects with this interface."""
        return {path: found[interface] for path, found in self.objects().items() if interface in found}

    def unit(self, name: str) -> dict[str, object]:
        return next(unit for unit in self.have(UNIT).values() if unit["Name"] == name)

    def waiting_for_devices(self) -> list[str]:
        return [
            str(unit["Name"]) for unit in self.have(UNIT).values()
            if any(str(word).startswith("device ") for word in unit["WaitsFor"])  # type: ignore[attr-defined]
        ]

    def shown_prompt(self) -> str:
        """The passphrase that is asked for, if one is."""
        prompts = self.have("org.slipway.Prompt1")
        return next((path for path, prompt in prompts.items() if prompt["Shown"] and str(prompt["Text"]).startswith(QUESTION)), "")

    def until(self, what: str, look: Callable[[], object]) -> object:
        """Looks again and again until it finds something."""
        until = time.monotonic() + SECONDS
        while not (found := look()):
            if time.monotonic() > until:
                sys.exit(f"{what} did not come within {SECONDS} s:\n{self.call('Dump')}\n{self.jobs()}")
            time.sleep(PAUSE)
        print(f"{what}: {found}", flush=True)
        return found


def run(*command: str) -> str:
    """A client's output; the end of everything if it fails."""
    print("$", *command, flush=True)
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    print(done.stdout + done.stderr, flush=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with status {done.returncode}")
    return done.stdout


def busctl(path: str, *words: str) -> str:
    return run("busctl", f"--address=unix:path={path}", f"--timeout={SECONDS}", *words)


def gdbus(path: str, verb: str, *words: str) -> str:
    return run("gdbus", verb, "--address", f"unix:path={path}", "--dest", "org.slipway", "--object-path", PATH, *words)


def expect(text: str, whole: str) -> None:
    if text not in whole:
        sys.exit(f"'{text}' is not in:\n{whole}")


def copy_memory() -> None:
    """The harness copies the machine's memory; it stands still meanwhile."""
    print("copy-memory", flush=True)
    sys.stdin.readline()


def type_line(text: str) -> None:
    """At the machine's console."""
    print(f"type {text}", flush=True)


@contextmanager
def held_back(path: str, secret: bytes) -> Iterator[str]:
    """A socket that leads to `path`. Of a piece with the secret in it the last byte is kept until the memory is copied:
    the machine then has the secret and can do nothing with it yet, as when Return was not pressed."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        own = f"{folder}/bus"
        listener.bind(own)
        listener.listen(1)
        threading.Thread(target=_relay, args=(listener, path, secret), daemon=True).start()
        yield own


def _relay(listener: socket.socket, path: str, secret: bytes) -> None:
    client = listener.accept()[0]
    port = socket.socket(socket.AF_UNIX)
    port.connect(path)

    def hold(piece: bytes) -> bytes:
        if secret not in piece:
            return piece
        port.sendall(piece[:-1])
        time.sleep(2)  # until the machine has read it
        copy_memory()
        return piece[-1:]

    threading.Thread(target=_carry, args=(port, client, bytes), daemon=True).start()
    _carry(client, port, hold)
    port.close()


def _carry(source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(change(piece))
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of them is gone
