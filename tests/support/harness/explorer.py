# SPDX-License-Identifier: LGPL-2.1-or-later
"""More random boots than the sim ring's own (tests/sim/explorer): `tests/run sim --seeds N`, one process per CPU."""

from __future__ import annotations

import os
import subprocess
import time

from . import paths
from .results import Report, Result
from .terminal import Screen

# The ring itself boots those before.
FIRST_SEED = 20_001


def run(screen: Screen, seeds: int, add: Report) -> None:
    start = time.monotonic()
    program = paths.BUILD / "dev/tests/sim_explorer"
    workers = min(os.cpu_count() or 2, seeds)
    bounds = [FIRST_SEED + seeds * number // workers for number in range(workers + 1)]
    folder = paths.LOGS / "sim"
    folder.mkdir(parents=True, exist_ok=True)
    logs = [folder / f"explorer-{number}.log" for number in range(workers)]
    with screen.step(f"{seeds} more random boots"):
        processes = [_start(program, low, high, log) for low, high, log in zip(bounds, bounds[1:], logs)]
        statuses = [process.wait() for process in processes]
    for number, (status, log) in enumerate(zip(statuses, logs)):
        lines = log.read_text(errors="replace").strip().splitlines()
        name = f"sim/explorer.Seeds{bounds[number]}"
        screen.line(f"  {lines[-1] if status == 0 and lines else name}")
        text = "" if status == 0 else "\n".join(lines[-60:])
        add(Result(name, "passed" if status == 0 else "failed", time.monotonic() - start, text, quiet=status == 0))


def _start(program: os.PathLike[str], low: int, high: int, log: os.PathLike[str]) -> subprocess.Popen[bytes]:
    with open(log, "wb") as output:
        return subprocess.Popen(
            [str(program), "--seeds", str(high - low), "--from", str(low)], stdout=output, stderr=subprocess.STDOUT
        )
