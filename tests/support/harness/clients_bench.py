# SPDX-License-Identifier: LGPL-2.1-or-later
"""The benchmark `clients`: what bad clients of the status interface cost a boot. The same image boots in turns with nobody, and
with a thousand clients that connect and say nothing, and one that goes on sending garbage (tests/plugins/bench).

They begin with the boot; the disk is plugged in when all have connected. What is measured is the time from the disk to the
real init, on a machine with one CPU and a clock that no other load of the computer delays, and the memory of PID 1 at the
switch.
"""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from . import build, disks, instructions, layouts, paths, qemu, stamps, vm
from .results import Report, Result
from .status_bench import MARKED
from .terminal import Screen

ROUNDS = 3
CLIENTS = {"nobody": 0, "besieged": 1000}
DISK_AFTER = 15.0  # seconds after the initrd's start
# Seconds, at 500 million instructions a second, of which the clients take their share: 2 % of such a boot, from PID 1's
# start to the real init. By as much do single boots differ.
DELAY_LIMIT = 0.05
MEMORY_LIMIT_KIB = 1024  # more than with nobody
DEADLINE = 120
DISK = r"virtio_blk virtio\d+: \[vda\] \d+ 512-byte"
BESIEGED = r"slipway-bench: (\d+) clients are connected"
MEMORY = r"slipway-bench: PID 1 VmHWM:(?:\\x09|\s)+(\d+) kB VmRSS:(?:\\x09|\s)+(\d+) kB"  # the log escapes tabs


@dataclass
class Boot:
    seconds: float  # from the disk to the real init
    peak: int  # of PID 1, in KiB
    resident: int  # at the switch


def run(screen: Screen, add: Report) -> None:
    start = time.monotonic()
    vm.prepare(screen)
    layout = layouts.load("plain-ext4")
    scratch = paths.scratch("bench-clients")
    with screen.step("Building what the image needs besides") as step:
        build.build(build.TEST_TARGETS, step.now, ["bench"])
    log = paths.LOGS / "bench" / "clients-image.log"
    build.make_image(layouts.root_of(layout), "host", paths.kernel_version(), scratch / "initrd.img", log, MARKED)
    vm.prepare_disks(screen, [layout])
    try:
        status, text = _compare(screen, layout, scratch)
    except stamps.BadRun as error:
        status, text = "failed", str(error)
    add(Result("bench/clients", status, time.monotonic() - start, text))


def _compare(screen: Screen, layout: layouts.Layout, scratch: Path) -> tuple[str, str]:
    boots: dict[str, list[Boot]] = {name: [] for name in CLIENTS}
    with screen.step("Boots in turns") as step:
        for number in range(1, ROUNDS + 1):
            for name in CLIENTS:
                step.now(f"round {number}/{ROUNDS}: {name}")
                boots[name].append(_boot(name, layout, scratch, step.now))
    for name, values in boots.items():
        screen.line(f"  {name:<9}" + "".join(f" {boot.seconds:.3f} s {boot.peak} KiB;" for boot in values))
    alone, besieged = (statistics.median(boot.seconds for boot in boots[name]) for name in CLIENTS)
    usual, peak = (max(boot.peak for boot in boots[name]) for name in CLIENTS)
    resident = max(boot.resident for boot in boots["besieged"])
    is_good = besieged - alone <= DELAY_LIMIT and peak - usual <= MEMORY_LIMIT_KIB
    return ("passed" if is_good else "failed"), (
        f"from the disk to the real init {alone:.3f} s with nobody, {besieged:.3f} s besieged (medians of {ROUNDS}): "
        f"{besieged - alone:+.3f} s, limit {DELAY_LIMIT} s; PID 1 at most {usual} and {peak} KiB, of which {resident} are left at "
        f"the switch: {peak - usual:+d} KiB, limit {MEMORY_LIMIT_KIB}"
    )


def _boot(name: str, layout: layouts.Layout, scratch: Path, progress: disks.Progress) -> Boot:
    folder = paths.LOGS / "bench" / f"clients-{name}"

    def machine() -> qemu.Spec:
        (image,) = disks.of(layout, lambda text: None)
        drive = disks.overlay(image, scratch / "vda.qcow2")
        drive.after = DISK_AFTER  # which is seen on the console: not quiet
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=scratch / "initrd.img", folder=folder, deadline=DEADLINE, drives=[drive],
            cpus=1, clock=instructions.TiedClock(),
            cmdline=f"root=UUID={layout.settings['root_uuid']} ro console=ttyS0 panic=-1 init={stamps.REAL_INIT}"
            + (f" slipway.bench.clients={CLIENTS[name]}" if CLIENTS[name] else ""),
        )

    outcome = qemu.run_again_on_fault(machine, progress)
    stamps.seconds_to_init(name, folder, outcome)  # it was reached
    log = (folder / "judge.log").read_text(errors="replace")
    disk, init = stamps.moment(log, DISK), stamps.moment(log, stamps.REAL_INIT_BEGINS)
    memory = re.search(MEMORY, log)
    if disk is None or init is None or memory is None:
        raise stamps.BadRun(f"the kernel's log of the machine with {name} lacks the disk, or the memory of PID 1")
    if CLIENTS[name]:
        _refuse_late_clients(log, disk, CLIENTS[name])
    return Boot(init - disk, int(memory[1]), int(memory[2]))


def _refuse_late_clients(log: str, disk: float, count: int) -> None:
    connected, found = stamps.moment(log, BESIEGED), re.search(BESIEGED, log)
    if connected is None or found is None or connected > disk or int(found[1]) != count:
        raise stamps.BadRun(f"not all of {count} clients had connected when the disk came: {found[0] if found else 'no word of them'}")
