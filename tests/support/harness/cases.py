# SPDX-License-Identifier: LGPL-2.1-or-later
"""VM cases: one TOML file each in tests/vm/cases (tests/vm/README.md says what may stand in it)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import layouts, live, network, paths, shares
from .build import TEST_TARGETS
from .checks import BUNDLES, CHECKS
from .qemu import BUSES, Answer

KNOWN = {
    "description", "layout", "mode", "cmdline", "smoke", "answers", "expect", "forbid", "checks", "end", "deadline",
    "build_arguments", "build_targets", "late", "absent", "copies", "besides", "buses", "damage", "within", "untouched",
    "degraded", "failing_units", "find_secret", "hibernates", "host", "network", "client_nic", "event", "power_off_within",
    "judge", "share", "image_below", "unwritten", "live", "lacks", "silent",
}
DISKS = ("vda", "vdb", "vdc", "vdd", "vde", "vdf")  # of the layout, in their order, whatever bus they are on
ENDS = ("poweroff", "reboot", "emergency")
# Never right, whatever a case is about.
ALWAYS_FORBIDDEN = ["Kernel panic", "Attempted to kill init", "AddressSanitizer"]


@dataclass
class Expected:
    """What the console must show; `between`: the seconds since the initrd's start in which it must come."""

    text: str
    between: tuple[float, float] | None = None


@dataclass
class Damage:
    """Zeroes written over a disk before the machine starts."""

    disk: str
    at: int  # bytes
    bytes: int


@dataclass
class Case:
    name: str
    description: str
    layout: layouts.Layout
    mode: str
    cmdline: list[str]
    # "poweroff": the judge or slipway powers off; "reboot": the judge has the machine start again; "emergency": ends
    # when everything expected was seen.
    end: str
    deadline: float
    smoke: bool = False
    answers: list[Answer] = field(default_factory=list)
    expect: list[Expected] = field(default_factory=list)
    forbid: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    build_arguments: list[str] = field(default_factory=list)
    build_targets: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)  # drivers of the machine's hardware that a host image is made without
    late: dict[str, float] = field(default_factory=dict)  # disk → seconds after the initrd's start
    absent: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)  # disks that are attached twice, as two disks
    besides: list[layouts.Layout] = field(default_factory=list)  # whose disks are attached behind the layout's own
    buses: dict[str, str] = field(default_factory=dict)  # disk → bus
    # Bus → when one more disk, which never answers, is plugged in there: seconds after the initrd's start. The firmware
    # would wait for it.
    silent: dict[str, float] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)  # disks to which the machine must write nothing at all
    within: tuple[float, float] | None = None  # seconds from PID 1's start to the real init
    untouched: list[str] = field(default_factory=list)  # units that must not have been started
    degraded: list[str] = field(default_factory=list)  # arrays, groups, file systems that must lack a member
    failing_units: list[str] = field(default_factory=list)  # of the host: what must fail by its own configuration
    find_secret: str = ""  # must be in the guest's memory while it is typed, and not after the switch
    hibernates: bool = False
    network: network.Network | None = None
    shares: list[dict[str, Any]] = field(default_factory=list)  # folders that the host shares: type, tag, and what is laid over
    is_brief: bool = False  # the judge runs in place of the real init
    power_off_within: float = 60  # seconds, for the check power_off
    image_below: float | None = None  # MB (10^6 bytes) that the image must not reach
    live: list[str] = field(default_factory=list)  # the program in tests/vm/live that looks at the boot, and its words
    host: dict[str, Any] = field(default_factory=dict)  # replaces what the layout expects of the booted root

    @property
    def world(self) -> paths.World:
        return paths.NETWORK if self.network else paths.LOCAL

    @property
    def judged_layout(self) -> layouts.Layout:
        expect = {**self.layout.expect, **self.host}
        return layouts.Layout(self.layout.name, {**self.layout.settings, "expect": expect})


def load_all() -> list[Case]:
    return [load(file) for file in sorted(paths.CASES.glob("*.toml"))]


def load(file: Path) -> Case:
    data = tomllib.loads(file.read_text())
    _refuse_mistakes(file, data)
    with paths.world(paths.NETWORK if "network" in data else paths.LOCAL):
        return _read(file, data)


