# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the disks of a layout, once; they are kept in the cache and booted through overlays.

The maker `partition` writes a file system into a partition right here. `machine` runs the layout's script in a VM,
because this computer's kernel may lack what the layout needs (device-mapper, md, …).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from . import commands, initramfs, paths, qemu, systems
from .digest import locked
from .layouts import Layout
from .tpm import Tpm

SECTOR = 512
ROOT_OFFSET_SECTORS = 133120  # behind the EFI system partition: 1 MiB + 64 MiB
MAKER_SECONDS = 600
# What the maker's first program needs before it can reach the modules of the new system.
MAKER_MODULES = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]

Progress = Callable[[str], None]


class LayoutFailed(commands.Failed):
    """Disks that could not be made; the cases on them fail with this text."""


def made(layout: Layout) -> bool:
    return _folder(layout).exists()


def of(layout: Layout, progress: Progress) -> list[Path]:
    """The disk images, in order; read-only for everybody."""
    target = _folder(layout)
    with locked(paths.DISKS / f"{layout.name}.lock"):
        if not target.exists():
            building = systems.fresh(target.with_name(f".building-{layout.name}"))
            building.mkdir(parents=True)
            images = [building / f"{number}.raw" for number in range(len(layout.disk_sizes))]
            makers = {"partition": _make_by_partition, "machine": _make_in_machine}
            makers[layout.settings["maker"]](layout, images, progress)
            building.rename(target)
        systems.used(target)
    return [target / f"{number}.raw" for number in range(len(layout.disk_sizes))]


def tpm_state_of(layout: Layout) -> Path:
    """The state of the machine's TPM, in which the layout's script has sealed its keys."""
    return _folder(layout) / "tpm"


def overlay(disk: Path, target: Path) -> qemu.Drive:
    target.unlink(missing_ok=True)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(disk), str(target)], check=True
    )
    return qemu.Drive(target, "qcow2")


def _folder(layout: Layout) -> Path:
    return paths.DISKS / layout.key()


def _make_by_partition(layout: Layout, images: list[Path], progress: Progress) -> None:
    (image,) = images
    progress("partitions")
    subprocess.run(["truncate", "-s", layout.disk_sizes[0], str(image)], check=True)
    table = "label: gpt\nstart=2048, size=64M, type=uefi\n" f"start={ROOT_OFFSET_SECTORS}, type=linux\n"
    subprocess.run(["sfdisk", "--quiet", str(image)], input=table, text=True, check=True)
    log = paths.LOGS / "disks" / f"{layout.name}.log"
    commands.run(["mkfs.vfat", "-F", "16", "-n", "ESP", "--offset", "2048", image, "65536"], log)
    progress("copying the system")
    root = systems.tree(f"{layout.name}-disk", layout.system, layout.etc)
    kind = layout.settings.get("root_type", "ext4")
    if kind == "ext4":
        settings = layout.settings
        systems.make_ext4(root, image, settings["root_uuid"], settings["root_size"], ROOT_OFFSET_SECTORS * SECTOR)
        return
    packed = image.with_suffix(f".{kind}")
    programs = {
        "squashfs": ["mksquashfs", root, packed, "-quiet", "-no-progress", "-comp", "gzip"],
        "erofs": ["mkfs.erofs", "--quiet", "-U", layout.settings.get("root_uuid", "clear"), packed, root],
    }
    commands.run(programs[kind], log)
    commands.run(["dd", f"if={packed}", f"of={image}", f"seek={ROOT_OFFSET_SECTORS // 2048}", "bs=1M", "conv=notrunc"], log)
    packed.unlink()


def _make_in_machine(layout: Layout, images: list[Path], progress: Progress) -> None:
    progress("the system to copy")
    source = systems.source_disk(layout.system)
    initrd = images[0].with_name("maker.img")
    _write_maker(layout, initrd)
    progress("starting a machine that makes the disks")
    logs = paths.LOGS / "disks" / layout.name
    letter = "abcdefgh"[len(images)] if layout.bus == "virtio" else "a"  # only the source is on virtio then
    state = images[0].with_name("tpm")

    def machine() -> qemu.Spec:
        for image, size in zip(images, layout.disk_sizes, strict=True):
            image.unlink(missing_ok=True)
            subprocess.run(["truncate", "-s", size, str(image)], check=True)
        drives = [*(qemu.Drive(image, bus=layout.bus) for image in images), qemu.Drive(source, read_only=True)]
        return qemu.Spec(
            kernel=paths.kernel_image(), initrd=initrd, drives=drives, folder=logs, deadline=MAKER_SECONDS,
            cmdline=f"console=ttyS0 quiet loglevel=4 panic=-1 maker.source=/dev/vd{letter}",
            tpm=Tpm(systems.fresh(state)) if layout.settings.get("tpm") else None,
            on_line=lambda line: progress(line) if line.startswith("maker:") else None,
        )

    outcome = qemu.run_again_on_fault(machine, progress)
    initrd.unlink()
    if "maker: made" not in outcome.console:
        raise LayoutFailed(
            f"the machine that makes the disks of '{layout.name}' failed ({outcome.end} {outcome.fault}); "
            f"its console is in {commands.shown(logs / 'console.log')}:\n{commands.tail(logs / 'console.log')}"
        )


def _write_maker(layout: Layout, target: Path) -> None:
    """An initramfs that mounts the new system read-only, makes it the root and runs the layout's script there."""
    archive = initramfs.Archive()
    for name in ("bin", "dev", "proc", "sys", "mnt", "modules", "maker", "maker/etc"):
        archive.folder(name)
    archive.console()
    archive.file("bin/busybox", Path("/usr/bin/busybox").read_bytes(), 0o755)
    archive.file("maker/make", f"#!/bin/sh\nset -eu\n. /run/maker/lib\n{layout.settings['make']}".encode(), 0o755)
    for file, text in layout.etc.items():
        for parent in reversed(Path(file).parents[:-1]):
            archive.folder(f"maker/etc/{parent}")
        archive.file(f"maker/etc/{file}", text.encode(), 0o600 if file.endswith(".key") else 0o644)
    order = []
    for module in initramfs.modules_in_load_order([*MAKER_MODULES, *(["ahci", "sd_mod"] if layout.bus == "ata" else [])]):
        archive.file(f"modules/{initramfs.plain_name(module)}", initramfs.module_content(module))
        order.append(initramfs.plain_name(module))
    archive.file("modules/order", "".join(name + "\n" for name in order).encode())
    archive.file("init", (paths.MAKER / "init").read_bytes(), 0o755)
    for name in ("run-make", "lib"):
        archive.file(f"maker/{name}", (paths.MAKER / name).read_bytes(), 0o755)
    archive.write(target)
