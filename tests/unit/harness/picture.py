# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is to be seen in a PNG, as rsvg-convert writes them: 8 bits per channel, not interlaced."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from pathlib import Path

Colour = tuple[int, int, int]


def colours(path: Path) -> Counter[Colour]:
    """How many pixels each colour has."""
    data = path.read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"{path} is no PNG")
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    channels = {2: 3, 6: 4}.get(kind)
    if depth != 8 or channels is None or interlaced:
        raise ValueError(f"{path} is a PNG of a kind that nobody here writes")
    counted: Counter[Colour] = Counter()
    for row in _rows(zlib.decompress(_content(data)), width * channels, height, channels):
        counted.update(zip(row[0::channels], row[1::channels], row[2::channels]))
    return counted


def _content(data: bytes) -> bytes:
    at, content = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IDAT":
            content += data[at + 8 : at + 8 + size]
        at += size + 12
    return content


def _rows(packed: bytes, size: int, height: int, step: int) -> list[bytearray]:
    """PNG, chapter 9: each row is filtered by what stands to the left of it and above it."""
    rows, above = [], bytearray(size)
    for y in range(height):
        begin = y * (size + 1)
        kind, row = packed[begin], bytearray(packed[begin + 1 : begin + 1 + size])
        for x in range(size if kind else 0):
            left = row[x - step] if x >= step else 0
            corner = above[x - step] if x >= step else 0
            row[x] = (row[x] + _predicted(kind, left, above[x], corner)) & 0xFF
        rows.append(row)
        above = row
    return rows


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))
