# SPDX-License-Identifier: LGPL-2.1-or-later
"""The unit and sim rings, and the corpora of fuzz: the `dev` build (ASan and UBSan) and its ctest cases with the ring's label."""

from __future__ import annotations

import os
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

from . import build, commands, paths
from .results import Report, Result
from .terminal import Screen


def run(screen: Screen, ring: str, pattern: str | None, add: Report) -> None:
    with screen.step("Building slipway (dev: ASan, UBSan)") as step:
        folder = build.build("dev", step.now)
    outcome = paths.scratch(f"ctest-{ring}") / "outcome.xml"
    command = ["ctest", "--test-dir", str(folder), "-L", f"^{ring}$", "--parallel", str(os.cpu_count() or 2)]
    command += ["--output-junit", str(outcome), "--output-on-failure", "--no-tests=error", "--timeout", "120"]
    if pattern:
        command += ["-R", pattern]
    log = paths.LOGS / ring / "ctest.log"
    ended = 0
    with screen.step(f"Running ring {ring}") as step:
        try:
            commands.run(command, log, on_line=lambda line: step.now(line.strip()))
        except commands.CommandFailed as error:
            ended = error.status
    if not outcome.exists():
        add(Result(f"{ring}/ctest", "failed", 0, f"ctest ran nothing (status {ended}):\n{commands.tail(log)}"))
        return
    passed = _report(screen, ring, outcome, add)
    screen.line(f"  {passed} tests of ring {ring} passed")


def listed(ring: str) -> list[str]:
    folder = paths.BUILD / "dev"
    if not (folder / "build.ninja").exists():
        return [f"{ring}/… (built by the first run)"]
    shown = subprocess.run(
        ["ctest", "--test-dir", str(folder), "-L", f"^{ring}$", "-N"], capture_output=True, text=True, check=False
    )
    return [f"{ring}/{line.split(':', 1)[1].strip()}" for line in shown.stdout.splitlines() if " #" in line]


def _report(screen: Screen, ring: str, outcome: Path, add: Report) -> int:
    """One result per test; returns how many passed, since those are not shown one by one."""
    passed = 0
    cases = list(xml.parse(outcome).getroot().iter("testcase"))
    if not cases:
        add(Result(f"{ring}/ctest", "failed", 0, f"no test carries the label '{ring}'"))
    for case in cases:
        seconds = float(case.get("time", "0"))
        name = f"{ring}/{case.get('name')}"
        if case.find("failure") is not None:
            output = (case.findtext("system-out") or "").strip().splitlines()[-40:]
            add(Result(name, "failed", seconds, "\n".join(output)))
        elif case.find("skipped") is not None:
            add(Result(name, "skipped", seconds, "skipped by the test itself"))
        else:
            passed += 1
            for line in (case.findtext("system-out") or "").splitlines():
                # What the random boots came to.
                if " boots, " in line:
                    screen.line(f"  {case.get('name')}: {line}")
            add(Result(name, "passed", seconds, quiet=True))
    return passed
