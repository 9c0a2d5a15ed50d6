# SPDX-License-Identifier: LGPL-2.1-or-later
"""The benchmark `network`: what a network root costs, from `Run /init` to the real init, against the server of the VM cases.

`nfs` and `iscsi`, wholly from DHCP: slipway beside dracut, the same words on the command line. `second-card`: slipway with
a second card that has no cable, beside slipway without it. In turns, in one run, against one server.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from . import cases, commands, dracut, machine, paths, qemu, stamps, vm
from .results import Report, Result
from .server import Server, Servers
from .terminal import Screen

ROUNDS = 3
DEADLINE = 240
RATIO_LIMIT = 0.2
DELAY_LIMIT = 1.0  # seconds
NFS_WORDS = ["root=dhcp", "ip=dhcp", "rw"]
ISCSI_WORDS = ["root=/dev/root", "netroot=dhcp", "ip=dhcp", "rw"]
ALWAYS = ["quiet", "panic=-1", f"init={stamps.REAL_INIT}"]


@dataclass(frozen=True)
class Setup:
    """One of two machines that are compared."""

    name: str
    case: str  # whose network and disks it has
    words: list[str]
    is_dracut: bool = False


@dataclass(frozen=True)
class Comparison:
    peer: Setup
    ours: Setup
    judge: Callable[[float, float], tuple[bool, str]]  # peer's seconds, ours → is it good; in words


class DracutFailed(Exception):
    """dracut did not boot: nothing to compare with, and no fault of slipway."""


def _ratio(peer: float, ours: float) -> tuple[bool, str]:
    return ours <= peer * RATIO_LIMIT, f"ratio {ours / peer:.3f}, limit {RATIO_LIMIT}"


def _delay(peer: float, ours: float) -> tuple[bool, str]:
    return ours - peer <= DELAY_LIMIT, f"{ours - peer:+.3f} s, limit {DELAY_LIMIT} s"


COMPARISONS = {
    "nfs": Comparison(
        Setup("dracut", "net-nfs-dhcp", NFS_WORDS, is_dracut=True), Setup("slipway", "net-nfs-dhcp", NFS_WORDS), _ratio
    ),
    "iscsi": Comparison(
        Setup("dracut", "net-iscsi-dhcp", ISCSI_WORDS, is_dracut=True), Setup("slipway", "net-iscsi-dhcp", ISCSI_WORDS), _ratio
    ),
    "second-card": Comparison(
        Setup("one card", "net-nfs-dhcp", NFS_WORDS), Setup("second unplugged", "net-second-nic-unplugged", NFS_WORDS), _delay
    ),
}


def run(screen: Screen, add: Report) -> None:
    vm.prepare(screen)
    setups = [setup for comparison in COMPARISONS.values() for setup in (comparison.peer, comparison.ours)]
    vm.prepare_disks(screen, [cases.load(paths.CASES / f"{setup.case}.toml").layout for setup in setups], paths.NETWORK)
    with paths.world(paths.NETWORK), closing(Servers()) as servers:
        with screen.step("dracut's image, made once"):
            image, description = dracut.image(paths.LOGS / "bench" / "dracut-image.log")
        screen.line(f"  {description}")
        for name, comparison in COMPARISONS.items():
            with servers.lent() as server:
                add(_compare(screen, f"bench/network/{name}", comparison, image, server))


def _compare(screen: Screen, name: str, comparison: Comparison, image: Path, server: Server) -> Result:
    start = time.monotonic()
    times: dict[str, list[float]] = {setup.name: [] for setup in (comparison.peer, comparison.ours)}
    try:
        with screen.step(f"{name}: boots in turns") as step:
            for number in range(1, ROUNDS + 1):
                for setup in (comparison.peer, comparison.ours):
                    step.now(f"round {number}/{ROUNDS}: {setup.name}")
                    times[setup.name].append(_boot(name, setup, image, server, step.now))
    except DracutFailed as error:
        return Result(name, "skipped", time.monotonic() - start, f"there is nothing to compare with: {error}")
    except stamps.BadRun as error:
        return Result(name, "failed", time.monotonic() - start, str(error))
    for label, values in times.items():
        screen.line(f"  {label:<16} " + " ".join(f"{value:.3f}" for value in values) + " s")
    (peer, ours) = (statistics.median(values) for values in times.values())
    is_good, words = comparison.judge(peer, ours)
    text = f"{comparison.peer.name} {peer:.3f} s, {comparison.ours.name} {ours:.3f} s (medians of {ROUNDS}): {words}"
    screen.line(f"  {text}")
    return Result(name, "passed" if is_good else "failed", time.monotonic() - start, text)


def _boot(bench: str, setup: Setup, dracut_image: Path, server: Server, progress: Callable[[str], None]) -> float:
    label = f"{bench.rpartition('/')[2]}-{setup.name}".replace(" ", "-")
    folder = paths.LOGS / "bench" / "network" / label
    folder.mkdir(parents=True, exist_ok=True)
    case = replace(
        cases.load(paths.CASES / f"{setup.case}.toml"), cmdline=[*setup.words, *ALWAYS], checks=[], deadline=DEADLINE
    )
    client = machine.Machine(case, paths.scratch(f"bench-{label}"), folder, server)
    if not setup.is_dracut:
        client.make_image()

    def spec() -> qemu.Spec:
        made = client.spec()
        return replace(made, initrd=dracut_image) if setup.is_dracut else made

    outcome = qemu.run_again_on_fault(spec, progress)
    (folder / "server.log").write_text(server.journal())
    try:
        return stamps.seconds_to_init(setup.name, folder, outcome)
    except stamps.BadRun as error:
        if setup.is_dracut:
            raise DracutFailed(f"{error}\nserver: {commands.shown(folder / 'server.log')}") from error
        raise
