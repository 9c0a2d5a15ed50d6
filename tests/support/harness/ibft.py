# SPDX-License-Identifier: LGPL-2.1-or-later
"""The firmware's table for booting from iSCSI (iBFT 1.03), as QEMU hands it to a machine.

Offsets count from the table's begin, where the ACPI header is: QEMU writes its first 36 bytes, the body begins behind.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

HEADER = 36
BODY_BEGIN = 48  # of the first structure
CONTROL, INITIATOR, NIC, TARGET = 1, 2, 3, 4
VALID_AND_CHOSEN = 0b11
MANUAL, DHCP = 1, 3  # where an address is from
NO_CHAP, CHAP, MUTUAL_CHAP = 0, 1, 2
LENGTHS = {CONTROL: 18, INITIATOR: 74, NIC: 102, TARGET: 54}


@dataclass(frozen=True)
class Boot:
    """What a firmware that has booted from iSCSI tells. Addresses are of IPv4."""

    initiator: str
    mac: str
    slot: int  # of the card on PCI bus 0
    address: str  # with the length of its prefix
    gateway: str
    is_dhcp: bool
    server: str
    port: int
    target: str
    lun: int
    chap: tuple[str, ...] = ()  # as of a target in a case


class _Strings:
    """Behind the structures, each with its length and its offset."""

    def __init__(self, begin: int) -> None:
        self._begin, self.data = begin, b""

    def add(self, text: str) -> tuple[int, int]:
        if not text:
            return 0, 0
        offset = self._begin + len(self.data)
        self.data += text.encode() + b"\0"
        return len(text), offset


def body(boot: Boot) -> bytes:
    """The table without the first HEADER bytes."""
    offsets, position = {}, BODY_BEGIN
    for kind, length in LENGTHS.items():
        offsets[kind] = position
        position = _aligned(position + length)
    strings = _Strings(position)
    structures = {
        CONTROL: struct.pack("<6H", 0, offsets[INITIATOR], offsets[NIC], offsets[TARGET], 0, 0),
        INITIATOR: bytes(64) + struct.pack("<2H", *strings.add(boot.initiator)),
        NIC: _nic(boot),
        TARGET: _target(boot, strings),
    }
    data = bytes(BODY_BEGIN - HEADER)
    for kind, content in structures.items():
        data = data.ljust(offsets[kind] - HEADER, b"\0")
        assert len(content) + 6 == LENGTHS[kind]
        flags = 0 if kind == CONTROL else VALID_AND_CHOSEN
        data += struct.pack("<BBHBB", kind, 1, LENGTHS[kind], 0, flags) + content
    return data.ljust(position - HEADER, b"\0") + strings.data


def _nic(boot: Boot) -> bytes:
    interface = ipaddress.ip_interface(boot.address)
    data = _mapped(str(interface.ip)) + struct.pack("BB", interface.network.prefixlen, DHCP if boot.is_dhcp else MANUAL)
    data += _mapped(boot.gateway) + bytes(32) + (_mapped(boot.server) if boot.is_dhcp else bytes(16))
    return data + struct.pack("<H", 0) + bytes.fromhex(boot.mac.replace(":", "")) + struct.pack("<3H", boot.slot << 3, 0, 0)


def _target(boot: Boot, strings: _Strings) -> bytes:
    kind = {0: NO_CHAP, 2: CHAP, 4: MUTUAL_CHAP}[len(boot.chap)]
    data = _mapped(boot.server) + struct.pack("<H", boot.port) + struct.pack(">H", boot.lun) + bytes(6)
    data += struct.pack("BB", kind, 0)
    for text in (boot.target, *boot.chap, *[""] * (4 - len(boot.chap))):
        data += struct.pack("<2H", *strings.add(text))
    return data


def _mapped(address: str) -> bytes:
    return bytes(10) + b"\xff\xff" + ipaddress.IPv4Address(address).packed if address else bytes(16)


def _aligned(position: int) -> int:
    return (position + 7) & ~7
