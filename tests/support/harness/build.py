# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiling slipway with the project's CMake presets, and installing it into a stage for images."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from . import commands, paths
from .digest import locked

Progress = Callable[[str], None]
# What is shipped, without the tests, which the dev build has; and what test images need besides, built like it.
RELEASE, TEST_TARGETS = "release", "release-tests"
OPTIONS = {RELEASE: ["-DSLIPWAY_TESTS=OFF"]}
PRESETS = {TEST_TARGETS: RELEASE}
# Of the harness's machines: an image for this machine would otherwise get the drivers of the computer on which the
# tests run.
MODULES = ("virtio_pci", "virtio_blk")


def configure(name: str) -> Path:
    """Configures on first use and when the presets changed; ninja notices everything else itself."""
    folder = paths.BUILD / name
    presets = paths.REPO / "CMakePresets.json"
    if not presets.exists():
        raise SystemExit("harness: this checkout has no CMakePresets.json, so there is nothing to build.")
    stamp = folder / "build.ninja"
    if not stamp.exists() or stamp.stat().st_mtime < presets.stat().st_mtime:
        commands.run(
            ["cmake", "--preset", PRESETS.get(name, name), "-B", folder, "-S", paths.REPO, *OPTIONS.get(name, [])],
            paths.LOGS / f"configure-{name}.log",
        )
    return folder


def build(name: str, progress: Progress, targets: Sequence[str] = ()) -> Path:
    """Compiles everything, or the targets; returns the build folder."""
    with locked(paths.BUILD / f"{name}.lock"):
        progress("configuring")
        folder = configure(name)
        jobs = str(os.cpu_count() or 2)
        chosen = ["--target", *targets] if targets else []
        commands.run(
            ["cmake", "--build", folder, "--parallel", jobs, *chosen], paths.LOGS / f"build-{name}.log",
            on_line=lambda line: progress(_short(line)), extra_environment={"NINJA_STATUS": "[%f/%t] "},
        )
    return folder


def install(folder: Path) -> None:
    """Installs as a package would, below this run's stage."""
    with locked(paths.BUILD / f"{RELEASE}.lock"):
        commands.run(
            ["cmake", "--install", folder, "--strip"], paths.LOGS / "install.log",
            extra_environment={"DESTDIR": str(paths.stage())},
        )


def make_image(
    root: Path, mode: str, kernel_version: str, target: Path, log: Path, arguments: list[str],
    modules: Sequence[str] = MODULES,
) -> None:
    """`slipway build` for a root folder, as a user would call it. `modules`: the drivers of the machine's hardware."""
    program = paths.stage() / "usr/bin/slipway"
    if not program.exists():
        raise SystemExit("harness: the build installed no usr/bin/slipway; without it no image can be made.")
    drivers = ["--drivers", "listed", "--modules", " ".join(modules)] if mode == "host" else []
    commands.run(
        [program, "build", "--root", root, "--install-root", paths.stage(), "--kernel-version", kernel_version,
         "--mode", mode, *drivers, *arguments, target],
        log,
    )


def _short(line: str) -> str:
    """`[3/80] Building CXX object core/base/…/log.cpp.o` → `[3/80] log.cpp`"""
    found = re.match(r"(\[\d+/\d+\]).*?([^/ ]+?)(\.o)?$", line)
    return f"{found[1]} {found[2]}" if found else line
