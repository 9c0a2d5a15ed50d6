# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks that appear late: plugged into a running machine by QEMU's monitor (QMP), a while after its initrd began."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

REPLY_SECONDS = 10


class PlugFailed(Exception):
    """QEMU would not plug a disk in."""


@dataclass
class Slot:
    """A root port, there from the start and empty, and the device that will be plugged into it."""

    port: str
    device: dict[str, str]
    after: float  # seconds since the initrd began


class Hotplug:
    """Plugs each disk in when it is due."""

    def __init__(self, slots: list[Slot]) -> None:
        self._waiting = sorted(slots, key=lambda slot: slot.after)
        self._ours, self._qemus = socket.socketpair()
        self._ours.settimeout(REPLY_SECONDS)
        self._received = b""
        self._began: float | None = None
        self.last: float | None = None  # when the last disk was plugged in, in seconds since the initrd began

    def __enter__(self) -> Hotplug:
        return self

    def __exit__(self, *error: object) -> None:
        self._ours.close()
        self._qemus.close()

    @property
    def descriptor(self) -> int:
        """QEMU's end, which it inherits."""
        return self._qemus.fileno()

    def arguments(self) -> list[str]:
        if not self._waiting:
            return []
        words = ["-chardev", f"socket,id=monitor,fd={self.descriptor}", "-mon", "chardev=monitor,mode=control"]
        for number, slot in enumerate(self._waiting, 1):
            words += ["-device", f"pcie-root-port,id={slot.port},chassis={number},slot={number}"]
        return words

    def started(self) -> None:
        """QEMU runs: only it holds its end now, so that its death is seen here."""
        self._qemus.close()

    def initrd_begins(self) -> None:
        """May be called again; the first call counts."""
        if self._began is None:
            self._began = time.monotonic()

    def seconds_left(self) -> float:
        """Until the next disk is due."""
        if self._began is None or not self._waiting:
            return float("inf")
        return max(0.0, self._waiting[0].after - self._since_begin())

    def plug_what_is_due(self) -> None:
        """A machine that has ended takes no disks; how it ended is seen elsewhere."""
        try:
            self._plug_what_is_due()
        except ConnectionError:
            self._waiting.clear()
        except TimeoutError as error:
            raise PlugFailed(f"QEMU's monitor did not answer within {REPLY_SECONDS} s") from error

    def _plug_what_is_due(self) -> None:
        while self.seconds_left() == 0:
            slot = self._waiting.pop(0)
            if self.last is None:
                self._negotiate()
            self._execute("device_add", {**slot.device, "bus": slot.port})
            self.last = self._since_begin()

    def _since_begin(self) -> float:
        assert self._began is not None
        return time.monotonic() - self._began

    def _negotiate(self) -> None:
        """QMP takes commands only after its greeting was answered."""
        self._line()
        self._execute("qmp_capabilities", {})

    def _execute(self, command: str, arguments: dict[str, str]) -> None:
        self._ours.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            reply = self._line()
            if "error" in reply:
                raise PlugFailed(f"QEMU refused {command} {arguments}: {reply['error']['desc']}")
            if "return" in reply:
                return
            # Anything else is an event, such as a serial port that was opened.

    def _line(self) -> dict[str, Any]:
        while b"\n" not in self._received:
            data = self._ours.recv(65536)
            if not data:
                raise ConnectionError("QEMU closed its monitor")
            self._received += data
        line, self._received = self._received.split(b"\n", 1)
        return json.loads(line)
