# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network of a VM case: what the server offers, the client's cards, and what happens meanwhile.

Case files say it in [network], [[client_nic]] and [[event]] (tests/vm/README.md); here it becomes the script that makes
the server ready, whose words are in tests/vm/server/lib.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any

from . import ibft
from .agenda import Event
from .cards import FIRST_SLOT
from .server import NETWORKS, PORTS

SERVICES = ("dhcp", "nfs", "iscsi")
ROUTER_ADVERTISEMENTS = ("slaac", "stateful")
KEYS = ("networks", "dhcp", "vlans", "exports", "read_only", "targets", "hostile_portals", "start_after", "firmware")
ISCSI_PORT = 3260
# What tests/vm/server/hostile-portal.c answers to a login.
HOSTILE_ANSWERS = ("garbage", "overlong", "malformed", "words", "silence")
SHORTEST_LEASE = 120  # seconds; dnsmasq grants no shorter one
# dnsmasq: no DNS, its interfaces may come later, and it does not first ping for 3 s what it is about to give away.
DHCP_ALWAYS = """port=0
user=root
bind-dynamic
no-ping
dhcp-authoritative
log-dhcp
log-facility=/run/dnsmasq.log
dhcp-leasefile=/run/dnsmasq.leases
"""


@dataclass(frozen=True)
class Dhcp:
    """What is given out on one network."""

    root_path: str = ""  # option 17; with `ipv6` and no `ipv4` the URL of the boot file
    next_server: str = ""
    hostname: str = ""
    lease: int = 600  # seconds
    ipv4: bool = True
    ipv6: str = ""  # one of ROUTER_ADVERTISEMENTS
    router: bool = True  # whether the server is the default router
    options: tuple[str, ...] = ()  # more lines of dnsmasq.conf


@dataclass(frozen=True)
class Target:
    """An iSCSI target. `disks`: of the layout, by name; its LUNs, in this order."""

    name: str
    network: str
    disks: tuple[str, ...]
    chap: tuple[str, ...] = ()  # user, password, and for mutual CHAP the target's own user and password
    address: str = ""  # of the server; empty: its first on the network
    first_lun: int = 0

    @property
    def portal(self) -> str:
        """Its address."""
        return self.address or addresses(self.network)[0].partition("/")[0]


@dataclass(frozen=True)
class Nic:
    mac: str
    network: str = ""  # empty: a card that is connected with nothing
    plugged: bool = True  # otherwise its link is down from the start


@dataclass(frozen=True)
class Firmware:
    """The machine's firmware says that it has booted from a target, with the client's first card."""

    target: str
    initiator: str
    address: str = "192.168.50.101/24"
    gateway: str = ""
    dhcp: bool = False  # whether the address came from there


