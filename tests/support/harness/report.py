# SPDX-License-Identifier: LGPL-2.1-or-later
"""The judge's report: what the booted root said about itself (tests/vm/guest/usr/local/lib/slipway-test/judge)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any


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
