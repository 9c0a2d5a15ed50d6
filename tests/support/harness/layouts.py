# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disk layouts: the installed machines that cases boot, one TOML file each in tests/vm/layouts.

How their disks are made is in disks.py, what is installed on them in systems.py; tests/vm/README.md has the keys.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import paths, systems
from .digest import digest

KNOWN = {
    "description", "system", "disks", "maker", "make", "root_uuid", "root_size", "root_type", "passphrase", "key",
    "crypt_uuid", "tpm", "bus", "etc", "expect", "values",
}
MAKERS = ("machine", "partition", "none")


@dataclass(frozen=True)
class Layout:
    name: str
    settings: dict[str, Any]

    @property
    def expect(self) -> dict[str, Any]:
        return self.settings["expect"]

    @property
    def system(self) -> str:
        return self.settings.get("system", "trimmed")

    @property
    def disk_sizes(self) -> list[str]:
        return self.settings["disks"]

    @property
    def bus(self) -> str:
        return self.settings.get("bus", "virtio")

    @property
    def etc(self) -> dict[str, str]:
        """Files of /etc that belong to this machine: name → text."""
        return self.settings.get("etc", {})

    @property
    def values(self) -> dict[str, Any]:
        """What {name} stands for in cases and in this layout's own texts."""
        return {**self.settings, **self.expect, **self.settings.get("values", {})}

    def key(self) -> str:
        own = Path(__file__)
        sources = [paths.LAYOUTS / f"{self.name}.toml", paths.MAKER, *(own.with_name(f"{name}.py") for name in ("disks", "initramfs"))]
        return f"{self.name}-{digest([systems.key(self.system)], sources)}"


def load(name: str) -> Layout:
    file = paths.LAYOUTS / f"{name}.toml"
    if not file.exists():
        known = ", ".join(sorted(path.stem for path in paths.LAYOUTS.glob("*.toml")))
        raise SystemExit(f"harness: no disk layout '{name}': {file} does not exist. Layouts are: {known}.")
    settings = tomllib.loads(file.read_text())
    _refuse_mistakes(file, settings)
    return Layout(name, settings)


def _refuse_mistakes(file: Path, settings: dict[str, Any]) -> None:
    mistakes = [f"unknown key '{key}'" for key in sorted(set(settings) - KNOWN)]
    mistakes += [f"key '{key}' is missing" for key in ("description", "disks", "maker", "expect") if key not in settings]
    if settings.get("maker") not in MAKERS:
        mistakes.append(f"maker = '{settings.get('maker')}' is none of {', '.join(MAKERS)}")
    if (settings.get("maker") == "none") != (settings.get("disks") == []):
        mistakes.append("maker = 'none' is for a layout without disks, and such a layout has no other")
    if settings.get("system", "trimmed") not in systems.KINDS:
        mistakes.append(f"system = '{settings['system']}' is none of {', '.join(systems.KINDS)}")
    if settings.get("maker") == "machine" and "make" not in settings:
        mistakes.append("maker = 'machine' needs the script 'make'")
    if mistakes:
        raise SystemExit(f"harness: {file}: " + "; ".join(mistakes) + ". tests/vm/README.md lists what is allowed.")


def root_of(layout: Layout) -> Path:
    """The installed machine as a folder, for `slipway build --root`: the whole system with the layout's own files."""
    return systems.tree(f"{layout.name}-root", "full", layout.etc)
