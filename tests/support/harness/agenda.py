# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens to a machine's network while it runs: links that go down and up, services of the server that start."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """`after` seconds behind the moment in which the console shows `when`, or in which the initrd begins."""

    after: float = 0
    when: str = ""  # a regular expression; empty: the initrd's begin
    nic: int | None = None  # the client's card with this number …
    link: str = ""  # … becomes "up" or "down"
    server: str = ""  # words for the server (tests/vm/server/lib)


class Agenda:
    """Each event happens once. `act` does it."""

    def __init__(self, events: Sequence[Event], act: Callable[[Event], None]) -> None:
        self._act = act
        self._untriggered = list(events)
        self._due: list[tuple[float, Event]] = []

    def see(self, text: str, initrd_has_begun: bool) -> None:
        """The console's whole text so far."""
        now = time.monotonic()
        for event in list(self._untriggered):
            if re.search(event.when, text, re.MULTILINE) if event.when else initrd_has_begun:
                self._untriggered.remove(event)
                self._due.append((now + event.after, event))
        self._due.sort(key=lambda entry: entry[0])

    def seconds_left(self) -> float:
        """Until the next event."""
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else float("inf")

    def do_what_is_due(self) -> None:
        while self._due and self.seconds_left() == 0:
            self._act(self._due.pop(0)[1])
