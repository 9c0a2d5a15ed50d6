# SPDX-License-Identifier: LGPL-2.1-or-later
"""The VM ring: each case boots a real Debian from a real disk through an image that `slipway build` made."""

from __future__ import annotations

import re
import shutil
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

from . import build, checks, commands, disks, layouts, paths, qemu, report
from .cases import Case, Expected
from .machine import JUDGED, Machine
from .digest import locked
from .results import Report, Result
from .server import Server, Servers
from .terminal import Screen

AT_ONCE = 2
LAST_LINES = {"poweroff": "reboot: Power down", "reboot": "reboot: Restarting system"}  # of the kernel, by a case's end


def prepare(screen: Screen) -> None:
    with screen.step("Building slipway (release)") as step:
        build.install(build.build(build.RELEASE, step.now))


def prepare_disks(screen: Screen, needed: list[layouts.Layout], world: paths.World = paths.LOCAL) -> None:
    """Before the cases, so that their times are their own.

    A layout that cannot be made is no end here: each case on it tries again and fails with the reason.
    """
    def make(layout: layouts.Layout, progress: disks.Progress) -> None:
        with paths.world(world):
            disks.of(layout, progress)

    with paths.world(world):
        layouts_with_disks = {layout.name: layout for layout in needed if layout.disk_sizes}.values()
        missing = [layout for layout in layouts_with_disks if not disks.made(layout)]
    if not missing:
        return
    with screen.step(f"Disks of {len(missing)} layouts, made once") as step, ThreadPoolExecutor(AT_ONCE) as pool:
        started = [pool.submit(make, layout, lambda text, name=layout.name: step.now(f"{name}: {text}")) for layout in missing]
        wait(started)


def run_cases(screen: Screen, cases: list[Case], add: Report) -> None:
    prepare(screen)
    if targets := sorted({target for case in cases for target in case.build_targets}):
        with screen.step("Building what test images need besides") as step:
            build.build(build.TEST_TARGETS, step.now, targets)
    for world in (paths.LOCAL, paths.NETWORK):
        prepare_disks(screen, [layout for case in cases if case.world == world for layout in (case.layout, *case.besides)], world)
    accelerated = qemu.kvm_works()
    screen.line(f"vm: {len(cases)} cases, {AT_ONCE} at a time, {'KVM' if accelerated else 'TCG (no working KVM)'}")
    pool, servers = ThreadPoolExecutor(AT_ONCE), Servers()
    try:
        began: dict[str, float] = {}
        pending: set[Future[Result]] = {pool.submit(_run_case, case, began, servers) for case in cases}
        finished = 0
        while pending:
            done, pending = wait(pending, timeout=0.3, return_when=FIRST_COMPLETED)
            for future in done:
                finished += 1
                result = future.result()
                began.pop(result.name, None)
                add(result)
            now = time.monotonic()
            running = ", ".join(f"{name} ({now - since:.0f} s)" for name, since in list(began.items()))
            screen.status(f"  vm {finished}/{len(cases)}  {running}")
    finally:
        # After an interrupt no further machine may start.
        pool.shutdown(wait=False, cancel_futures=True)
        servers.close()
    screen.clear()
    if qemu.RETRIES.count:
        screen.line(f"vm: {qemu.RETRIES.count} machine(s) were started again because QEMU itself failed")


def _run_case(case: Case, began: dict[str, float], servers: Servers) -> Result:
    name = f"vm/{case.name}"
    began[name] = start = time.monotonic()
    try:
        # Another run of the same case would write the same logs.
        with locked(paths.LOGS / "vm" / f"{case.name}.lock"), paths.world(case.world), ExitStack() as stack:
            server = stack.enter_context(servers.lent()) if case.network else None
            complaints, note = _judge_case(case, server)
    except commands.Failed as error:
        complaints, note = [str(error)], ""
    except Exception as error:  # one broken case must not take the others with it
        complaints, note = [f"{type(error).__name__}: {error}"], ""
    seconds = time.monotonic() - start
    if complaints:
        return Result(name, "failed", seconds, "\n".join([*complaints, _tail(case)]))
    return Result(name, "passed", seconds, note)