def _read(file: Path, data: dict[str, Any]) -> Case:
    layout = layouts.load(data["layout"])
    values = {
        **layout.values, "repo": str(paths.REPO), "build": str(paths.BUILD / TEST_TARGETS),
        "system": str(layouts.root_of(layout)) if "{system}" in file.read_text() else "",
        "stage": str(paths.stage()) if "{stage}" in file.read_text() else "",
    }
    return Case(
        name=file.stem, description=data["description"], layout=layout, mode=data.get("mode", "host"),
        cmdline=[_fill(word, values) for word in data["cmdline"]],
        end=data.get("end", "poweroff"), deadline=float(data.get("deadline", 240)), smoke=data.get("smoke", False),
        answers=[Answer(entry["expect"], _fill(entry["send"], values)) for entry in data.get("answers", [])],
        expect=[_expected(entry, values) for entry in data.get("expect", [])],
        forbid=[*data.get("forbid", []), *ALWAYS_FORBIDDEN], checks=_checks(data),
        build_arguments=[_fill(word, values) for word in data.get("build_arguments", [])],
        build_targets=data.get("build_targets", []), lacks=data.get("lacks", []), silent=data.get("silent", {}), late=data.get("late", {}),
        absent=data.get("absent", []),
        copies=data.get("copies", []), besides=[layouts.load(name) for name in data.get("besides", [])],
        buses=data.get("buses", {}), damage=[Damage(**entry) for entry in data.get("damage", [])],
        within=tuple(data["within"]) if "within" in data else None, untouched=data.get("untouched", []),
        degraded=data.get("degraded", []), failing_units=data.get("failing_units", []), unwritten=data.get("unwritten", []),
        find_secret=_fill(data.get("find_secret", ""), values),
        hibernates=data.get("hibernates", False), host=data.get("host", {}),
        is_brief=data.get("judge") == "brief", network=network.parse(data), shares=_shares(data, values),
        power_off_within=data.get("power_off_within", 60), image_below=data.get("image_below"),
        live=[_fill(word, values) for word in data.get("live", [])],
    )


def _checks(data: dict[str, Any]) -> list[str]:
    """With the bundles opened."""
    return [name for entry in data.get("checks", []) for name in BUNDLES.get(entry, [entry])]


def _shares(data: dict[str, Any], values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**entry, "over": [_fill(name, values) for name in entry.get("over", [])]} for entry in data.get("share", [])]


def _expected(entry: str | dict[str, Any], values: dict[str, Any]) -> Expected:
    if isinstance(entry, str):
        return Expected(_fill(entry, values))
    earliest, latest = entry["between"]
    return Expected(_fill(entry["text"], values), (earliest, latest))


def _fill(text: str, values: dict[str, Any]) -> str:
    """{root_uuid} and the like, from the layout; other braces belong to an expression."""
    return re.sub(r"\{([a-z]\w*(?:\.\w+)*)\}", lambda found: _value(found[1], values), text)


def _value(name: str, values: dict[str, Any]) -> str:
    value: Any = values
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            raise SystemExit(f"harness: a VM case uses {{{name}}}, which its layout does not set.")
        value = value[part]
    return str(value)


def _is_expectation(entry: Any) -> bool:
    if isinstance(entry, str):
        return True
    return isinstance(entry, dict) and set(entry) == {"text", "between"} and len(entry["between"]) == 2


def _refuse_mistakes(file: Path, data: dict[str, Any]) -> None:
    mistakes = [f"unknown key '{key}'" for key in sorted(set(data) - KNOWN)]
    mistakes += [f"key '{key}' is missing" for key in ("description", "layout", "cmdline") if key not in data]
    mistakes += [f"unknown check '{name}'" for name in _checks(data) if name not in CHECKS]
    if data.get("end", "poweroff") not in ENDS:
        mistakes.append(f"end = '{data['end']}' is none of {', '.join(ENDS)}")
    if data.get("end") == "reboot" and ("network" not in data or "judge" in data):
        mistakes.append("end = 'reboot' needs a case with a network whose judge is not brief")
    if data.get("mode", "host") not in ("host", "generic"):
        mistakes.append(f"mode = '{data['mode']}' is neither 'host' nor 'generic'")
    named = [*data.get("late", {}), *data.get("absent", []), *data.get("copies", []), *data.get("buses", {}), *data.get("unwritten", [])]
    named += [entry["disk"] for entry in data.get("damage", [])]
    mistakes += [f"there is no disk '{disk}'" for disk in named if disk not in DISKS]
    mistakes += [f"there is no bus '{bus}'" for bus in [*data.get("buses", {}).values(), *data.get("silent", {})] if bus not in BUSES]
    mistakes += network.mistakes(data, DISKS) + shares.mistakes(data)
    mistakes += [f"there is no program {live.program(name)}" for name in data.get("live", [])[:1] if not live.program(name).exists()]
    if data.get("judge", "brief") != "brief" or ("judge" in data and "network" not in data):
        mistakes.append("judge can only be 'brief', in a case with a network")
    if "late" in data.get("checks", []) and not data.get("late"):
        mistakes.append("the check 'late' needs a late disk")
    mistakes += [
        f"expect: {entry} is neither a text nor {{ text, between = [earliest, latest] }}"
        for entry in data.get("expect", []) if not _is_expectation(entry)
    ]
    if data.get("end") == "emergency" and data.get("checks"):
        mistakes.append("a case that ends in the emergency has no report to check")
    if mistakes:
        raise SystemExit(f"harness: {file}: " + "; ".join(mistakes) + ". tests/vm/README.md lists what is allowed.")
