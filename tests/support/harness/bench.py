# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bench ring. `floor`: slipway's time from `Run /init` to the real init as a multiple of tests/bench/floor.c's.
`foreign`: the same with disks that no goal needs, as a multiple of that without them. `network`: see network_bench.py.
`engine`: what an event costs the engine with 10,000 devices as a multiple of what it costs with 100. `clients`, `status`: what bad
clients of the status interface cost, and what it costs that nobody uses it; see clients_bench.py and status_bench.py.

Same kernel, same disk, same machine, run in turns; ratios are what counts, since they hold on any computer.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import build, clients_bench, commands, disks, initramfs, layouts, network_bench, paths, qemu, stamps, status_bench, vm
from .results import Report, Result
from .terminal import Screen

BENCHES = {
    "clients": "a boot besieged by 1,000 clients of the status interface, against one with nobody; memory of PID 1",
    "engine": "cost of an event with 10,000 devices, against 100; peak memory",
    "floor": "plain ext4: Run /init to the real init, against a static C program",
    "foreign": "plain ext4 beside a foreign LUKS volume, group and half an array, against the same without them",
    "network": "NFS and iSCSI from DHCP, against dracut; a second card without a cable, against one card",
    "status": "instructions of a boot with the status interface that nobody uses, against one without it",
}
ENGINE_LIMIT = 2.0
ROUNDS = 5
FLOOR_LIMIT = 1.5
FOREIGN_LIMIT = 1.1
DEADLINE = 90
MODULES = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]


@dataclass
class Setup:
    """One of two machines that are compared."""

    image: Path
    root: str
    besides: tuple[str, ...] = ()  # layouts whose disks are attached as well


def run(screen: Screen, chosen: list[str], add: Report) -> None:
    if "engine" in chosen:
        _run_engine(screen, add)
    for name, limit, make in (("floor", FLOOR_LIMIT, _floor_setups), ("foreign", FOREIGN_LIMIT, _foreign_setups)):
        if name in chosen:
            _run_boots(screen, name, limit, make, add)
    for name, bench in (("network", network_bench), ("clients", clients_bench), ("status", status_bench)):
        if name in chosen:
            bench.run(screen, add)


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


def _run_boots(screen: Screen, name: str, limit: float, make: Callable[[Path, Path], dict[str, Setup]], add: Report) -> None:
    start = time.monotonic()
    vm.prepare(screen)
    layout = layouts.load("plain-ext4")
    scratch = paths.scratch(f"bench-{name}")
    with screen.step("Images"):
        setups = make(scratch, layouts.root_of(layout))
    vm.prepare_disks(screen, [layout, *(layouts.load(other) for setup in setups.values() for other in setup.besides)])
    try:
        base, measured = _measure(screen, setups, layout, scratch)
    except stamps.BadRun as error:
        add(Result(f"bench/{name}", "failed", time.monotonic() - start, str(error)))
        return
    ratio = measured / base
    (first, second) = setups
    text = f"{first} {base:.3f} s, {second} {measured:.3f} s (medians of {ROUNDS}): ratio {ratio:.2f}, limit {limit}"
    screen.line(f"  {text}")
    add(Result(f"bench/{name}", "passed" if ratio <= limit else "failed", time.monotonic() - start, text))


def _floor_setups(scratch: Path, root: Path) -> dict[str, Setup]:
    floor, slipway = scratch / "floor.img", scratch / "slipway.img"
    _make_floor(scratch, floor)
    _make_image(root, slipway, [])
    return {"floor": Setup(floor, "/dev/vda2"), "slipway": Setup(slipway, _by_uuid())}


def _foreign_setups(scratch: Path, root: Path) -> dict[str, Setup]:
    """One image that could handle all of it, for both."""
    image = scratch / "slipway.img"
    _make_image(root, image, ["--with", "lvm", "--with", "luks", "--with", "mdraid"])
    return {"alone": Setup(image, _by_uuid()), "beside foreign disks": Setup(image, _by_uuid(), ("foreign",))}


def _by_uuid() -> str:
    return f"UUID={layouts.load('plain-ext4').settings['root_uuid']}"


def _make_image(root: Path, image: Path, arguments: list[str]) -> None:
    log = paths.LOGS / "bench" / "image.log"
    build.make_image(root, "host", paths.kernel_version(), image, log, arguments)


def _measure(
    screen: Screen, setups: dict[str, Setup], layout: layouts.Layout, scratch: Path
) -> tuple[float, float]:
    times: dict[str, list[float]] = {name: [] for name in setups}
    with screen.step("Boots in turns") as step:
        for number in range(1, ROUNDS + 1):
            for name, setup in setups.items():
                step.now(f"round {number}/{ROUNDS}: {name}")
                times[name].append(_boot(name, setup, layout, scratch, step.now))
    for name, values in times.items():
        screen.line(f"  {name:<8} " + " ".join(f"{value:.3f}" for value in values) + " s")
    base, measured = (statistics.median(values) for values in times.values())
    return base, measured


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


def _boot(name: str, setup: Setup, layout: layouts.Layout, scratch: Path, progress: disks.Progress) -> float:
    folder = paths.LOGS / "bench" / name.replace(" ", "-")

    def machine() -> qemu.Spec:
        images = [image for part in (layout, *map(layouts.load, setup.besides)) for image in disks.of(part, lambda text: None)]
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=setup.image, folder=folder, deadline=DEADLINE,
            drives=[disks.overlay(image, scratch / f"{number}.qcow2") for number, image in enumerate(images)],
            cmdline=f"root={setup.root} ro console=ttyS0 quiet panic=-1 init={stamps.REAL_INIT}",
        )

    outcome = qemu.run_again_on_fault(machine, progress)
    return stamps.seconds_to_init(name, folder, outcome)
