# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program of a case that looks at a boot from outside while it runs, through the machine's virtio-serial port."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import commands, paths

PORT = "org.slipway.bus"
PLUGIN = ["--with", "busport"]  # of the image
WORD = f"rd.slipway.port={PORT}"  # of the kernel command line
LAST_SECONDS = 5.0  # for the program, once the machine has ended
# What the program writes to have the machine's memory copied; it is answered when that is done.
COPY = b"copy-memory"
# What it writes, with words behind, to have them typed at the machine's console, and Return.
TYPE = b"type "


def program(name: str) -> Path:
    return paths.LIVE / f"{name}.py"


@dataclass(frozen=True)
class Client:
    words: list[str]  # the name of a program in tests/vm/live, and what it is given besides the socket
    socket: Path
    log: Path
    memory: Path  # where the machine's memory is copied to, if the program asks for that

    def command(self) -> list[str]:
        name, *words = self.words
        return ["python3", "-B", str(program(name)), str(self.socket), *words]

    def arguments(self) -> list[str]:
        """QEMU's."""
        return [
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=bus,path={self.socket},server=on,wait=off",
            "-device", f"virtserialport,chardev=bus,name={PORT}",
        ]


class Running:
    """The program beside the machine. Use as a context."""

    def __init__(self, client: Client, copy_memory: Callable[[Path], None], type_line: Callable[[str], None]) -> None:
        self._client, self._copy_memory, self._type_line = client, copy_memory, type_line
        self._received = b""
        self._is_heard = True  # it has not closed its output yet

    def __enter__(self) -> Running:
        self._log = self._client.log.open("wb")
        self._process = subprocess.Popen(
            self._client.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._log.close()

    def descriptors(self) -> list[int]:
        return [self._output.fileno()] if self._is_heard else []

    def serve(self) -> None:
        """Its output can be read."""
        data = self._output.read1(65536)
        self._is_heard = bool(data)
        if not data:
            self._wait()
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._log.write(line + b"\n")
            self._log.flush()
            if line == COPY:
                self._copy_memory(self._client.memory)
                self._answer()
            if line.startswith(TYPE):
                self._type_line(line.removeprefix(TYPE).decode())

    def has_failed(self) -> bool:
        return self._process.poll() not in (None, 0)

    def complaint(self) -> str:
        """Once the machine has ended. Empty: it found everything as it should be."""
        if not self._wait():
            return self._told("the client had not come to its end when the machine had")
        return self._told("the client failed") if self._process.returncode else ""

    def _wait(self) -> bool:
        try:
            self._process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _told(self, what: str) -> str:
        return f"{what} ({commands.shown(self._client.log)}):\n{commands.tail(self._client.log)}"

    def _answer(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; its status says how

    @property
    def _output(self) -> io.BufferedReader:
        assert isinstance(self._process.stdout, io.BufferedReader)
        return self._process.stdout
