# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running programs: output into a log file, the latest line to whoever shows progress, the tail into the error."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class Failed(Exception):
    """What a person is told in words, without a traceback: a test that fails, not a harness that breaks."""


class CommandFailed(Failed):
    def __init__(self, command: Sequence[str], status: int, log: Path) -> None:
        self.status, self.log = status, log
        words = shlex.join(command)
        super().__init__(f"'{words}' ended with status {status}; its output is in {shown(log)}:\n{tail(log)}")


def shown(path: Path) -> str:
    """A path as the user knows it: the cache folder has another name outside the sandbox."""
    return str(path).replace("/cache/", "$SLIPWAY_CACHE/", 1) if str(path).startswith("/cache/") else str(path)


def tail(log: Path, lines: int = 25) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


def run(
    command: Sequence[str | Path],
    log: Path,
    on_line: Callable[[str], None] | None = None,
    extra_environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Runs to the end; raises CommandFailed unless the program succeeds."""
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, **(extra_environment or {}))
    with log.open("w") as out:
        out.write(f"$ {shlex.join(words)}\n")
        out.flush()
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            text=True, errors="replace", env=environment, cwd=cwd,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                out.write(line)
                if on_line:
                    on_line(line.rstrip())
            status = process.wait()
    if status != 0:
        raise CommandFailed(words, status, log)
