# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/dbus.md names exactly what the XML of the interfaces has."""

from __future__ import annotations

import pathlib
import re
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]


def signature(element: xml.etree.ElementTree.Element, direction: str) -> str:
    return "".join(arg.get("type", "") for arg in element.findall("arg")
                   if arg.get("direction", "out" if element.tag == "signal" else "in") == direction)


def members_of_xml() -> set[str]:
    members = set()
    for file in sorted((ROOT / "api/dbus/xml").glob("*.xml")):
        for interface in xml.etree.ElementTree.parse(file).getroot().findall("interface"):
            name = interface.get("name")
            for element in interface:
                if element.tag == "property":
                    members.add(f"{name} property {element.get('name')} {element.get('type')}")
                elif element.tag == "method":
                    result = signature(element, "out")
                    members.add(f"{name} method {element.get('name')}({signature(element, 'in')})"
                                + (f" → {result}" if result else ""))
                elif element.tag == "signal":
                    members.add(f"{name} signal {element.get('name')}({signature(element, 'out')})")
    return members


def members_of_document() -> set[str]:
    members = set()
    interface = ""
    for line in (ROOT / "docs/dbus.md").read_text().splitlines():
        if heading := re.match(r"## `([\w.]+)`", line):
            interface = heading[1]
        elif line.startswith("## "):
            interface = ""
        elif interface and (row := re.match(r"\| (property|method|signal) \| `([^`]+)` \|", line)):
            members.add(f"{interface} {row[1]} {row[2]}")
    return members


class Document(unittest.TestCase):
    def test_names_what_there_is_and_nothing_else(self) -> None:
        self.assertEqual(sorted(members_of_document() ^ members_of_xml()), [])

    def test_reads_what_is_there(self) -> None:
        self.assertIn("org.slipway.Manager1 method Why(s) → s", members_of_xml())
        self.assertGreater(len(members_of_document()), 40)


if __name__ == "__main__":
    unittest.main()
