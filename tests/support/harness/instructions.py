# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counting a guest's instructions: QEMU's TCG with tests/bench/count_instructions.c.

The guest's clock is tied to the count as well (-icount): else the faster the computer, the fewer ticks of the guest's timer
there would be in a boot, and each costs some thousand instructions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import commands, paths

BENCH = paths.REPO / "tests/bench"
START, END = "51a90001", "51a90002"  # tests/bench/mark.h


TIED = ["-accel", "tcg,thread=single", "-cpu", "max", "-icount"]


@dataclass(frozen=True)
class TiedClock:
    """The guest's time is what it executes, and what it waits: a busy computer does not make its boot longer."""

    def arguments(self) -> list[str]:
        """QEMU's, in the place of those that choose the accelerator. For a machine with one CPU."""
        return [*TIED, "shift=1"]


@dataclass(frozen=True)
class Counter:
    plugin: Path
    out: Path

    def arguments(self) -> list[str]:
        """As of a tied clock; it does not wait."""
        return [*TIED, "shift=1,sleep=off", "-plugin", f"{self.plugin},out={self.out}"]

    def read(self) -> tuple[int, int] | None:
        """The instructions from the machine's power-on to the first mark, and from there to the last; None: a mark is missing."""
        marks = [line.split() for line in self.out.read_text().splitlines()] if self.out.exists() else []
        starts = [int(count) for mark, count in marks if mark == START]
        ends = [int(count) for mark, count in marks if mark == END]
        return (starts[0], ends[-1] - starts[0]) if starts and ends else None


def compile_plugin(target: Path) -> None:
    _compile(["-shared", "-fPIC", "-fvisibility=hidden"], "count_instructions", target)


def compile_start(target: Path) -> None:
    """The program that stands before the initrd's own and sets the first mark."""
    _compile(["-static"], "start", target)


def _compile(options: list[str], name: str, target: Path) -> None:
    commands.run(
        ["gcc", *options, "-O2", "-Wall", "-Wextra", "-Werror", "-o", target, BENCH / f"{name}.c"],
        paths.LOGS / "bench" / f"{name}-compile.log",
    )
