# SPDX-License-Identifier: LGPL-2.1-or-later
"""The chart that the demo leaves: drawn from a judge's report, and looked at as a picture.

Usage: chart_test.py SLIPWAY, the program.
"""

from __future__ import annotations

import base64
import gzip
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import report
from harness.chart import Chart
from picture import colours

BOOT = Path(__file__).parents[2] / "cli/boot-luks"
SLIPWAY = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path("slipway")
WIDTH = 600  # half of the chart's own, which is enough for bars
LEGEND = 7 * 6  # pixels of a colour's sample


def judged(with_record: bool) -> report.JudgeReport:
    record = base64.encodebytes(gzip.compress((BOOT / "record.txt").read_bytes())).decode()
    log = f"@@begin timeline\n{(BOOT / 'timeline.json').read_text()}@@end timeline 0\n"
    log += f"@@begin record\n{record}@@end record {0 if with_record else 1}\n@@complete\n"
    return report.parse(log)


class TheChartOfADemo(unittest.TestCase):
    def setUp(self) -> None:
        self.chart = Chart(Path(self.enterContext(tempfile.TemporaryDirectory())))

    def test_it_shows_the_chain_and_where_a_person_was_asked(self) -> None:
        self.chart.draw(SLIPWAY, judged(with_record=True))
        svg = self.chart.svg.read_text()
        self.assertIn("Outlined: the chain", svg)
        self.assertIn('fill="url(#asked)"', svg)
        self.assertIn("asks a person", svg)

    def test_the_page_is_one_file(self) -> None:
        self.chart.draw(SLIPWAY, judged(with_record=True))
        page = self.chart.html.read_text()
        self.assertIn("<table>", page)
        self.assertIn("<svg", page)
        self.assertNotRegex(page, r"(?i)<script|<link|\bsrc=|\burl\((?!#)")

    def test_without_a_record_it_has_no_chain_and_not_that_of_another_boot(self) -> None:
        self.chart.draw(SLIPWAY, judged(with_record=True))
        self.chart.draw(SLIPWAY, judged(with_record=False))
        self.assertNotIn("Outlined", self.chart.svg.read_text())

    @unittest.skipIf(shutil.which("rsvg-convert") is None, "rsvg-convert is not installed")
    def test_the_bars_are_to_be_seen_in_the_picture(self) -> None:
        self.chart.draw(SLIPWAY, judged(with_record=True))
        picture = self.chart.folder / "boot.png"
        subprocess.run(["rsvg-convert", "-w", str(WIDTH), "-o", picture, self.chart.svg], check=True)
        seen, svg = colours(picture), self.chart.svg.read_text()
        for plugin in ("c0", "c1", "c2"):  # those that worked longest
            shown = re.search(rf"\.{plugin}{{fill:#(..)(..)(..)}}", svg)
            assert shown is not None
            red, green, blue = (int(part, 16) for part in shown.groups())
            self.assertGreater(seen[red, green, blue], 2 * LEGEND, plugin)


if __name__ == "__main__":
    unittest.main()
