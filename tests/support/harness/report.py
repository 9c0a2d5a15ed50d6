# SPDX-License-Identifier: LGPL-2.1-or-later
"""The judge's report: what the booted root said about itself (tests/vm/guest/usr/local/lib/slipway-test/judge)."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .network import Network


@dataclass
class Section:
    text: str
    status: int

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]


@dataclass
class JudgeReport:
    sections: dict[str, Section] = field(default_factory=dict)
    complete: bool = False
    # Seen from outside:
    plugged: float | None = None  # when the last late disk was plugged in, in seconds since the initrd's start
    power_off: float | None = None  # seconds from the judge's end to the power-off or the reboot
    record: Path | None = None  # what slipway recorded, as the judge handed it out
    # What the case wants:
    within: tuple[float, float] | None = None  # seconds from PID 1's start to the real init
    power_off_within: float = 60  # seconds
    network: Network | None = None
    untouched: list[str] = field(default_factory=list)  # units that must not have been started
    degraded: list[str] = field(default_factory=list)  # arrays, groups, file systems that must lack a member
    failing_units: list[str] = field(default_factory=list)  # of the host: what must fail by its own configuration

    def __getitem__(self, name: str) -> Section:
        return self.sections.get(name, Section("", -1))

    def json(self, name: str) -> Any:
        try:
            return json.loads(self[name].text)
        except json.JSONDecodeError:
            return {}


def parse(text: str) -> JudgeReport:
    report = JudgeReport()
    name, collected = "", []
    for line in text.replace("\r", "").splitlines():
        if found := re.fullmatch(r"@@begin (\S+)", line):
            name, collected = found[1], []
        # The output before may lack its newline: the end mark then stands behind it.
        elif found := re.fullmatch(r"(.*)@@end (\S+) (\d+)", line):
            collected += [found[1]] if found[1] else []
            report.sections[found[2]] = Section("\n".join(collected), int(found[3]))
            name = ""
        elif line == "@@complete":
            report.complete = True
        elif name:
            collected.append(line)
    return report


def save_record(report: JudgeReport, target: Path) -> Path | None:
    """Unpacks /run/slipway/record.txt, which travels compressed; None if there is none or it did not arrive whole."""
    section = report["record"]
    if section.status != 0:
        return None
    try:
        target.write_bytes(gzip.decompress(base64.b64decode(section.text)))
    except (binascii.Error, zlib.error, EOFError, OSError):
        return None
    return target
