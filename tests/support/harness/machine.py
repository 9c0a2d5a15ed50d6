# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine of a VM case: its image, its disks as the case wants them, its TPM; what its memory gives away."""

from __future__ import annotations

import json
import mmap
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from . import build, cards, commands, disks, layouts, live, paths, qemu, shares, systems
from .cases import DISKS, Case
from .layouts import Layout
from .server import Server
from .tpm import Tpm

JUDGE = "systemd.wants=slipway-judge.service"
BRIEF_JUDGE = f"init=/{systems.ADDED}/brief-judge"
ROOT_IO = "slipway.test=root-io"
REBOOT = "slipway.test=reboot"
# An emulated serial port is slow: the real init has it to itself for what matters.
TERSE = ["systemd.show_status=false", "systemd.log_level=warning"]
CPUS = 2
# The server has another; with two, each packet waits longer for its turn.
NETWORK_CPUS = 1
HIBERNATE = "systemd.wants=slipway-hibernate.service"
NETWORK_PLUGINS = ["--with", "net", "--with", "nfs", "--with", "iscsi"]
# Not at the start of the line: systemd resets the terminal there.
JUDGED = r"slipway-judge: done"
# The modules that the disks of a bus need: an image for this machine would otherwise get the drivers of the computer
# on which the tests run.
MODULES = {
    "virtio": ["virtio_pci", "virtio_blk"], "nvme": ["nvme"], "scsi": ["virtio_pci", "virtio_scsi", "sd_mod"],
    "usb": ["xhci_pci", "usb_storage", "sd_mod"], "ata": ["ahci", "sd_mod"],
}


