# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a ring reports: one result per case, and the summary of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .terminal import Screen

Status = Literal["passed", "failed", "skipped"]


@dataclass
class Result:
    name: str
    status: Status
    seconds: float
    detail: str = ""  # why it failed or was skipped; a note otherwise
    quiet: bool = False  # one of hundreds: shown only when it did not pass


Report = Callable[[Result], None]


class Tally:
    """Collects results and prints each as it arrives."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.results: list[Result] = []

    def add(self, result: Result) -> None:
        self.results.append(result)
        if result.quiet and result.status == "passed":
            return
        style = {"passed": "green", "failed": "red", "skipped": "yellow"}[result.status]
        mark = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[result.status]
        note = f"  {self.screen.paint('dim', result.detail)}" if result.detail and result.status == "passed" else ""
        self.screen.line(f"  {self.screen.paint(style, mark)} {result.name:<56} {result.seconds:7.1f} s{note}")
        if result.detail and result.status != "passed":
            for line in result.detail.splitlines():
                self.screen.line(f"       {line}")

    def count(self, status: Status) -> int:
        return sum(result.status == status for result in self.results)

    def close(self, seconds: float) -> int:
        """Prints the summary, whose last line machines read; returns the exit status."""
        failed = [result.name for result in self.results if result.status == "failed"]
        self.screen.line()
        self.screen.line(f"Time: {seconds // 60:.0f} min {seconds % 60:.0f} s")
        if failed:
            self.screen.line(self.screen.paint("red", "Failed: " + ", ".join(failed)))
        last = f"{self.count('passed')} passed, {len(failed)} failed"
        if skipped := self.count("skipped"):
            last += f", {skipped} skipped"
        # Without colour: scripts look for exactly this line.
        self.screen.line(last)
        if not self.results:
            return 1
        return 1 if failed else 0
