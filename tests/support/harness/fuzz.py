# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fuzz ring. Alone it runs every target with libFuzzer for a set time; among other rings, the corpora only."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import sys
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from . import build, commands, compiled_tests, paths
from .digest import locked
from .results import Report, Result
from .terminal import Screen

SOURCES = paths.REPO / "tests/fuzz"
# What libFuzzer finds interesting stays here and is where the next run begins; the tree has the seeds only.
FOUND = paths.CACHE / "fuzz"
AT_ONCE = 2
SECONDS = 60
# Of one input: much less than a boot could bear.
INPUT_SECONDS, INPUT_MEGABYTES = 10, 1024
# Of a new input. Small ones run often; what only a large one shows is a seed or a unit test.
MAX_BYTES = 2048
ENVIRONMENT = {
    "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def targets() -> list[str]:
    return sorted(path.stem.removeprefix("fuzz_") for path in SOURCES.glob("fuzz_*.cpp"))


def run(screen: Screen, names: Sequence[str], add: Report) -> None:
    """Without names: the corpora, as tests of the dev build."""
    if not names:
        compiled_tests.run(screen, "fuzz", None, add)
        return
    chosen = [target for target in targets() if any(fnmatch.fnmatchcase(target, name) for name in names)]
    if not chosen:
        sys.exit(f"tests/run: no fuzz target is called {', '.join(names)}. Targets are: {', '.join(targets())}.")
    seconds = _seconds()
    with screen.step("Building the fuzz targets (clang: libFuzzer, ASan, UBSan)") as step:
        folder = build.build("fuzz", step.now, [f"fuzz_{target}" for target in chosen])
    screen.line(f"fuzz: {len(chosen)} targets, {seconds} s each, {AT_ONCE} at a time")
    pool = ThreadPoolExecutor(AT_ONCE)
    start = time.monotonic()
    try:
        pending: set[Future[Result]] = {pool.submit(_fuzz, folder, target, seconds) for target in chosen}
        while pending:
            done, pending = wait(pending, timeout=0.3, return_when=FIRST_COMPLETED)
            for future in done:
                add(future.result())
            screen.status(f"  fuzz {len(chosen) - len(pending)}/{len(chosen)}  {time.monotonic() - start:.0f} s")
    finally:
        # After an interrupt no further target may start.
        pool.shutdown(wait=False, cancel_futures=True)
    screen.clear()


def _seconds() -> int:
    text = os.environ.get("SLIPWAY_FUZZ_SECONDS", str(SECONDS))
    if not text.isdecimal() or int(text) == 0:
        sys.exit(f"tests/run: SLIPWAY_FUZZ_SECONDS is '{text}'; it must be a whole number of seconds above 0.")
    return int(text)


def _fuzz(folder: Path, target: str, seconds: int) -> Result:
    start = time.monotonic()
    program = folder / "tests/fuzz" / f"fuzz_{target}"
    found, logs = FOUND / target, paths.LOGS / "fuzz" / target
    for path in (found, logs):
        path.mkdir(parents=True, exist_ok=True)
    command = [
        program, found, SOURCES / "corpus" / target, f"-artifact_prefix={logs}/", f"-max_total_time={seconds}",
        f"-max_len={MAX_BYTES}", f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={INPUT_MEGABYTES}", "-print_final_stats=1",
    ]
    dictionary = SOURCES / f"{target}.dict"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    log = logs / "fuzz.log"
    ended = ""
    try:
        # Another checkout's run of the same target would write the same log.
        with locked(logs / "lock"):
            commands.run(command, log, extra_environment=ENVIRONMENT)
    except commands.CommandFailed as error:
        ended = _failure(error.status, program, log)
    status = "failed" if ended else "passed"
    return Result(f"fuzz/{target}", status, time.monotonic() - start, ended or _summary(log))


def _summary(log: Path) -> str:
    text = log.read_text(errors="replace")
    executions = re.search(r"stat::number_of_executed_units: *(\d+)", text)
    corpus = re.findall(r"\bcorp: (\d+)", text)
    # A target that ran nothing says so in the same line.
    return f"{executions[1] if executions else 0} executions, corpus {corpus[-1] if corpus else 0}"


def _failure(status: int, program: Path, log: Path) -> str:
    text = log.read_text(errors="replace")
    reasons = re.findall(r"^.*(?:not true: |  in: |ERROR: |runtime error: ).*$", text, re.MULTILINE)
    lines = [*reasons[:4], f"the log is {commands.shown(log)}"]
    if kept := re.search(r"Test unit written to (\S+)", text):
        lines.append(f"the input is kept in {commands.shown(Path(kept[1]))}; to run it again:")
        lines.append("sudo images/sandbox/enter -- " + shlex.join([str(program), kept[1]]))
    else:
        lines.append(f"it ended with status {status} and left no input:\n{commands.tail(log)}")
    return "\n".join(lines)
