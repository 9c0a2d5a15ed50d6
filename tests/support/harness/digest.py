# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hashes that name cached things after what they are made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def files_below(folders: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        if folder.is_file():
            found.append(folder)
        else:
            found += [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return found


def digest(parts: Iterable[str], folders: Iterable[Path] = ()) -> str:
    """A short hash of texts and of the names, modes and contents of files."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part.encode() + b"\0")
    for path in files_below(folders):
        state.update(f"{path}\0{path.stat().st_mode & 0o777:o}\0".encode())
        state.update(path.read_bytes())
    return state.hexdigest()[:12]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the kernel drops the lock of a process that dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