class Machine:
    def __init__(self, case: Case, scratch: Path, logs: Path, server: Server | None = None) -> None:
        """`server`: of the case's network, if it has one."""
        self._case, self._scratch, self._logs, self._server = case, scratch, logs, server
        self._image = scratch / "initrd.img"
        self._keeps_disks = False  # those that a hibernated system has written to

    def make_image(self) -> int:
        """Its size in bytes."""
        root = layouts.root_of(self._case.layout)
        modules = {name for drive in self._own() for name in MODULES[drive[1].bus]}
        modules.update(cards.MODULES if self._case.network else ())
        modules.update(shares.MODULES if self._case.shares else ())
        if unknown := set(self._case.lacks) - modules:
            raise commands.Failed(f"lacks = {sorted(unknown)}: this machine needs no such driver")
        modules.difference_update(self._case.lacks)
        # The disks' own fstab does not tell that they come from a server.
        told = NETWORK_PLUGINS if self._case.network and self._case.mode == "host" else []
        told = [*told, *(live.PLUGIN if self._case.live else [])]
        build.make_image(
            root, self._case.mode, paths.kernel_version(), self._image, self._logs / "image.log",
            [*self._case.build_arguments, *told], sorted(modules),
        )
        return self._image.stat().st_size

    def spec(self) -> qemu.Spec:
        case, network = self._case, self._case.network
        if network and self._server:
            self._server.prepare(self._served(network.served), network.script())
        words = [*case.cmdline, *([live.WORD] if case.live else []), "console=ttyS0", *TERSE, *self._judge()]
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=self._image, cmdline=" ".join(words), drives=self._drives(),
            folder=self._logs, cpus=NETWORK_CPUS if network else CPUS, deadline=case.deadline,
            answers=self._answers(), forbid=case.forbid,
            stop_when=[expected.text for expected in case.expect] if case.end == "emergency" else (),
            tpm=self._tpm(), memory_copies=[qemu.MemoryCopy(JUDGED, self._after)] if case.find_secret else (),
            cards=self._cards(), shares=self._shares(), events=network.agenda() if network else (),
            ibft=self._ibft(), serve=self._server.begin if self._server else str, client=self._client(),
        )

    def _judge(self) -> list[str]:
        if not self._case.checks:
            return []
        words = [BRIEF_JUDGE if self._case.is_brief else JUDGE]
        words += [ROOT_IO] if "root_io" in self._case.checks else []
        return [*words, *([REBOOT] if self._case.end == "reboot" else [])]

    def hibernate(self, note: Callable[[str], None]) -> list[str]:
        """Boots the machine, has it hibernated, and keeps its disks. Complaints if it did not come that far."""
        spec = self.spec()
        words = spec.cmdline.replace(JUDGE, HIBERNATE)
        outcome = qemu.run_again_on_fault(
            lambda: replace(spec, cmdline=words, folder=self._logs / "hibernating", drives=self._drives(), tpm=self._tpm()),
            note,
        )
        self._keeps_disks = True
        if outcome.end == "exited" and "slipway-hibernate: going down" in outcome.console and "refused" not in outcome.console:
            return []
        console = self._logs / "hibernating/console.log"
        return [f"the machine did not hibernate ({outcome.end}):\n{commands.tail(console)}"]

    def secret_complaints(self) -> list[str]:
        if not self._case.find_secret:
            return []
        # Its last byte may be what a client still holds back, and may have come in a piece of its own.
        secret = self._case.find_secret.encode()[:-1]
        if not self._before.exists() or not self._after.exists():
            return ["the machine's memory was not copied, so the passphrase was not looked for"]
        found = []
        if not _occurrences(self._before, secret):
            found.append("the passphrase is not in the memory while it is typed: the search finds nothing")
        if places := _occurrences(self._after, secret):
            shown = ", ".join(f"{place:#x}" for place in places)
            kept = self._logs / "memory-after-switch.raw"
            shutil.move(self._after, kept)
            found.append(f"the passphrase is in the memory after the switch, at {shown} of {commands.shown(kept)}")
        return found

    def written_complaints(self) -> list[str]:
        """The machine's disks lie over the layout's images and hold what was written, and nothing else."""
        found = []
        for name, drive, _ in self._own():
            if name in self._case.unwritten and (extents := _own_extents(drive.file)):
                shown = ", ".join(f"{extent['length']} bytes at {extent['start']:#x}" for extent in extents[:5])
                found.append(f"{name} was written to: {shown}")
        return found

    @property
    def _before(self) -> Path:
        return self._scratch / "memory-before"

    @property
    def _after(self) -> Path:
        return self._scratch / "memory-after"

    def _answers(self) -> list[qemu.Answer]:
        answers = [replace(answer) for answer in self._case.answers]
        for answer in answers:
            if self._case.find_secret and answer.send == self._case.find_secret:
                answer.memory = self._before
        return answers

    def _tpm(self) -> Tpm | None:
        if not self._case.layout.settings.get("tpm"):
            return None
        state = self._scratch / "tpm"
        if not self._keeps_disks:
            shutil.rmtree(state, ignore_errors=True)
            shutil.copytree(disks.tpm_state_of(self._case.layout), state)
        return Tpm(state)

    def _client(self) -> live.Client | None:
        if not self._case.live:
            return None
        return live.Client(self._case.live, self._scratch / "bus", self._logs / "live.log", self._before)

    def _cards(self) -> list[cards.Card]:
        network, server = self._case.network, self._server
        if not network or not server:
            return []
        return [
            cards.Card(nic.mac, server.socket(nic.network, port) if nic.network else None, nic.plugged)
            for nic, port in zip(network.nics, network.ports(), strict=True)
        ]

    def _shares(self) -> list[shares.Share]:
        """Each a copy of the layout's system, because the machine may write to it, below what the case lays over it."""
        made = []
        for number, entry in enumerate(self._case.shares):
            folder = systems.fresh(self._scratch / f"share{number}")
            tree = systems.tree(f"{self._case.layout.name}-disk", self._case.layout.system, self._case.layout.etc)
            subprocess.run(["cp", "-a", str(tree), str(folder)], check=True)
            shares.lay_over(entry, folder)
            made.append(shares.Share(entry["type"], entry["tag"], folder, self._logs / f"{folder.name}.log"))
        return made

    def _ibft(self) -> Path | None:
        body = self._case.network.ibft() if self._case.network else None
        if body is None:
            return None
        file = self._scratch / "ibft"
        file.write_bytes(body)
        return file

    def _served(self, names: Sequence[str]) -> dict[str, Path]:
        """Overlays of the disks that the server has, by their names."""
        chosen = {name: (drive.file, image) for name, drive, image in self._attached() if name in names}
        for name, (file, image) in chosen.items():
            disks.overlay(image, file)
            self._damage(name, file)
        return {name: file for name, (file, _) in chosen.items()}

    def _own(self) -> list[tuple[str, qemu.Drive, Path]]:
        """Those of the attached disks that are the machine's own."""
        network = self._case.network
        return [entry for entry in self._attached() if not network or entry[0] not in network.served]

    def _attached(self) -> list[tuple[str, qemu.Drive, Path]]:
        """Name of the disk, drive (its file is still to be made), image below it."""
        case, attached, images = self._case, [], _images(self._case.layout)
        for name, image in zip(DISKS[: len(images)], images, strict=True):  # a disk too many is no silent loss
            if name in case.absent:
                continue
            drive = qemu.Drive(self._scratch / f"{name}.qcow2", after=case.late.get(name), bus=case.buses.get(name, case.layout.bus))
            attached.append((name, drive, image))
            if name in case.copies:
                attached.append((f"{name}-copy", replace(drive, file=self._scratch / f"{name}-copy.qcow2"), image))
        for layout in case.besides:
            for number, image in enumerate(_images(layout)):
                name = f"{layout.name}-{number}"
                attached.append((name, qemu.Drive(self._scratch / f"{name}.qcow2"), image))
        return attached

    def _drives(self) -> list[qemu.Drive]:
        drives = []
        for name, drive, image in self._own():
            if not self._keeps_disks:
                disks.overlay(image, drive.file)
                self._damage(name, drive.file)
            drives.append(replace(drive, format="qcow2"))
        return drives + [qemu.Drive(Path(), after=after, bus=bus, is_silent=True) for bus, after in self._case.silent.items()]

    def _damage(self, name: str, file: Path) -> None:
        for damage in self._case.damage:
            if damage.disk == name:
                command = f"write -q -P 0 {damage.at} {damage.bytes}"
                subprocess.run(["qemu-io", "-f", "qcow2", "-c", command, str(file)], check=True, stdout=subprocess.DEVNULL)


def _images(layout: Layout) -> list[Path]:
    if not layout.disk_sizes:
        return []
    return disks.of(layout, lambda text: None)


def _own_extents(file: Path) -> list[dict[str, int]]:
    """What a disk holds itself, and not the image below it."""
    shown = subprocess.run(["qemu-img", "map", "--output=json", "-f", "qcow2", str(file)], check=True, capture_output=True, text=True)
    return [extent for extent in json.loads(shown.stdout) if extent["depth"] == 0 and extent.get("present", True)]


def _occurrences(file: Path, secret: bytes, limit: int = 5) -> list[int]:
    places: list[int] = []
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        place = memory.find(secret)
        while place >= 0 and len(places) < limit:
            places.append(place)
            place = memory.find(secret, place + 1)
    return places