@dataclass(frozen=True)
class Network:
    networks: tuple[str, ...]
    nics: tuple[Nic, ...]
    dhcp: dict[str, Dhcp] = field(default_factory=dict)  # by network
    vlans: dict[str, int] = field(default_factory=dict)  # network → number: the server is only on this VLAN of it
    exports: dict[str, str] = field(default_factory=dict)  # folder of the server → disk of the layout
    read_only: tuple[str, ...] = ()  # of the exports
    targets: tuple[Target, ...] = ()
    hostile_portals: dict[str, int] = field(default_factory=dict)  # one of HOSTILE_ANSWERS → port
    events: tuple[Event, ...] = ()
    start_after: dict[str, float] = field(default_factory=dict)  # service → seconds after the initrd began

    firmware: Firmware | None = None

    @property
    def served(self) -> list[str]:
        """The disks that are the server's, not the client's own."""
        return [*self.exports.values(), *(disk for target in self.targets for disk in target.disks)]

    def agenda(self) -> list[Event]:
        return [*self.events, *(Event(after=after, server=f"start {name}") for name, after in self.start_after.items())]

    def ibft(self) -> bytes | None:
        """The body of the firmware's table."""
        if self.firmware is None:
            return None
        firmware, target = self.firmware, next(target for target in self.targets if target.name == self.firmware.target)
        return ibft.body(ibft.Boot(
            firmware.initiator, self.nics[0].mac, FIRST_SLOT, firmware.address, firmware.gateway, firmware.dhcp,
            target.portal, ISCSI_PORT, target.name, target.first_lun, target.chap,
        ))

    def ports(self) -> list[int]:
        """The port of its network that each card is connected to."""
        return [sum(nic.network == other.network for other in self.nics[:index]) for index, nic in enumerate(self.nics)]

    def script(self) -> str:
        """Makes the server ready for this case."""
        words = []
        for name in self.networks:
            words += [f"vlan {name} {self.vlans[name]}"] if name in self.vlans else []
            words.append(shlex.join(["address", self._interface(name), *addresses(name)]))
        for folder, disk in self.exports.items():
            words.append(shlex.join(["export_disk", folder, disk, "ro" if folder in self.read_only else "rw"]))
        for target in self.targets:
            words += _target_words(target)
        words += [f"hostile_portal {port} {answer}" for answer, port in self.hostile_portals.items()]
        if self.dhcp:
            words += ["cat >/run/dnsmasq.conf <<'END'", self.dnsmasq_config() + "END"]
        words += [f"start {name}" for name in SERVICES if self._offers(name) and name not in self.start_after]
        return "\n".join(words) + "\n"

    def dnsmasq_config(self) -> str:
        text = DHCP_ALWAYS
        for name, offer in self.dhcp.items():
            text += f"interface={self._interface(name)}\n" + "".join(f"{line}\n" for line in _offer_lines(name, offer))
        return text

    def _offers(self, service: str) -> bool:
        return bool({"dhcp": self.dhcp, "nfs": self.exports, "iscsi": self.targets}[service])

    def _interface(self, network: str) -> str:
        return f"{network}.{self.vlans[network]}" if network in self.vlans else network


def addresses(network: str) -> list[str]:
    """The server's own: three of IPv4, so that a case can tell which one a client went to."""
    number = NETWORKS[network]
    return [*(f"192.168.{number}.{last}/24" for last in (1, 2, 3)), f"fd00:{number}::1/64"]


def _target_words(target: Target) -> list[str]:
    words = [["target", target.name, *target.chap]]
    words += [["lun", target.name, str(number), disk] for number, disk in enumerate(target.disks, target.first_lun)]
    words.append(["portal", target.name, f"{target.portal}:{ISCSI_PORT}"])
    return [shlex.join(line) for line in words]


def _offer_lines(network: str, offer: Dhcp) -> list[str]:
    number, lines = NETWORKS[network], []
    if offer.ipv4:
        lines.append(f"dhcp-range=set:{network},192.168.{number}.100,192.168.{number}.150,255.255.255.0,{offer.lease}")
    if offer.ipv6:
        lines.append("enable-ra")
        span = f"fd00:{number}::,ra-only" if offer.ipv6 == "slaac" else f"fd00:{number}::100,fd00:{number}::1ff"
        lines.append(f"dhcp-range=set:{network},{span},64,{offer.lease}")
    if not offer.router:
        lines.append(f"dhcp-option=tag:{network},3")
    if offer.root_path:
        option = f"17,{_quoted(offer.root_path)}" if offer.ipv4 else f"option6:59,{_quoted(offer.root_path)}"
        lines.append(f"dhcp-option=tag:{network},{option}")
    if offer.next_server:
        lines.append(f"dhcp-boot=tag:{network},boot,,{offer.next_server}")
    if offer.hostname:
        lines.append(f"dhcp-option-force=tag:{network},12,{_quoted(offer.hostname)}")
    return [*lines, *offer.options]


def _quoted(text: str) -> str:
    """So that dnsmasq sends it as it is, whatever its characters mean elsewhere in the configuration."""
    for character, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, written)
    return f'"{text}"'


