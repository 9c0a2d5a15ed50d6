# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where things are inside the sandbox (see images/sandbox/enter)."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

REPO = Path("/slipway")
CACHE = Path("/cache")
# One cache serves several checkouts, which are all /slipway in here: what is made from sources is kept apart.
CHECKOUT = CACHE / "checkouts" / os.environ.get("SLIPWAY_CHECKOUT", "none")
BUILD = CHECKOUT / "build"
RUNS = CACHE / "runs"
LOGS = CACHE / "logs"
DISKS = CACHE / "disks"
LAYOUTS = REPO / "tests/vm/layouts"
MAKER = REPO / "tests/vm/maker"
CASES = REPO / "tests/vm/cases"
SERVER = REPO / "tests/vm/server"
LIVE = REPO / "tests/vm/live"


@dataclass(frozen=True)
class World:
    """Of which Debian the machines are, and what the tests lay over it and leave out of it."""

    variable: str  # of the environment; names the root in the cache
    files: Path
    trimmed: Path


LOCAL = World("SLIPWAY_GUEST", REPO / "tests/vm/guest", REPO / "tests/vm/trimmed")
# With the packages of a diskless machine, and in its trimmed form with the modules.
NETWORK = World("SLIPWAY_NETGUEST", REPO / "tests/vm/netguest", REPO / "tests/vm/nettrimmed")
_WORLD: ContextVar[World] = ContextVar("world", default=LOCAL)  # of this thread


@contextmanager
def world(chosen: World) -> Iterator[None]:
    """What this thread makes and boots meanwhile belongs to this world."""
    token = _WORLD.set(chosen)
    try:
        yield
    finally:
        _WORLD.reset(token)


def __getattr__(name: str) -> Path:
    """TRIMMED and GUEST_FILES differ from world to world."""
    if name == "TRIMMED":
        return _WORLD.get().trimmed
    if name == "GUEST_FILES":
        return _WORLD.get().files
    raise AttributeError(name)


def guest_root() -> Path:
    """The Debian 13 root that is booted; tests/run and images/demo make it and name it."""
    return _root(_WORLD.get().variable)


def server_root() -> Path:
    """The Debian 13 root of the machine that serves network roots."""
    return _root("SLIPWAY_SERVER")


def dracut_root() -> Path:
    """The Debian 13 root with dracut, for the benchmark that compares with it."""
    return _root("SLIPWAY_DRACUT")


def _root(variable: str) -> Path:
    name = os.environ.get(variable)
    if not name:
        raise SystemExit(f"harness: {variable} is not set; start this through tests/run or images/demo.")
    return CACHE / name


def kernel_version() -> str:
    versions = sorted(path.name for path in (guest_root() / "usr/lib/modules").iterdir())
    if len(versions) != 1:
        raise SystemExit(f"harness: expected one kernel in the guest root, found {versions}; remove its cache folder.")
    return versions[0]


def kernel_image() -> Path:
    return guest_root() / "boot" / f"vmlinuz-{kernel_version()}"


@functools.cache
def run_folder() -> Path:
    """A folder of this run alone, on the cache's file system (the sandbox's /tmp is memory); gone when the run ends.

    A killed run cannot remove its own, so each run removes those that are older than a day.
    """
    RUNS.mkdir(parents=True, exist_ok=True)
    remove_unused(RUNS, days=1)
    folder = Path(tempfile.mkdtemp(dir=RUNS))
    atexit.register(remove_run_folder)
    return folder


def remove_run_folder() -> None:
    shutil.rmtree(run_folder(), ignore_errors=True)


def scratch(name: str) -> Path:
    path = run_folder() / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def stage() -> Path:
    """Where this run installs slipway for its images."""
    return run_folder() / "stage"


def remove_unused(folder: Path, days: float, prefix: str = "") -> None:
    """Removes what nobody has touched for so long."""
    for path in folder.iterdir():
        if path.name.startswith(prefix) and path.lstat().st_mtime < time.time() - days * 86400:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
