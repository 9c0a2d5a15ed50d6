# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks of boots measure: the time from the kernel's `Run /init` to the start of the real init, whose place
tests/bench/stamp.c takes. Both are records of the kernel's log, so nothing outside of the machine counts."""

from __future__ import annotations

import re
from pathlib import Path

from . import commands, qemu, systems

REAL_INIT = f"/{systems.ADDED}/stamp"
REAL_INIT_BEGINS = "slipway-bench: real init"


class BadRun(Exception):
    """A machine that did not reach the real init."""


def seconds_to_init(name: str, folder: Path, outcome: qemu.Outcome) -> float:
    """`folder`: of the machine's logs."""
    log = (folder / "judge.log").read_text(errors="replace")
    begin, end = moment(log, "Run /init as init process"), moment(log, REAL_INIT_BEGINS)
    if begin is None or end is None:
        console = folder / "console.log"
        raise BadRun(
            f"the machine with {name} did not reach the real init ({outcome.end} {outcome.fault}); "
            f"console ({commands.shown(console)}):\n{commands.tail(console)}"
        )
    return end - begin


def moment(log: str, expression: str) -> float | None:
    """The kernel's time, in seconds, of the record that begins with this."""
    found = re.search(rf"^\d+,\d+,(\d+),[^;]*;{expression}", log, re.MULTILINE)
    return int(found[1]) / 1e6 if found else None
