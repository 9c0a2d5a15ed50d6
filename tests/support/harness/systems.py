# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed on the disks: the guest root with the tests' own files, whole or trimmed.

`full` is Debian as it comes. `trimmed` (tests/vm/trimmed) lacks what no case looks at and masks units that only take
time, so that a machine is up in a few seconds; what handles storage is the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from . import commands, paths
from .digest import digest, files_below, locked

KINDS = ("full", "trimmed")
TEST_PROGRAMS = paths.REPO / "tests/bench/stamp.c"
ADDED = "usr/local/lib/slipway-test"
LABEL = "slipway-root"
UUID = "5a1e0000-0000-4000-8000-0000000005e0"  # of the file system that machines copy the system from
SOURCE_SIZE = "1G"


def key(kind: str) -> str:
    """Names a system by all that it is made of."""
    sources = [paths.GUEST_FILES, TEST_PROGRAMS, Path(__file__)]
    return f"{kind}-{digest([paths.guest_root().name], [*sources, paths.TRIMMED] if kind == 'trimmed' else sources)}"


def tree(name: str, kind: str, etc: Mapping[str, str]) -> Path:
    """The system as a folder. Files are hard links to the guest root: it costs next to nothing, and nothing may write."""
    target = paths.CACHE / "roots" / f"{name}-{digest([key(kind), *(f'{file}={text}' for file, text in etc.items())])}"
    with locked(paths.CACHE / "roots" / f"{name}.lock"):
        if not target.exists():
            building = fresh(target.with_name(f".building-{name}"))
            subprocess.run(["cp", "-al", paths.guest_root(), building], check=True)
            lay_over(paths.GUEST_FILES, building)
            if kind == "trimmed":
                _trim(building)
            for file, text in etc.items():
                _write(building / "etc" / file, text)
            _compile_test_programs(building / ADDED)
            building.rename(target)
        used(target)
    return target


def source_disk(kind: str) -> Path:
    """An ext4 file system with the system, read-only for everybody: machines copy it to the disks that they make."""
    target = paths.DISKS / f"source-{key(kind)}.ext4"
    with locked(paths.DISKS / f"source-{kind}.lock"):
        if not target.exists():
            building = fresh(target.with_name(f".building-source-{kind}.ext4"))
            make_ext4(tree(f"source-{kind}", kind, {}), building, UUID, SOURCE_SIZE)
            building.rename(target)
        used(target)
    return target


def make_ext4(root: Path, image: Path, uuid: str, size: str, offset: int = 0) -> None:
    """`offset` in bytes."""
    commands.run(
        ["mke2fs", "-q", "-t", "ext4", "-d", root, "-U", uuid, "-L", LABEL,
         "-E", f"offset={offset},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0", "-F", image, size],
        paths.LOGS / "disks" / f"{image.name}-mke2fs.log",
    )


def _trim(root: Path) -> None:
    for pattern in _entries(paths.TRIMMED / "exclude"):
        for path in root.glob(pattern.lstrip("/")):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    _trim_modules(root)
    for unit in _entries(paths.TRIMMED / "masked"):
        link = root / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")


def _trim_modules(root: Path) -> None:
    """Leaves those of the list and what they need, and an index that names no others."""
    folder = root / "usr/lib/modules" / paths.kernel_version()
    needs = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        file, _, rest = line.partition(":")
        needs[file] = rest.split()
    wanted = tuple(f"kernel/{prefix}" for prefix in _entries(paths.TRIMMED / "modules"))
    kept = {file for file in needs if file.startswith(wanted)}
    kept.update(need for file in list(kept) for need in needs[file])
    for path in files_below([folder / "kernel"]):
        if str(path.relative_to(folder)) not in kept:
            path.unlink()
    for index in [*folder.glob("modules.*.bin"), folder / "modules.dep"]:
        index.unlink()  # depmod must not write through a hard link into the guest root
    subprocess.run(["depmod", "-b", root, paths.kernel_version()], check=True)


def _entries(file: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line]


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # never write through a hard link into the guest root
    target.write_text(text)
    # As a system would have them: crypttab's key files are nobody's business.
    target.chmod(0o600 if target.suffix == ".key" else 0o644)


def lay_over(source: Path, destination: Path) -> None:
    for path in sorted(source.rglob("*")):
        target = destination / path.relative_to(source)
        if path.is_dir():
            target.mkdir(exist_ok=True)
            continue
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _compile_test_programs(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["gcc", "-static", "-O2", "-Wall", "-Werror", "-o", str(folder / "stamp"), str(TEST_PROGRAMS)], check=True
    )


def fresh(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    return path


def used(path: Path) -> None:
    """Marks a cached thing as used, and removes those of the same name that no run has used for a day."""
    os.utime(path)
    paths.remove_unused(path.parent, days=1, prefix=path.name.rpartition("-")[0] + "-")