def parse(data: dict[str, Any]) -> Network | None:
    """The tables of a case file, after `mistakes` found none; None: a case without a network."""
    if "network" not in data:
        return None
    table = data["network"]
    targets = [
        Target(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for entry in table.get("targets", [])
    ]
    return Network(
        networks=tuple(table.get("networks", ["lan"])), nics=tuple(Nic(**nic) for nic in data["client_nic"]),
        dhcp={name: _dhcp(offer) for name, offer in table.get("dhcp", {}).items()}, vlans=table.get("vlans", {}),
        exports=table.get("exports", {}), read_only=tuple(table.get("read_only", [])), targets=tuple(targets),
        hostile_portals=table.get("hostile_portals", {}),
        firmware=Firmware(**table["firmware"]) if "firmware" in table else None,
        events=tuple(Event(**event) for event in data.get("event", [])), start_after=table.get("start_after", {}),
    )


def _dhcp(offer: dict[str, Any]) -> Dhcp:
    return Dhcp(**{key: tuple(value) if isinstance(value, list) else value for key, value in offer.items()})


def mistakes(data: dict[str, Any], disks: tuple[str, ...]) -> list[str]:
    """Of the tables; `disks`: the names that a layout's disks can have."""
    table, nics = data.get("network"), data.get("client_nic", [])
    if table is None:
        return [f"'{key}' needs [network]" for key in ("client_nic", "event") if key in data]
    found = _unknown("network", table, KEYS)
    found += [] if nics else ["a case with [network] needs at least one [[client_nic]]"]
    for entries, kind, keys in (
        (nics, "client_nic", Nic), (table.get("targets", []), "targets", Target),
        (table.get("dhcp", {}).values(), "dhcp", Dhcp), (data.get("event", []), "event", Event),
        ([table["firmware"]] if "firmware" in table else [], "firmware", Firmware),
    ):
        for entry in entries:
            found += _unknown(kind, entry, tuple(keys.__dataclass_fields__))
    found += [f"there is no network '{name}'" for name in _named_networks(table, nics) if name not in NETWORKS]
    found += [f"there is no service '{name}'" for name in table.get("start_after", {}) if name not in SERVICES]
    named = [*table.get("exports", {}).values(), *(disk for entry in table.get("targets", []) for disk in entry.get("disks", []))]
    found += [f"there is no disk '{disk}'" for disk in named if disk not in disks]
    return found + _value_mistakes(table, nics, data.get("event", []))


def _value_mistakes(table: dict[str, Any], nics: list[dict[str, Any]], events: list[dict[str, Any]]) -> list[str]:
    found = []
    for name in NETWORKS:
        if sum(nic.get("network") == name for nic in nics) > PORTS:
            found.append(f"more than {PORTS} cards are on the network '{name}'")
    for offer in table.get("dhcp", {}).values():
        if offer.get("ipv6", "") not in ("", *ROUTER_ADVERTISEMENTS):
            found.append(f"ipv6 = '{offer['ipv6']}' is none of {', '.join(ROUTER_ADVERTISEMENTS)}")
        if offer.get("lease", SHORTEST_LEASE) < SHORTEST_LEASE:
            found.append(f"a lease is at least {SHORTEST_LEASE} s")
    for answer in table.get("hostile_portals", {}):
        if answer not in HOSTILE_ANSWERS:
            found.append(f"a hostile portal's answer '{answer}' is none of {', '.join(HOSTILE_ANSWERS)}")
    found += ["a client_nic needs a mac" for nic in nics if "mac" not in nic]
    targets = [entry.get("name") for entry in table.get("targets", [])]
    if "firmware" in table and table["firmware"].get("target") not in targets:
        found.append("firmware needs one of the targets")
    for event in events:
        if ("nic" in event) == ("server" in event):
            found.append("an event is either of a nic or of the server")
        if event.get("nic", 0) >= max(1, len(nics)):
            found.append(f"there is no nic {event['nic']}")
    return found


def _named_networks(table: dict[str, Any], nics: list[dict[str, Any]]) -> list[str]:
    named = [*table.get("networks", []), *table.get("dhcp", {}), *table.get("vlans", {})]
    named += [entry.get("network", "") for entry in table.get("targets", [])]
    return [*named, *(nic["network"] for nic in nics if nic.get("network"))]


def _unknown(kind: str, entry: dict[str, Any], known: tuple[str, ...]) -> list[str]:
    return [f"unknown key '{key}' in {kind}" for key in sorted(set(entry) - set(known))]
