# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bench ring. `floor`: slipway's time from `Run /init` to the real init as a multiple of tests/bench/floor.c's.
`engine`: what an event costs the engine with 10,000 devices as a multiple of what it costs with 100.

Same kernel, same disk, same machine, run in turns; ratios are what counts, since they hold on any computer.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from pathlib import Path

from . import build, commands, disks, initramfs, layouts, paths, qemu, systems, vm
from .results import Report, Result
from .terminal import Screen

BENCHES = {
    "engine": "cost of an event with 10,000 devices, against 100; peak memory",
    "floor": "plain ext4: Run /init to the real init, against a static C program",
}
NAME = "floor"
ENGINE_LIMIT = 2.0
ROUNDS = 5
LIMIT = 1.5
DEADLINE = 90
REAL_INIT = f"/{systems.ADDED}/stamp"
MODULES = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]


class BadRun(Exception):
    pass


def run(screen: Screen, chosen: list[str], add: Report) -> None:
    if "engine" in chosen:
        _run_engine(screen, add)
    if "floor" in chosen:
        _run_floor(screen, add)


def _run_engine(screen: Screen, add: Report) -> None:
    start = time.monotonic()
    with screen.step("Building the engine's benchmark (optimised)") as step:
        folder = build.build(build.TEST_TARGETS, step.now, ["engine_bench"])
    log = paths.LOGS / "bench" / "engine.log"
    with screen.step("Simulated boots with 100, 1,000 and 10,000 devices"):
        commands.run([folder / "tests/engine_bench"], log)
    found = re.search(r"^engine: .* ratio (\d+\.\d+);.*$", log.read_text(), re.MULTILINE)
    if found is None:
        text = f"the benchmark states no ratio; its output is {commands.shown(log)}"
        add(Result("bench/engine", "failed", time.monotonic() - start, text))
        return
    status = "passed" if float(found[1]) <= ENGINE_LIMIT else "failed"
    add(Result("bench/engine", status, time.monotonic() - start, f"{found[0]}; limit {ENGINE_LIMIT}"))


def _run_floor(screen: Screen, add: Report) -> None:
    start = time.monotonic()
    vm.prepare(screen)
    layout = layouts.load("plain-ext4")
    vm.prepare_disks(screen, [layout])
    try:
        floor, slipway = _measure(screen, layout)
    except BadRun as error:
        add(Result(f"bench/{NAME}", "failed", time.monotonic() - start, str(error)))
        return
    ratio = slipway / floor
    text = f"floor {floor:.3f} s, slipway {slipway:.3f} s (medians of {ROUNDS}): ratio {ratio:.2f}, limit {LIMIT}"
    screen.line(f"  {text}")
    add(Result(f"bench/{NAME}", "passed" if ratio <= LIMIT else "failed", time.monotonic() - start, text))


def _measure(screen: Screen, layout: layouts.Layout) -> tuple[float, float]:
    scratch = paths.scratch("bench")
    images = {"floor": scratch / "floor.img", "slipway": scratch / "slipway.img"}
    root = layouts.root_of(layout)
    with screen.step("Images of floor and slipway"):
        _make_floor(scratch, images["floor"])
        log = paths.LOGS / "bench" / "image.log"
        build.make_image(root, "host", paths.kernel_version(), images["slipway"], log, [])
    cmdlines = {"floor": "root=/dev/vda2", "slipway": f"root=UUID={layout.settings['root_uuid']}"}
    times: dict[str, list[float]] = {"floor": [], "slipway": []}
    with screen.step("Boots in turns") as step:
        for number in range(1, ROUNDS + 1):
            for name in times:
                step.now(f"round {number}/{ROUNDS}: {name}")
                times[name].append(_boot(name, images[name], cmdlines[name], layout, scratch, step.now))
    for name, values in times.items():
        screen.line(f"  {name:<8} " + " ".join(f"{value:.3f}" for value in values) + " s")
    return statistics.median(times["floor"]), statistics.median(times["slipway"])


def _make_floor(scratch: Path, target: Path) -> None:
    program = scratch / "floor"
    source = paths.REPO / "tests/bench/floor.c"
    commands.run(
        ["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source],
        paths.LOGS / "bench" / "floor-compile.log",
    )
    subprocess.run(["strip", str(program)], check=True)
    archive = initramfs.Archive()
    for name in ("dev", "modules"):
        archive.folder(name)
    archive.console()
    order = initramfs.modules_in_load_order(MODULES)
    for module in order:
        archive.file(f"modules/{initramfs.plain_name(module)}", initramfs.module_content(module))
    archive.file("modules/order", "".join(initramfs.plain_name(module) + "\n" for module in order).encode())
    archive.file("init", program.read_bytes(), 0o755)
    archive.write(target)


def _boot(
    name: str, image: Path, cmdline: str, layout: layouts.Layout, scratch: Path, progress: disks.Progress
) -> float:
    folder = paths.LOGS / "bench" / name

    def machine() -> qemu.Spec:
        (made,) = disks.of(layout, lambda text: None)
        disk = disks.overlay(made, scratch / "disk.qcow2")
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=image, folder=folder, deadline=DEADLINE, drives=[disk],
            cmdline=f"{cmdline} ro console=ttyS0 quiet panic=-1 init={REAL_INIT}",
        )

    outcome = qemu.run_again_on_fault(machine, progress)
    log = (folder / "judge.log").read_text(errors="replace")
    begin, end = _stamp(log, "Run /init as init process"), _stamp(log, "slipway-bench: real init")
    if begin is None or end is None:
        console = folder / "console.log"
        raise BadRun(
            f"the machine with {name} did not reach the real init ({outcome.end} {outcome.fault}); "
            f"console ({commands.shown(console)}):\n{commands.tail(console)}"
        )
    return end - begin


def _stamp(log: str, text: str) -> float | None:
    """The kernel's time, in seconds, of the record with this text."""
    found = re.search(rf"^\d+,\d+,(\d+),[^;]*;{re.escape(text)}", log, re.MULTILINE)
    return int(found[1]) / 1e6 if found else None
