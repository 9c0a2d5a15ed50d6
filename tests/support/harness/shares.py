# SPDX-License-Identifier: LGPL-2.1-or-later
"""Folders that a machine's host shares with it: 9p, which QEMU serves itself, and virtiofs, served by virtiofsd."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import systems

VIRTIOFSD = "/usr/libexec/virtiofsd"
START_SECONDS = 10
TYPES = ("virtiofs", "9p")
KEYS = {"type", "tag"}
OPTIONAL_KEYS = {"over", "libraries"}
LIBRARIES = Path("usr/lib/x86_64-linux-gnu")
MODULES = ("virtio_pci",)


class Share:
    """The machine may write to `folder`. As a context: what serves it runs, and writes to `log`."""

    def __init__(self, kind: str, tag: str, folder: Path, log: Path) -> None:
        self._name, self._kind, self._tag, self._folder, self._log = folder.name, kind, tag, folder, log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def shares_memory(self) -> bool:
        """Whether another process than QEMU must see the machine's memory."""
        return self._kind == "virtiofs"

    @property
    def _socket(self) -> Path:
        return self._folder.with_name(f"{self._name}.socket")

    def __enter__(self) -> Share:
        if self._kind != "virtiofs":
            return self
        self._socket.unlink(missing_ok=True)
        with self._log.open("wb") as log:
            # It needs no walls around itself in here, and it ends with its only client.
            # Nobody else changes the folder, so the machine may remember what it has read.
            self._process = subprocess.Popen(
                [VIRTIOFSD, "--socket-path", str(self._socket), "--shared-dir", str(self._folder), "--cache", "always",
                 "--sandbox", "none", "--seccomp", "none"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        limit = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"virtiofsd did not start for {self._folder}")
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.unlink(missing_ok=True)

    def arguments(self) -> list[str]:
        if self._kind == "virtiofs":
            return [
                "-chardev", f"socket,id={self._name},path={self._socket}",
                "-device", f"vhost-user-fs-pci,chardev={self._name},tag={self._tag}",
            ]
        return [
            "-fsdev", f"local,id={self._name},path={self._folder},security_model=passthrough",
            "-device", f"virtio-9p-pci,fsdev={self._name},mount_tag={self._tag}",
        ]


def arguments(shares: Sequence[Share], megabytes: int) -> list[str]:
    """For QEMU. `megabytes`: of the machine's memory."""
    words = [word for share in shares for word in share.arguments()]
    if any(share.shares_memory for share in shares):
        words += ["-object", f"memory-backend-memfd,id=memory,size={megabytes}M,share=on", "-machine", "memory-backend=memory"]
    return words


def lay_over(entry: dict[str, Any], folder: Path) -> None:
    """What a case wants in its copy of the system. The sandbox, whose libraries are taken, is the same Debian."""
    for name in entry.get("libraries", []):
        shutil.copyfile("/" / LIBRARIES / name, folder / LIBRARIES / name)
    for source in entry.get("over", []):
        systems.lay_over(Path(source), folder)


def mistakes(data: dict[str, Any]) -> list[str]:
    """What is wrong with the key `share` of a case."""
    found = []
    for entry in data.get("share", []):
        if not KEYS <= set(entry) <= KEYS | OPTIONAL_KEYS:
            found.append(f"share: {entry} must have the keys {', '.join(sorted(KEYS))}, and may have {', '.join(sorted(OPTIONAL_KEYS))}")
        elif entry["type"] not in TYPES:
            found.append(f"share: type = '{entry['type']}' is none of {', '.join(TYPES)}")
    return found
