# SPDX-License-Identifier: LGPL-2.1-or-later
"""/run/slipway/timeline.json: what PID 1 of the initrd did and when. All times are CLOCK_MONOTONIC in microseconds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .terminal import Screen

BAR = 46
NAME = 32
VISIBLE = 0.01  # of the whole: shorter steps are not drawn


@dataclass
class Step:
    unit: str
    operation: str
    start: float  # seconds since PID 1 started
    seconds: float
    outcome: str
    waited: float  # seconds of it in which a person was asked


@dataclass
class Timeline:
    total: float
    steps: list[Step]
    start: float  # of PID 1, in seconds since the kernel's

    @property
    def waited(self) -> float:
        return sum(step.waited for step in self.steps)


class BadTimeline(Exception):
    pass


def parse(text: str) -> Timeline:
    try:
        data = json.loads(text)
        if data["version"] != 1:
            raise BadTimeline(f"version {data['version']} is not 1")
        begin = data["init_start_us"]
        steps = [_step(entry, begin) for entry in data["steps"]]
        timeline = Timeline((data["switch_root_us"] - begin) / 1e6, steps, begin / 1e6)
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadTimeline(f"{type(error).__name__}: {error}") from error
    if timeline.total <= 0:
        raise BadTimeline("the switch is not behind PID 1's start")
    for step in steps:
        if step.start < 0 or step.seconds < 0 or step.start + step.seconds > timeline.total + 0.001:
            raise BadTimeline(f"step {step.unit} {step.operation} lies outside of the boot")
    return timeline


def _step(entry: dict[str, Any], begin: int) -> Step:
    return Step(
        entry["unit"], entry["operation"], (entry["start_us"] - begin) / 1e6,
        (entry["end_us"] - entry["start_us"]) / 1e6, entry["outcome"], entry.get("prompt_us", 0) / 1e6,
    )


def chart(timeline: Timeline, screen: Screen) -> list[str]:
    """One line per step: when it ran, on one scale for all. What is too short to be seen is only counted."""
    steps = [step for step in timeline.steps if step.seconds >= timeline.total * VISIBLE or step.outcome != "done"]
    name_width = max([len(_title(step)) for step in steps] + [10])
    lines = []
    for step in sorted(steps, key=lambda step: (step.start, step.unit)):
        begin = min(int(step.start / timeline.total * BAR), BAR - 1)
        length = min(max(1, round(step.seconds / timeline.total * BAR)), BAR - begin)
        style = {"done": "green", "failed": "red"}.get(step.outcome, "yellow")
        bar = "·" * begin + screen.paint(style, "█" * length) + "·" * (BAR - begin - length)
        note = "" if step.outcome == "done" else f"  {step.outcome}"
        if step.waited > 0:
            note += f"  ({step.waited:.2f} s of it waiting for the passphrase)"
        lines.append(f"  {_title(step):<{name_width}} {step.seconds:7.3f} s │{bar}│{note}")
    if hidden := len(timeline.steps) - len(steps):
        lines.append(f"  … and {hidden} jobs shorter than {timeline.total * VISIBLE * 1000:.0f} ms")
    return lines


def _title(step: Step) -> str:
    """Units by their name, the other operations by what they are; a modalias would fill the line."""
    return step.unit if len(step.unit) <= NAME else step.unit[: NAME - 1] + "…"