def _judge_case(case: Case, server: Server | None) -> tuple[list[str], str]:
    logs = paths.LOGS / "vm" / case.name
    logs.mkdir(parents=True, exist_ok=True)
    for old in logs.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    scratch = paths.scratch(case.name)
    machine = Machine(case, scratch, logs, server)
    size = machine.make_image() / 1e6
    notes = [f"image {size:.1f} MB"]
    found = image_complaints(case, size)
    found += machine.hibernate(notes.append) if case.hibernates else []
    outcome = qemu.run_again_on_fault(machine.spec, notes.append)
    if server:
        (logs / "server.log").write_text(server.journal())
    found += _complaints(case, outcome, logs) + machine.secret_complaints() + machine.written_complaints()
    shutil.rmtree(scratch)
    return found, "; ".join(notes)


def image_complaints(case: Case, size: float) -> list[str]:
    """`size`: MB."""
    if case.image_below is None or size < case.image_below:
        return []
    return [f"the image has {size:.2f} MB, not less than {case.image_below} MB; slipway ls --json IMAGE lists the files by size"]


def _complaints(case: Case, outcome: qemu.Outcome, logs: Path) -> list[str]:
    found = []
    if outcome.end == "fault":
        found.append(f"{outcome.fault} (twice)")
    if outcome.end == "deadline":
        found.append(f"not at its end after {case.deadline:.0f} s")
    if outcome.end == "exited" and case.end == "emergency":
        found.append("the machine ended by itself")
    # A reset also ends QEMU; only these lines tell the two apart.
    if outcome.end == "exited" and case.end in LAST_LINES and LAST_LINES[case.end] not in outcome.console:
        found.append(f"the machine ended without the kernel's '{LAST_LINES[case.end]}'")
    found += [outcome.client] if outcome.client else []
    found += [f"the console never showed /{expression}/, so nothing was typed" for expression in outcome.unanswered]
    found += [complaint for expected in case.expect if (complaint := _missing(expected, outcome))]
    found += [f"the console showed /{text}/" for text in case.forbid if _search(text, outcome)]
    if case.checks and not found:
        judged = report.parse((logs / "judge.log").read_text(errors="replace"))
        judged.plugged, judged.record = outcome.plugged, report.save_record(judged, logs / "record.txt")
        judged.within, judged.untouched, judged.degraded = case.within, case.untouched, case.degraded
        judged.failing_units, judged.network = case.failing_units, case.network
        judged.power_off, judged.power_off_within = _going_down(outcome, LAST_LINES[case.end]), case.power_off_within
        found += checks.apply(case.checks, judged, case.judged_layout)
    return found


def _going_down(outcome: qemu.Outcome, last_line: str) -> float | None:
    """The seconds from the judge's last word, behind which it asks for the power-off or the reboot, to the kernel's."""
    begin, end = (re.search(text, outcome.console, re.MULTILINE) for text in (JUDGED, re.escape(last_line)))
    return outcome.between(begin.end(), end.end()) if begin and end else None


def _missing(expected: Expected, outcome: qemu.Outcome) -> str:
    found = _search(expected.text, outcome)
    if not found:
        return f"the console never showed /{expected.text}/"
    if expected.between is None:
        return ""
    earliest, latest = expected.between
    seconds = outcome.shown_after(found.end())
    if earliest <= seconds <= latest:
        return ""
    return (
        f"the console showed /{expected.text}/ {seconds:.1f} s after the initrd's start, "
        f"not between {earliest:g} and {latest:g} s"
    )


def _search(expression: str, outcome: qemu.Outcome) -> re.Match[str] | None:
    return re.search(expression, outcome.console, re.MULTILINE)


def _tail(case: Case) -> str:
    console = paths.LOGS / "vm" / case.name / "console.log"
    if not console.exists():
        return ""
    return f"console ({commands.shown(console)}):\n{commands.tail(console)}"
