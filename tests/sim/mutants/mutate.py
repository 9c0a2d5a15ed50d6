#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the changed source of one mutant, or lists them for CMake.

    mutate.py list TABLE                       one line per mutant: NAME FILE INVARIANT
    mutate.py make TABLE NAME FOLDER TARGET    FOLDER/FILE with the mutant's change, written to TARGET
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

KEYS = {"name", "file", "find", "replace", "invariant"}


def main(words: list[str]) -> int:
    if len(words) < 2 or words[0] not in ("list", "make"):
        sys.exit(__doc__)
    mutants = _load(Path(words[1]))
    if words[0] == "list":
        for mutant in mutants.values():
            print(mutant["name"], mutant["file"], mutant["invariant"])
        return 0
    name, folder, target = words[2:]
    _make(mutants[name], Path(folder), Path(target))
    return 0


def _load(table: Path) -> dict[str, dict[str, str]]:
    mutants: dict[str, dict[str, str]] = {}
    for entry in tomllib.loads(table.read_text())["mutant"]:
        if set(entry) != KEYS or entry["name"] in mutants:
            sys.exit(f"{table}: a mutant has exactly the keys {', '.join(sorted(KEYS))} and its own name: {entry}")
        mutants[entry["name"]] = entry
    return mutants


def _make(mutant: dict[str, str], folder: Path, target: Path) -> None:
    source = folder / mutant["file"]
    text = source.read_text()
    times = text.count(mutant["find"])
    if times != 1:
        sys.exit(
            f"mutant {mutant['name']}: \"{mutant['find']}\" is {times} times in {source}, must be there once; "
            "adapt tests/sim/mutants/mutants.toml to the engine"
        )
    target.write_text(f'#line 1 "{source}"\n' + text.replace(mutant["find"], mutant["replace"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
