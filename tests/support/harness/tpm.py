# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TPM 2.0 for a machine: swtpm in a process of its own, which QEMU talks to through a socket."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

START_SECONDS = 10


class Tpm:
    """`state` is a folder that swtpm reads and writes; a new one is a TPM fresh from the factory."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _socket(self) -> Path:
        return self._state / "control"

    def __enter__(self) -> Tpm:
        self._state.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self._state}", "--ctrl", f"type=unixio,path={self._socket}",
             "--flags", "startup-clear", "--terminate"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        limit = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"swtpm did not start with its state in {self._state}")
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process is not None
        try:
            self._process.wait(timeout=2)  # --terminate: it ends with QEMU
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.unlink(missing_ok=True)

    def arguments(self) -> list[str]:
        return [
            "-chardev", f"socket,id=tpm,path={self._socket}", "-tpmdev", "emulator,id=tpm0,chardev=tpm",
            "-device", "tpm-tis,tpmdev=tpm0",
        ]
