# SPDX-License-Identifier: LGPL-2.1-or-later
"""The benchmark `status`: what the status interface costs a boot in which nobody looks, in instructions of the whole machine
from the start of PID 1 to the switch, kernel and workers included. An image with it, and one built with --no-status.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from . import build, commands, disks, instructions, layouts, paths, qemu, stamps, vm
from .results import Report, Result
from .terminal import Screen

ROUNDS = 7
LIMIT = 0.01
DEADLINE = 240
MARKED = [
    "--unit-dir", str(paths.REPO / "tests/plugins/bench"), "--plugin-dir", str(paths.BUILD / build.TEST_TARGETS / "tests"),
    "--with", "bench",
]
IMAGES = {"without": ["--no-status"], "with": []}


def run(screen: Screen, add: Report) -> None:
    start = time.monotonic()
    vm.prepare(screen)
    layout = layouts.load("plain-ext4")
    scratch = paths.scratch("bench-status")
    with screen.step("Building what the images need besides") as step:
        build.build(build.TEST_TARGETS, step.now, ["bench"])
        instructions.compile_plugin(scratch / "count.so")
        instructions.compile_start(scratch / "start")
    for name, arguments in IMAGES.items():
        build.make_image(
            layouts.root_of(layout), "host", paths.kernel_version(), scratch / f"{name}.img",
            paths.LOGS / "bench" / f"status-{name}-image.log",
            [*MARKED, *arguments, "--file", f"{scratch / 'start'}:/bench-start"],
        )
    vm.prepare_disks(screen, [layout])
    try:
        status, text = _compare(screen, layout, scratch)
    except stamps.BadRun as error:
        status, text = "failed", str(error)
    add(Result("bench/status", status, time.monotonic() - start, text))


def _compare(screen: Screen, layout: layouts.Layout, scratch: Path) -> tuple[str, str]:
    counts: dict[str, list[tuple[int, int]]] = {name: [] for name in IMAGES}
    with screen.step("Boots in turns") as step:
        for number in range(1, ROUNDS + 1):
            for name in IMAGES:
                step.now(f"round {number}/{ROUNDS}: {name}")
                counts[name].append(_boot(name, layout, scratch, step.now))
    for name, values in counts.items():
        screen.line(f"  {name:<8} " + " ".join(f"{boot / 1e6:.1f}" for _, boot in values) + " million instructions")
    without, with_it = (statistics.median(boot for _, boot in counts[name]) for name in IMAGES)
    before = [statistics.median(start for start, _ in counts[name]) for name in IMAGES]
    cost = (with_it - without) / without
    text = (
        f"without {without / 1e6:.1f}, with {with_it / 1e6:.1f} million instructions from PID 1 to the switch "
        f"(medians of {ROUNDS}): {cost:+.2%}, limit {LIMIT:.0%}; before PID 1, mostly for unpacking the image, "
        f"{(before[1] - before[0]) / 1e6:+.1f} million of {before[0] / 1e6:.0f}"
    )
    return ("passed" if cost <= LIMIT else "failed"), text


def _boot(name: str, layout: layouts.Layout, scratch: Path, progress: disks.Progress) -> tuple[int, int]:
    folder = paths.LOGS / "bench" / f"status-{name}"
    counter = instructions.Counter(scratch / "count.so", scratch / f"{name}.counts")

    def machine() -> qemu.Spec:
        counter.out.unlink(missing_ok=True)
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=scratch / f"{name}.img", folder=folder, deadline=DEADLINE, cpus=1, clock=counter,
            drives=[disks.overlay(image, scratch / f"{number}.qcow2") for number, image in enumerate(disks.of(layout, lambda text: None))],
            cmdline=f"root=UUID={layout.settings['root_uuid']} ro console=ttyS0 quiet panic=-1 rdinit=/bench-start "
            f"init={stamps.REAL_INIT}",
        )

    outcome = qemu.run_again_on_fault(machine, progress)
    counted = counter.read()
    if counted is None:
        console = folder / "console.log"
        raise stamps.BadRun(
            f"the machine {name} the interface set no marks ({outcome.end} {outcome.fault}); "
            f"console ({commands.shown(console)}):\n{commands.tail(console)}"
        )
    return counted
