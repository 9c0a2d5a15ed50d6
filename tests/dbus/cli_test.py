# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands of the program slipway for a running boot: words, exit statuses, JSON against its schemas.

Usage: cli_test.py SLIPWAY-BUS SLIPWAY [unittest's arguments]
"""

from __future__ import annotations

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import threading
import time
import unittest
from collections.abc import Callable

import jsonschema

from boot import Boot, record_of, run

PROGRAM = sys.argv.pop(1)
SLIPWAY = sys.argv.pop(1)
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
COMMANDS = ("status", "why", "units", "devices", "log", "monitor", "answer", "retry", "skip", "continue")


def waiting_boot() -> Boot:
    return Boot(PROGRAM, record_of("root-missing", "> start inspect:probe:vda1"))


def slipway(boot: Boot, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return run(SLIPWAY, *words, "--address", boot.address, stdin=stdin)


def check_schema(command: str, text: str) -> object:
    value = json.loads(text)
    schema = json.loads((DOCS / f"schema/{command}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(value, schema)
    return value


class Reading(unittest.TestCase):
    def test_status_in_a_pipe_is_plain_text(self) -> None:
        with waiting_boot() as boot:
            result = slipway(boot, "status")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("booting", result.stdout)
            self.assertIn("sysroot; 5 s left; waits for device UUID=root", re.sub(r"\d+ m?s", "5 s", result.stdout))
            self.assertNotIn("\x1b", result.stdout)

    def test_every_json_fits_its_schema(self) -> None:
        with Boot(PROGRAM, record_of("root-missing")) as boot:
            for command in ("status", "why", "units", "devices"):
                result = slipway(boot, command, "--json")
                self.assertEqual(result.returncode, 0, result.stderr)
                check_schema(command, result.stdout)
            for line in slipway(boot, "log", "--json").stdout.splitlines():
                check_schema("log", line)
            self.assertEqual(check_schema("retry", slipway(boot, "retry", "--json", "sysroot").stdout),
                             {"command": "retry", "object": "sysroot", "done": True})
            check_schema("skip", slipway(boot, "skip", "--json", "sysroot").stdout)
            check_schema("continue", slipway(boot, "continue", "--json").stdout)

    def test_status_json_holds_the_boot(self) -> None:
        with waiting_boot() as boot:
            status = json.loads(slipway(boot, "status", "--json").stdout)
            self.assertEqual(status["goals"], ["switch-root"])
            root = next(unit for unit in status["units"] if unit["name"] == "sysroot")
            self.assertEqual(root["waits_for"], ["fsck-sysroot", "device UUID=root"])
            self.assertEqual([device["devnode"] for device in status["devices"]], ["/dev/vda1"])

    def test_why_names_what_is_missing(self) -> None:
        with waiting_boot() as boot:
            self.assertIn("device UUID=root is not there", slipway(boot, "why").stdout)
            self.assertIn("device UUID=root is not there", slipway(boot, "why", "sysroot").stdout)
            result = slipway(boot, "why", "absent")
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn("there is no unit absent", result.stderr)

    def test_lists(self) -> None:
        with waiting_boot() as boot:
            self.assertIn("/dev/vda1", slipway(boot, "devices").stdout)
            self.assertIn("devnode = /dev/vda1", slipway(boot, "devices", "--facts").stdout)
            self.assertIn("sysroot", slipway(boot, "units").stdout)
            boot.log("something is said")
            wait_until(lambda: "1.500000 info    something is said\n" in slipway(boot, "log").stdout)

    def test_monitor_tells_changes_until_the_boot_goes_on(self) -> None:
        whole = record_of("root-missing")
        begin = record_of("root-missing", "> start inspect:probe:vda1")
        with Boot(PROGRAM, begin) as boot:
            with subprocess.Popen([SLIPWAY, "monitor", "--json", "--address", boot.address], text=True,
                                  stdout=subprocess.PIPE) as monitor:
                lines: list[str] = []
                reader = threading.Thread(target=lambda: lines.extend(monitor.stdout), daemon=True)
                reader.start()

                def is_heard() -> bool:
                    boot.log("is anybody there?")
                    return bool(lines)

                wait_until(is_heard)
                boot.feed(whole[len(begin):])
                wait_until(lambda: any('"emergency"' in line for line in lines))
                boot.farewell()
                self.assertEqual(monitor.wait(20), 0)
                reader.join(20)
            changes = [check_schema("monitor", line) for line in lines]
            self.assertTrue(any(change.get("values", {}).get("State") == "emergency" for change in changes), lines)

    def test_status_on_a_terminal_goes_on_by_itself(self) -> None:
        whole = record_of("root-missing")
        begin = record_of("root-missing", "> start inspect:probe:vda1")
        with Boot(PROGRAM, begin) as boot:
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(SLIPWAY, [SLIPWAY, "status", "--address", boot.address])
            self.addCleanup(os.close, terminal)
            shown = read_until(terminal, "UUID=root")
            self.assertIn("\x1b[2J", shown)
            boot.feed(whole[len(begin):])
            read_until(terminal, "failed")
            boot.farewell()
            read_until(terminal, "The boot has gone on.")
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        time.sleep(0.05)


def read_until(terminal: int, text: str, seconds: float = 20) -> str:
    shown = b""
    limit = time.monotonic() + seconds
    while text.encode() not in shown:
        if time.monotonic() > limit:
            raise AssertionError(f"{text} was not shown: {shown!r}")
        shown += os.read(terminal, 65536)
    return shown.decode()


class Changing(unittest.TestCase):
    def test_what_is_done_is_a_success(self) -> None:
        with Boot(PROGRAM, record_of("root-missing")) as boot:
            for words in (["why"], ["units"], ["units", "--all"], ["devices"], ["log"], ["retry", "sysroot"], ["skip", "sysroot"],
                          ["continue"]):
                result = slipway(boot, *words)
                self.assertEqual((result.returncode, result.stderr), (0, ""), words)
            self.assertEqual(boot.commands, ["1 retry sysroot", "2 skip sysroot", "3 continue"])

    def test_a_refusal_is_a_failure_with_its_reason(self) -> None:
        with Boot(PROGRAM, record_of("root-missing")) as boot:
            boot.problem = "the boot does not stand at a break"
            result = slipway(boot, "continue")
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stderr, "slipway: the boot does not stand at a break\n")
            self.assertIn("has not failed", slipway(boot, "retry", "resume-decided").stderr)
            self.assertIn("there is no unit absent", slipway(boot, "skip", "absent").stderr)

    def test_an_answer_comes_from_a_line_of_standard_input(self) -> None:
        with Boot(PROGRAM, record_of("locked-volume", "> prompt ")) as boot:
            status = json.loads(slipway(boot, "status", "--json").stdout)
            self.assertEqual(status["state"], "asking")
            prompt, = status["prompts"]
            answers = boot.ask(prompt["text"])
            result = slipway(boot, "answer", "--json", stdin="correct horse\nmore\n")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(answers.recv(100), b"+correct horse")
            check_schema("answer", result.stdout)
            result = slipway(boot, "answer", "77", stdin="x\n")
            self.assertIn("there is no question 77", result.stderr)

    def test_an_answer_that_would_not_be_taken_is_not_sent(self) -> None:
        with Boot(PROGRAM, record_of("locked-volume", "> prompt ")) as boot, boot.through_port("freed-memory") as path:
            prompt = json.loads(slipway(boot, "status", "--json").stdout)["prompts"][0]
            answers = boot.ask(prompt["text"])
            result = run(SLIPWAY, "answer", "--address", path, stdin="correct horse\n")
            self.assertEqual(result.returncode, 1)
            self.assertIn("init_on_free=1", result.stderr)
            self.assertNotIn("was not used", result.stderr)
            self.assertEqual(boot.commands, [])
            answers.setblocking(False)
            with self.assertRaises(BlockingIOError):
                answers.recv(100)

    def test_an_answer_that_is_typed_is_not_shown(self) -> None:
        with Boot(PROGRAM, record_of("locked-volume", "> prompt ")) as boot:
            text = json.loads(slipway(boot, "status", "--json").stdout)["prompts"][0]["text"]
            answers = boot.ask(text)
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(SLIPWAY, [SLIPWAY, "answer", "--address", boot.address])
            self.addCleanup(os.close, terminal)
            shown = read_until(terminal, text + ": ")
            os.write(terminal, b"correct horse\n")
            self.assertEqual(answers.recv(100), b"+correct horse")
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
            try:
                shown += os.read(terminal, 65536).decode()
            except OSError:
                pass
            self.assertNotIn("horse", shown)

    def test_nothing_asked_is_a_failure(self) -> None:
        with waiting_boot() as boot:
            result = slipway(boot, "answer", stdin="x\n")
            self.assertEqual((result.returncode, result.stderr), (1, "slipway: nothing is asked now\n"))


class Usage(unittest.TestCase):
    def test_without_a_boot_every_command_fails_and_says_so(self) -> None:
        for command in COMMANDS:
            words = [command] + (["x"] if command in ("retry", "skip") else [])
            result = run(SLIPWAY, *words, "--address", "/nonexistent/bus")
            self.assertEqual(result.returncode, 1, command)
            self.assertIn("no boot with slipway can be reached at /nonexistent/bus", result.stderr)

    def test_wrong_usage_is_2(self) -> None:
        for words in (["retry"], ["skip"], ["answer", "x"], ["status", "--nonsense"], ["log", "x"], ["continue", "x"]):
            self.assertEqual(run(SLIPWAY, *words).returncode, 2, words)

    def test_every_command_has_help_with_an_example_and_a_manual_entry(self) -> None:
        for command in COMMANDS:
            result = run(SLIPWAY, command, "--help")
            self.assertEqual(result.returncode, 0)
            self.assertIn(f"  slipway {command}", result.stdout)
            self.assertTrue((DOCS / f"man/slipway-{command}.1").exists())

    def test_a_server_that_says_nothing_is_given_up(self) -> None:
        with waiting_boot() as boot:
            os.kill(boot.pid, signal.SIGSTOP)
            began = time.monotonic()
            result = slipway(boot, "status")
            os.kill(boot.pid, signal.SIGCONT)
            self.assertEqual(result.returncode, 1)
            self.assertLess(time.monotonic() - began, 25)
            self.assertIn("no answer from the status interface", result.stderr)


if __name__ == "__main__":
    unittest.main()
