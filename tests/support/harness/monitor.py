# SPDX-License-Identifier: LGPL-2.1-or-later
"""QEMU's monitor (QMP): disks that are plugged in while the machine runs, and copies of its memory."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPLY_SECONDS = 30  # copying the memory of a machine takes some


class MonitorFailed(Exception):
    """QEMU would not do what it was asked for."""


@dataclass
class Slot:
    """A device that will be plugged in, and the root port, there from the start and empty, that it needs, if any."""

    device: dict[str, str | int]
    after: float  # seconds since the initrd began
    port: str = ""


class Monitor:
    """Plugs each disk in when it is due; copies the memory when it is told to."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._waiting = sorted(slots, key=lambda slot: slot.after)
        self._ours, self._qemus = socket.socketpair()
        self._ours.settimeout(REPLY_SECONDS)
        self._received = b""
        self._is_negotiated = False
        self._began: float | None = None
        self.last: float | None = None  # when the last disk was plugged in, in seconds since the initrd began

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *error: object) -> None:
        self._ours.close()
        self._qemus.close()

    @property
    def descriptor(self) -> int:
        """QEMU's end, which it inherits."""
        return self._qemus.fileno()

    def arguments(self) -> list[str]:
        words = ["-chardev", f"socket,id=monitor,fd={self.descriptor}", "-mon", "chardev=monitor,mode=control"]
        for number, slot in enumerate((slot for slot in self._waiting if slot.port), 1):
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
            while self.seconds_left() == 0:
                slot = self._waiting.pop(0)
                self._execute("device_add", {**slot.device, **({"bus": slot.port} if slot.port else {})})
                self.last = self._since_begin()
        except ConnectionError:
            self._waiting.clear()

    def copy_memory(self, target: Path, megabytes: int) -> None:
        """The machine stands still meanwhile. `megabytes`: all that it has; more than 2 GiB would lie elsewhere, too."""
        self._execute("stop", {})
        self._execute("pmemsave", {"val": 0, "size": megabytes << 20, "filename": str(target)})
        self._execute("cont", {})

    def execute(self, command: str, arguments: dict[str, Any]) -> None:
        """Any command of QMP that needs no answer but that it was done."""
        self._execute(command, arguments)

    def _since_begin(self) -> float:
        assert self._began is not None
        return time.monotonic() - self._began

    def _execute(self, command: str, arguments: dict[str, Any]) -> None:
        try:
            self._negotiate()
            self._command(command, arguments)
        except TimeoutError as error:
            raise MonitorFailed(f"QEMU's monitor did not answer {command} within {REPLY_SECONDS} s") from error

    def _negotiate(self) -> None:
        """QMP takes commands only after its greeting was answered."""
        if not self._is_negotiated:
            self._line()
            self._is_negotiated = True
            self._command("qmp_capabilities", {})

    def _command(self, command: str, arguments: dict[str, Any]) -> None:
        self._ours.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            reply = self._line()
            if "error" in reply:
                raise MonitorFailed(f"QEMU refused {command} {arguments}: {reply['error'].get('desc')}")
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
