# SPDX-License-Identifier: LGPL-2.1-or-later
"""VM cases: one TOML file each in tests/vm/cases (tests/vm/README.md says what may stand in it)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import layouts, paths
from .build import TEST_TARGETS
from .checks import CHECKS
from .qemu import Answer

KNOWN = {
    "description", "layout", "mode", "cmdline", "smoke", "answers", "expect", "forbid", "checks", "end", "deadline",
    "build_arguments", "build_targets", "late",
}
DISKS = ("vda",)  # each layout has one
# Never right, whatever a case is about.
ALWAYS_FORBIDDEN = ["Kernel panic", "Attempted to kill init", "AddressSanitizer"]


@dataclass
class Expected:
    """What the console must show; `between`: the seconds since the initrd's start in which it must come."""

    text: str
    between: tuple[float, float] | None = None


@dataclass
class Case:
    name: str
    description: str
    layout: layouts.Layout
    mode: str
    cmdline: list[str]
    end: str  # "poweroff": the judge or slipway powers off; "emergency": ends when everything expected was seen
    deadline: float
    smoke: bool = False
    answers: list[Answer] = field(default_factory=list)
    expect: list[Expected] = field(default_factory=list)
    forbid: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    build_arguments: list[str] = field(default_factory=list)
    build_targets: list[str] = field(default_factory=list)
    late: dict[str, float] = field(default_factory=dict)  # disk → seconds after the initrd's start


def load_all() -> list[Case]:
    return [load(file) for file in sorted(paths.CASES.glob("*.toml"))]


def load(file: Path) -> Case:
    data = tomllib.loads(file.read_text())
    _refuse_mistakes(file, data)
    layout = layouts.load(data["layout"])
    values = {**layout.settings, **layout.expect, "repo": str(paths.REPO), "build": str(paths.BUILD / TEST_TARGETS)}
    return Case(
        name=file.stem, description=data["description"], layout=layout, mode=data.get("mode", "host"),
        cmdline=[_fill(word, values) for word in data["cmdline"]],
        end=data.get("end", "poweroff"), deadline=float(data.get("deadline", 240)), smoke=data.get("smoke", False),
        answers=[Answer(entry["expect"], _fill(entry["send"], values)) for entry in data.get("answers", [])],
        expect=[_expected(entry, values) for entry in data.get("expect", [])],
        forbid=[*data.get("forbid", []), *ALWAYS_FORBIDDEN], checks=data.get("checks", []),
        build_arguments=[_fill(word, values) for word in data.get("build_arguments", [])],
        build_targets=data.get("build_targets", []), late=data.get("late", {}),
    )


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
    mistakes += [f"unknown check '{name}'" for name in data.get("checks", []) if name not in CHECKS]
    if data.get("end", "poweroff") not in ("poweroff", "emergency"):
        mistakes.append(f"end = '{data['end']}' is neither 'poweroff' nor 'emergency'")
    if data.get("mode", "host") not in ("host", "generic"):
        mistakes.append(f"mode = '{data['mode']}' is neither 'host' nor 'generic'")
    mistakes += [f"late: the layout has no disk '{disk}'" for disk in data.get("late", {}) if disk not in DISKS]
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
