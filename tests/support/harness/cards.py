# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network cards of a machine: virtio, each on a port of the server's networks or on nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FIRST_SLOT = 0x10  # on PCI, which makes their predictable names enp0s16, enp0s17, …
MODULES = ("virtio_pci", "virtio_net")


@dataclass(frozen=True)
class Card:
    mac: str
    port: Path | None = None  # a unix socket; None: no cable
    is_plugged: bool = True  # the cable can be plugged in later


def name(number: int) -> str:
    """As QEMU's monitor knows it."""
    return f"nic{number}"


def arguments(cards: Sequence[Card]) -> list[str]:
    words = []
    for number, card in enumerate(cards):
        if card.port:
            words += ["-netdev", f"stream,id=net{number},server=off,addr.type=unix,addr.path={card.port}"]
        else:
            words += ["-netdev", f"hubport,id=net{number},hubid={number}"]
        slot = f"addr={FIRST_SLOT + number:#x}"
        words += ["-device", f"virtio-net-pci,id={name(number)},netdev=net{number},mac={card.mac},{slot},romfile="]
    return words
