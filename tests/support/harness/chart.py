# SPDX-License-Identifier: LGPL-2.1-or-later
"""The chart of a boot: `slipway plot` draws it from what the judge handed out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import commands, report


@dataclass(frozen=True)
class Chart:
    """Files in one folder."""

    folder: Path

    @property
    def svg(self) -> Path:
        return self.folder / "boot.svg"

    @property
    def html(self) -> Path:
        return self.folder / "boot.html"

    @property
    def _timeline(self) -> Path:
        return self.folder / "timeline.json"

    @property
    def _record(self) -> Path:
        return self.folder / "record.txt"

    def remove(self) -> None:
        """That of an earlier boot must not pass for the one of this."""
        for path in (self.svg, self.html, self._timeline, self._record):
            path.unlink(missing_ok=True)

    def draw(self, program: Path, judged: report.JudgeReport) -> None:
        """Leaves what the boot told of itself beside the chart; without a record the chart shows no chain."""
        self.remove()
        self._timeline.write_text(judged["timeline"].text + "\n")
        report.save_record(judged, self._record)
        log = self.folder / "plot.log"
        commands.run([program, "plot", "-o", self.svg, self.folder], log)
        commands.run([program, "plot", "--html", "-o", self.html, self.folder], log)
