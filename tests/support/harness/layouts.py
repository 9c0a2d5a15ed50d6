# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disk layouts: the installed machines that cases boot. Made once, kept in the cache, booted through overlays.

A layout is a folder in tests/vm/layouts: layout.toml, etc/ (laid over the guest root's) and, where device-mapper is
needed, the script `make`, which runs in a VM because the host's kernel may lack what the layout needs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import commands, initramfs, paths, qemu
from .digest import digest, locked

SECTOR = 512
ROOT_OFFSET_SECTORS = 133120  # behind the EFI system partition: 1 MiB + 64 MiB
MAKER_SECONDS = 600
TEST_PROGRAMS = paths.REPO / "tests/bench/stamp.c"
ADDED = "usr/local/lib/slipway-test"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Layout:
    name: str
    settings: dict[str, Any]

    @property
    def folder(self) -> Path:
        return paths.LAYOUTS / self.name

    @property
    def expect(self) -> dict[str, Any]:
        return self.settings["expect"]

    def key(self) -> str:
        own = Path(__file__)
        sources = [self.folder, paths.GUEST_FILES, TEST_PROGRAMS, own, own.with_name("initramfs.py")]
        return f"{self.name}-{digest([paths.guest_root().name], sources)}"


def load(name: str) -> Layout:
    file = paths.LAYOUTS / name / "layout.toml"
    if not file.exists():
        known = ", ".join(sorted(path.name for path in paths.LAYOUTS.iterdir()))
        raise SystemExit(f"harness: no disk layout '{name}': {file} does not exist. Layouts are: {known}.")
    return Layout(name, tomllib.loads(file.read_text()))


def root_of(layout: Layout, progress: Progress) -> Path:
    """The installed system as a folder: the guest root with the layout's own files and the tests' programs.

    Files are hard links to the guest root, so this costs next to nothing; a changed file replaces its link.
    """
    target = paths.CACHE / "roots" / layout.key()
    with locked(paths.CACHE / "roots" / f"{layout.name}.lock"):
        if not target.exists():
            progress("preparing the root")
            building = _fresh(target.with_name(f".building-{layout.name}"))
            subprocess.run(["cp", "-al", paths.guest_root(), building], check=True)
            for source in (paths.GUEST_FILES, layout.folder / "etc"):
                destination = building / "etc" if source.name == "etc" else building
                _lay_over(source, destination)
            _compile_test_programs(building / ADDED)
            building.rename(target)
        _used(target)
    return target


def disk_of(layout: Layout, progress: Progress) -> Path:
    """The disk image of a layout; read-only for everybody, boots write to overlays."""
    target = paths.DISKS / f"{layout.key()}.raw"
    with locked(paths.DISKS / f"{layout.name}.lock"):
        if not target.exists():
            root = root_of(layout, progress)
            building = _fresh(target.with_name(f".building-{layout.name}.raw"))
            makers = {"partition": _make_by_partition, "machine": _make_in_machine}
            makers[layout.settings["maker"]](layout, root, building, progress)
            building.rename(target)
        _used(target)
    return target


def overlay(disk: Path, target: Path) -> qemu.Drive:
    target.unlink(missing_ok=True)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(disk), str(target)], check=True
    )
    return qemu.Drive(target, "qcow2")


def _fresh(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    return path


def _used(path: Path) -> None:
    """Marks a cached thing as used, and removes those of the same layout that no run has used for a day."""
    os.utime(path)
    paths.remove_unused(path.parent, days=1, prefix=path.name.rpartition("-")[0] + "-")


def _lay_over(source: Path, destination: Path) -> None:
    for path in sorted(source.rglob("*")):
        target = destination / path.relative_to(source)
        if path.is_dir():
            target.mkdir(exist_ok=True)
            continue
        target.unlink(missing_ok=True)  # never write through a hard link into the guest root
        shutil.copyfile(path, target)
        target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _compile_test_programs(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["gcc", "-static", "-O2", "-Wall", "-Werror", "-o", str(folder / "stamp"), str(TEST_PROGRAMS)], check=True
    )


def _make_file_system(layout: Layout, root: Path, image: Path, offset: int = 0) -> None:
    commands.run(
        ["mke2fs", "-q", "-t", "ext4", "-d", root, "-U", layout.settings["root_uuid"], "-L", "slipway-root",
         "-E", f"offset={offset},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0", "-F", image,
         layout.settings["root_size"]],
        paths.LOGS / "disks" / f"{layout.name}-mke2fs.log",
    )


def _make_by_partition(layout: Layout, root: Path, image: Path, progress: Progress) -> None:
    progress("partitions")
    subprocess.run(["truncate", "-s", layout.settings["disk_size"], str(image)], check=True)
    table = "label: gpt\nstart=2048, size=64M, type=uefi\n" f"start={ROOT_OFFSET_SECTORS}, type=linux\n"
    subprocess.run(["sfdisk", "--quiet", str(image)], input=table, text=True, check=True)
    commands.run(
        ["mkfs.vfat", "-F", "16", "-n", "ESP", "--offset", "2048", image, "65536"],
        paths.LOGS / "disks" / f"{layout.name}-esp.log",
    )
    progress("copying the system")
    _make_file_system(layout, root, image, ROOT_OFFSET_SECTORS * SECTOR)


def _make_in_machine(layout: Layout, root: Path, image: Path, progress: Progress) -> None:
    progress("the root's file system")
    source = _fresh(image.with_name(f".building-{layout.name}-root.ext4"))
    _make_file_system(layout, root, source)
    initrd = image.with_name(f".building-{layout.name}-maker.img")
    _write_maker(layout, initrd)
    progress("starting a machine that makes the disk")
    logs = paths.LOGS / "disks" / layout.name

    def machine() -> qemu.Spec:
        image.unlink(missing_ok=True)
        subprocess.run(["truncate", "-s", layout.settings["disk_size"], str(image)], check=True)
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=initrd, cmdline="console=ttyS0 quiet loglevel=4 panic=-1",
            drives=[qemu.Drive(image), qemu.Drive(source, read_only=True)], folder=logs, deadline=MAKER_SECONDS,
            on_line=lambda line: progress(line) if line.startswith("maker:") else None,
        )

    outcome = qemu.run_again_on_fault(machine, progress)
    source.unlink()
    initrd.unlink()
    if "maker: made" not in outcome.console:
        raise SystemExit(
            f"harness: the machine that makes the disk '{layout.name}' failed ({outcome.end} {outcome.fault}); "
            f"its console is in {commands.shown(logs / 'console.log')}:\n{commands.tail(logs / 'console.log')}"
        )


def _write_maker(layout: Layout, target: Path) -> None:
    """An initramfs that mounts the new system read-only, makes it the root and runs the layout's script there."""
    archive = initramfs.Archive()
    for name in ("bin", "dev", "proc", "sys", "mnt", "modules"):
        archive.folder(name)
    archive.console()
    archive.file("bin/busybox", Path("/usr/bin/busybox").read_bytes(), 0o755)
    archive.file("make", (layout.folder / "make").read_bytes(), 0o755)
    order = []
    for module in initramfs.modules_in_load_order(["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]):
        archive.file(f"modules/{initramfs.plain_name(module)}", initramfs.module_content(module))
        order.append(initramfs.plain_name(module))
    archive.file("modules/order", "".join(name + "\n" for name in order).encode())
    archive.file("init", (paths.REPO / "tests/vm/maker/init").read_bytes(), 0o755)
    archive.file("run-make", (paths.REPO / "tests/vm/maker/run-make").read_bytes(), 0o755)
    archive.write(target)
