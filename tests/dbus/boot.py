# SPDX-License-Identifier: LGPL-2.1-or-later
"""A boot for clients to look at: slipway-bus, started as PID 1 starts it, with a record of a simulated boot."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator

PIECE = 32 << 10
SCENARIOS = pathlib.Path(__file__).resolve().parent.parent / "sim/scenarios"


def record_of(scenario: str, until: str = "") -> bytes:
    """The record of that scenario, up to and with the first step whose decisions hold `until`."""
    text = (SCENARIOS / scenario / "record.txt").read_text()
    if not until:
        return text.encode()
    begin = text.index(until)
    end = text.find("\n@", begin)
    return text[:end + 1].encode() if end >= 0 else text.encode()


# As PID 1 sets it (core/boot/bus_host.cpp); and a sanitizer keeps no freed memory for long, nor as it was.
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
               "ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:max_free_fill_size=1048576"}


class Boot:
    """Stands for PID 1. Use as a context."""

    def __init__(self, program: str, record: bytes, log: tuple[str, ...] = ("the boot has begun",)) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-bus-"))
        self.path = str(self.folder / "bus")
        self.address = f"unix:path={self.path}"
        self.ask_folder = self.folder / "ask"
        self.commands: list[str] = []
        self.problem = ""  # what commands are refused with
        self._record = record
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        listener.bind(self.path)
        listener.listen(1024)  # as PID 1 does
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.setblocking(False)
        self._channel = ours
        # Out of the way of the numbers that the program gets.
        high = [os.dup2(fd.fileno(), number, inheritable=False) for fd, number in ((listener, 210), (theirs, 211))]
        self.pid = os.posix_spawn(program, ["slipway-bus", str(self.ask_folder)], ENVIRONMENT, file_actions=[
            (os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)])
        for fd in high:
            os.close(fd)
        listener.close()
        theirs.close()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.feed(record)
        for line in log:
            self.log(line)
        self._thread.start()

    def __enter__(self) -> "Boot":
        return self

    def __exit__(self, *_args: object) -> None:
        if self.is_running():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self._channel.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def feed(self, record: bytes) -> None:
        for begin in range(0, len(record), PIECE):
            piece = record[begin:begin + PIECE]
            self._channel.send((b"w" if begin + PIECE >= len(record) else b"r") + piece)

    def log(self, text: str) -> None:
        self._channel.send(f"l6 1500000 {text.replace(' ', '%20')}".encode())

    def farewell(self) -> None:
        self._channel.send(b"x")

    def is_running(self) -> bool:
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0) if pathlib.Path(f"/proc/{self.pid}").exists() else False

    def wait(self, seconds: float) -> int:
        """The exit status, or -1 if it does not end in time."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        return -1

    def memory_kib(self) -> int:
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])

    def first_command(self, seconds: float = 10) -> str:
        """What the program has sent may not be read yet. Empty: it sent nothing."""
        limit = time.monotonic() + seconds
        while not self.commands and time.monotonic() < limit:
            time.sleep(0.02)
        return self.commands[0] if self.commands else ""

    def ask(self, message: str, name: str = "slipway-1") -> socket.socket:
        """Publishes a question as PID 1 does its first one; answers arrive at the socket that comes back."""
        self.ask_folder.mkdir(exist_ok=True)
        answers = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        answers.bind(str(self.ask_folder / f"sck.{name}"))
        answers.settimeout(10)
        (self.ask_folder / f"ask.{name}").write_text(
            f"[Ask]\nPID=1\nSocket={self.ask_folder}/sck.{name}\nMessage={message}\nEcho=0\n")
        return answers

    @contextlib.contextmanager
    def through_port(self, trace: str) -> Iterator[str]:
        """The path of a socket whose clients reach the boot as those of a virtio-serial port do (core/base/answer_trace.h)."""
        path = str(self.folder / "port")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen(8)
            threading.Thread(target=self._carry_clients, args=(listener, trace), daemon=True).start()
            yield path
            listener.shutdown(socket.SHUT_RDWR)

    def _carry_clients(self, listener: socket.socket, trace: str) -> None:
        for number in itertools.count():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            bus = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            bus.bind(f"\0slipway-port/{os.getpid()}{number}/{trace}")
            bus.connect(self.path)
            for source, target in ((client, bus), (bus, client)):
                threading.Thread(target=_carry, args=(source, target), daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                if not select.select([self._channel], [], [], 0.2)[0]:
                    continue
                packet = self._channel.recv(8192)
            except (OSError, ValueError):
                return
            if not packet:
                return
            self.commands.append(packet.decode())
            serial, verb = packet.decode().split(" ")[:2]
            if verb != "note":
                problem = self.problem.replace(" ", "%20") or "-"
                self._channel.send(f"a{serial} {problem}".encode())


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def run(*command: str, stdin: str | None = None, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=stdin if stdin is not None else "", capture_output=True, text=True,
                          timeout=seconds, check=False)
