# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people see: permanent lines, one live line below them, and steps with their times."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT = 30.0  # seconds between signs of life where no live line can be drawn


class Screen:
    def __init__(self) -> None:
        self.live = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.color = self.live and "NO_COLOR" not in os.environ
        self._lock = threading.Lock()
        self._drawn = False
        self._last_sign = time.monotonic()

    def paint(self, style: str, text: str) -> str:
        codes = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
        return f"\033[{codes[style]}m{text}\033[0m" if self.color else text

    def line(self, text: str = "") -> None:
        with self._lock:
            self._erase()
            print(text, flush=True)
            self._last_sign = time.monotonic()

    def status(self, text: str) -> None:
        """Replaces the live line; without a terminal it becomes a plain line now and then."""
        with self._lock:
            if self.live:
                width = shutil.get_terminal_size().columns - 1
                self._erase()
                sys.stdout.write(text[:width])
                sys.stdout.flush()
                self._drawn = True
            elif time.monotonic() - self._last_sign > HEARTBEAT:
                print(f"  ... {text.strip()}", flush=True)
                self._last_sign = time.monotonic()

    def clear(self) -> None:
        with self._lock:
            self._erase()

    def _erase(self) -> None:
        if self._drawn:
            sys.stdout.write("\r\033[K")
            self._drawn = False

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        step = Step(self, title)
        try:
            yield step
        except BaseException:
            step.close("failed", "red", "✗")
            raise
        step.close("done", "green", "✓")


class Step:
    """One line of progress: its live form carries what happens now, its last form the time it took."""

    def __init__(self, screen: Screen, title: str) -> None:
        self.screen, self.title, self.result = screen, title, ""
        self.start = time.monotonic()
        self._now = ""
        self._done = threading.Event()
        if screen.live:
            threading.Thread(target=self._tick, daemon=True).start()
        else:
            screen.line(f"{title} ...")

    def now(self, text: str) -> None:
        self._now = text
        self._draw()

    def seconds(self) -> float:
        return time.monotonic() - self.start

    def close(self, word: str, style: str, mark: str) -> None:
        self._done.set()
        extra = f"  {self.screen.paint('dim', self.result)}" if self.result else ""
        if self.screen.live:
            self.screen.line(f"  {self.screen.paint(style, mark)} {self.title:<44} {self.seconds():7.1f} s{extra}")
        else:
            self.screen.line(f"{self.title}: {word} in {self.seconds():.1f} s{extra}")

    def _draw(self) -> None:
        if not self._done.is_set():
            self.screen.status(f"  · {self.title:<44} {self.seconds():7.1f} s  {self._now}")

    def _tick(self) -> None:
        while not self._done.wait(0.2):
            self._draw()
