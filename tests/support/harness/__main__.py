# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/run, inside the sandbox: selects rings and cases, runs them in order, sums up."""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
import time

from . import bench, cases, commands, compiled_tests, explorer, fuzz, lint, paths, vm
from .results import Result, Tally
from .terminal import Screen

RINGS = ("lint", "unit", "sim", "fuzz", "vm", "bench")
BY_DEFAULT = ("lint", "unit", "sim", "fuzz", "vm")
# What `all` takes of a ring, where that is not all of it: fuzzing for a set time has no end of its own.
IN_ALL: dict[str, list[str]] = {"fuzz": []}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/run", add_help=False)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("selection", nargs="*")
    arguments = parser.parse_args()
    selection = _selection(arguments.selection)
    if arguments.list:
        return _list()
    screen = Screen()
    tally = Tally(screen)
    start = time.monotonic()
    try:
        for ring, names in selection.items():
            _run_ring(screen, ring, names, tally)
            if ring == "sim" and arguments.seeds > 0:
                explorer.run(screen, arguments.seeds, tally.add)
    except KeyboardInterrupt:
        screen.line("interrupted")
        tally.close(time.monotonic() - start)
        paths.remove_run_folder()
        # At once: whatever still runs (a machine, a compiler) ends with the sandbox's namespace.
        os._exit(130)
    return tally.close(time.monotonic() - start)


def _selection(words: list[str]) -> dict[str, list[str]]:
    """Ring → names of cases. An empty list means the ring's usual selection, `*` all of it."""
    if not words:
        return {ring: [] for ring in BY_DEFAULT}
    chosen: dict[str, list[str]] = {}
    for word in words:
        ring, _, name = word.partition("/")
        if word == "all":
            chosen.update({ring: list(IN_ALL.get(ring, ["*"])) for ring in RINGS})
        elif ring in RINGS:
            # Naming the ring alone means all of it; only the run without any word takes the smoke selection.
            chosen.setdefault(ring, []).append(name or "*")
        else:
            known = ", ".join(RINGS)
            sys.exit(f"tests/run: there is no ring '{ring}'. Rings are: {known}; 'tests/run --list' shows the cases.")
    return {ring: chosen[ring] for ring in RINGS if ring in chosen}


def _list() -> int:
    for name in lint.CHECKS:
        print(f"lint/{name}")
    for ring in ("unit", "sim"):
        print("\n".join(compiled_tests.listed(ring)))
    for target in fuzz.targets():
        print(f"fuzz/{target}")
    for case in cases.load_all():
        print(f"vm/{case.name:<28} {'smoke ' if case.smoke else '      '} {case.description}")
    for name, description in bench.BENCHES.items():
        print(f"bench/{name:<25}        {description}")
    return 0


def _run_ring(screen: Screen, ring: str, names: list[str], tally: Tally) -> None:
    screen.line()
    screen.line(screen.paint("bold", f"== {ring}"))
    try:
        if ring == "lint":
            lint.run(screen, _checks(names), tally.add)
        elif ring in ("unit", "sim"):
            compiled_tests.run(screen, ring, _as_expression(names), tally.add)
        elif ring == "fuzz":
            fuzz.run(screen, names, tally.add)
        elif ring == "vm":
            vm.run_cases(screen, _cases(names), tally.add)
        else:
            bench.run(screen, _benches(names), tally.add)
    except commands.Failed as error:
        # A build that fails is one failed case of its ring; the other rings still run.
        tally.add(Result(f"{ring}/preparation", "failed", 0, str(error)))


def _as_expression(names: list[str]) -> str | None:
    if not names or "*" in names:
        return None
    return "|".join(f"^{fnmatch.translate(name)[4:-3]}$" for name in names)


def _checks(names: list[str]) -> list[str]:
    if not names:
        return list(lint.EVERYDAY)
    chosen = [check for check in lint.CHECKS if any(fnmatch.fnmatchcase(check, name) for name in names)]
    if not chosen:
        sys.exit(f"tests/run: lint has no check {', '.join(names)}. Checks are: {', '.join(lint.CHECKS)}.")
    return chosen


def _benches(names: list[str]) -> list[str]:
    chosen = [bench_name for bench_name in bench.BENCHES if any(fnmatch.fnmatchcase(bench_name, name) for name in names)]
    if not chosen:
        sys.exit(f"tests/run: there is no benchmark {', '.join(names)}. There are: {', '.join(bench.BENCHES)}.")
    return chosen


def _cases(names: list[str]) -> list[cases.Case]:
    everything = cases.load_all()
    if not names:
        return [case for case in everything if case.smoke]
    chosen = [case for case in everything if any(fnmatch.fnmatchcase(case.name, name) for name in names)]
    if not chosen:
        known = ", ".join(case.name for case in everything)
        sys.exit(f"tests/run: no VM case is called {', '.join(names)}. Cases are: {known}.")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
