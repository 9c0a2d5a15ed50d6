# SPDX-License-Identifier: LGPL-2.1-or-later
"""An image that dracut makes, for slipway to be compared with: in a Debian root with dracut (images/sandbox/recipe/dracut),
for the kernel of the machines that boot it."""

from __future__ import annotations

import re
from pathlib import Path

from . import commands, paths, systems
from .digest import digest, locked

# For any machine, as dracut cannot look at the one that will boot it; what it has to boot from is said.
ARGUMENTS = ["--force", "--no-hostonly", "--add", "network nfs iscsi"]
# $1: the root, $2: the modules of the kernel, $3: its version, $4: the image; then dracut's arguments.
SCRIPT = """
root=$1 modules=$2 version=$3 image=$4
shift 4
for name in dev proc sys; do mount --rbind "/$name" "$root/$name"; done
for name in run tmp var/tmp; do mount -t tmpfs tmpfs "$root/$name"; done
mount --bind "$modules" "$root/usr/lib/modules"
chroot "$root" dracut "$@" --kver "$version" /tmp/image
cp "$root/tmp/image" "$image"
chroot "$root" lsinitrd --mod /tmp/image
"""


def image(log: Path) -> tuple[Path, str]:
    """Made once. Besides, in words, which version it is and which of its networking modules are in."""
    root, version = paths.dracut_root(), paths.kernel_version()
    target = paths.DISKS / f"peer-{digest([root.name, paths.guest_root().name, version], [Path(__file__)])}"
    with locked(paths.DISKS / "peer.lock"):
        if not target.exists():
            building = systems.fresh(target.with_name(".building-peer"))
            building.mkdir(parents=True)
            modules = paths.guest_root() / "usr/lib/modules"
            words = [root, modules, version, building / "image", *ARGUMENTS]
            # A namespace of its own: the mounts end with it, and the sandbox lets none of them out.
            commands.run(["unshare", "--mount", "--propagation", "unchanged", "sh", "-euc", SCRIPT, "dracut", *words], log)
            (building / "log").write_bytes(log.read_bytes())
            building.rename(target)
        systems.used(target)
    return target / "image", f"{_version(root)} with {_networking((target / 'log').read_text(errors='replace'))}"


def _version(root: Path) -> str:
    found = re.search(r"^Package: dracut-core\n(?:.+\n)*?Version: (.*)$", (root / "var/lib/dpkg/status").read_text(), re.MULTILINE)
    return f"dracut {found[1] if found else 'of an unknown version'}"


def _networking(log: str) -> str:
    """Of what its module `network` has chosen from."""
    names = set(re.findall(r"^(connman|network-legacy|network-manager|systemd-networkd)$", log, re.MULTILINE))
    return " and ".join(sorted(names)) or "no networking that is known here"
