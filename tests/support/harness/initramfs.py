# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small initramfs images of the harness's own: the machine that makes disks, and the floor of the benchmark.

Images of slipway are never made here; that is the work of `slipway build`.
"""

from __future__ import annotations

import gzip
import lzma
import re
from collections.abc import Iterable
from pathlib import Path

from . import paths


class Archive:
    """A cpio archive in the newc form that the kernel unpacks."""

    def __init__(self) -> None:
        self._blob = bytearray()
        self._inode = 1

    def folder(self, name: str) -> None:
        self._entry(name, 0o040755, b"")

    def link(self, name: str, target: str) -> None:
        self._entry(name, 0o120777, target.encode())

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        self._entry(name, 0o100000 | mode, data)

    def console(self) -> None:
        """/dev/console, which the kernel opens for init before anything is mounted."""
        self._entry("dev/console", 0o020600, b"", device=(5, 1))

    def write(self, target: Path) -> None:
        self._entry("TRAILER!!!", 0, b"")
        target.write_bytes(gzip.compress(bytes(self._blob), 1))

    def _entry(self, name: str, mode: int, data: bytes, device: tuple[int, int] = (0, 0)) -> None:
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        self._blob += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self._pad()
        self._blob += data
        self._pad()
        self._inode += 1

    def _pad(self) -> None:
        self._blob += b"\0" * (-len(self._blob) % 4)


def modules_in_load_order(names: Iterable[str]) -> list[Path]:
    """The module files behind the names with all they need, in an order in which each can be loaded."""
    folder = paths.guest_root() / "usr/lib/modules" / paths.kernel_version()
    needs: dict[str, tuple[Path, list[Path]]] = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        file, _, rest = line.partition(":")
        needs[_name(file)] = (folder / file, [folder / need for need in rest.split()])
    builtin = {_name(line) for line in (folder / "modules.builtin").read_text().splitlines()}
    ordered: list[Path] = []

    def add(name: str) -> None:
        if name in builtin:
            return
        if name not in needs:
            raise SystemExit(f"harness: the guest's kernel has no module '{name}'; correct its name in tests/.")
        file, required = needs[name]
        for need in reversed(required):
            add(_name(str(need)))
        if file not in ordered:
            ordered.append(file)

    for name in names:
        add(name.replace("-", "_"))
    return ordered


def module_content(file: Path) -> bytes:
    """The plain module: neither busybox nor the floor unpacks a compressed one."""
    return lzma.decompress(file.read_bytes()) if file.suffix == ".xz" else file.read_bytes()


def plain_name(file: Path) -> str:
    return re.sub(r"\.ko(\.\w+)?$", ".ko", file.name)


def _name(file: str) -> str:
    return re.sub(r"\.ko(\.\w+)?$", "", Path(file).name).replace("-", "_")
