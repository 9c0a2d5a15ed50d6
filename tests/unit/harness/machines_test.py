# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the VM harness promises about machines, tried on a QEMU that is a shell script."""

from __future__ import annotations

import base64
import gzip
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from harness import live, paths, qemu, report, shares, systems, vm
from harness.cases import Expected
from harness.machine import Machine

# Dies as often as the file `faults` has lines, then plays a machine that shows a line and ends.
FAKE = """#!/bin/sh
if [ -s {folder}/faults ]; then
    sed -i 1d {folder}/faults
    echo 'assertion failed' >&2
    kill -ABRT $$
fi
if [ -e {folder}/last-words ]; then
    mv {folder}/last-words {folder}/said # it is ended as soon as it has said them
    cat {folder}/said
    exec sleep 20
fi
echo 'Run /init as init process'
"""


class FaultsOfQemu(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        program = self.folder / "qemu-system-x86_64"
        program.write_text(FAKE.format(folder=self.folder))
        program.chmod(0o755)
        self.enterContext(mock.patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}"))
        self.enterContext(mock.patch.object(qemu, "acceleration", lambda: []))
        self.enterContext(mock.patch.object(qemu, "RETRIES", qemu.Retries()))
        self.notes: list[str] = []
        self.tries = 0
        self.seconds = 20.0

    def spec(self) -> qemu.Spec:
        self.tries += 1
        return qemu.Spec(Path("kernel"), Path("initrd"), "", [], self.folder / "logs", deadline=self.seconds)

    def run_with(self, faults: int) -> qemu.Outcome:
        (self.folder / "faults").write_text("one\n" * faults)
        return qemu.run_again_on_fault(self.spec, self.notes.append)

    def test_a_machine_that_ends_is_started_once(self) -> None:
        self.assertEqual(self.run_with(faults=0).end, "exited")
        self.assertEqual((self.tries, qemu.RETRIES.count, self.notes), (1, 0, []))

    def test_a_fault_is_retried_with_a_fresh_spec_noted_and_counted(self) -> None:
        self.assertEqual(self.run_with(faults=1).end, "exited")
        self.assertEqual((self.tries, qemu.RETRIES.count), (2, 1))
        self.assertIn("assertion failed", self.notes[0])
        self.assertIn("assertion failed", (self.folder / "logs/qemu-first-try.log").read_text())

    def test_a_lost_timer_is_a_fault(self) -> None:
        self.check_fault("rcu: rcu_preempt kthread timer wakeup didn't happen for 5254 jiffies!")

    def test_a_timer_that_the_kernel_never_heard_is_a_fault(self) -> None:
        self.check_fault("Kernel panic - not syncing: IO-APIC + timer doesn't work!  Boot with apic=debug")

    def check_fault(self, last_words: str) -> None:
        (self.folder / "last-words").write_text(last_words + "\n")
        self.assertEqual(self.run_with(faults=0).end, "exited")
        self.assertEqual((self.tries, qemu.RETRIES.count), (2, 1))
        self.assertIn("timer", self.notes[0])

    def test_another_panic_is_none(self) -> None:
        (self.folder / "last-words").write_text("Kernel panic - not syncing: Attempted to kill init!\n")
        with mock.patch.object(self, "seconds", 0.5):
            self.assertEqual(self.run_with(faults=0).end, "deadline")
        self.assertEqual(qemu.RETRIES.count, 0)

    def test_a_second_fault_is_final(self) -> None:
        outcome = self.run_with(faults=2)
        self.assertEqual((outcome.end, self.tries, qemu.RETRIES.count), ("fault", 2, 1))
        self.assertIn("status -6", outcome.fault)


class ImagesInTheirBudget(unittest.TestCase):
    def test_only_an_image_that_is_too_large_is_named(self) -> None:
        case = mock.Mock(image_below=7.0)
        self.assertEqual(vm.image_complaints(case, 6.99), [])
        self.assertIn("7.00 MB", vm.image_complaints(case, 7.0)[0])
        self.assertEqual(vm.image_complaints(mock.Mock(image_below=None), 100.0), [])


class DiskThatNeverAnswers(unittest.TestCase):
    def test_has_no_file_and_takes_its_time(self) -> None:
        silent = " ".join(qemu.Drive(Path(), is_silent=True).arguments(1))
        self.assertIn("driver=null-co", silent)
        self.assertIn("latency-ns=", silent)
        self.assertNotIn("file=", silent)
        self.assertIn("file=/x.img,format=raw,cache=unsafe,if=none,id=drive0,readonly=on",
                      qemu.Drive(Path("/x.img"), read_only=True).arguments(0)[1])


class ClientBesideTheMachine(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(paths, "LIVE", self.folder))
        self.enterContext(mock.patch.object(live, "LAST_SECONDS", 0.2))
        self.copies: list[Path] = []
        self.typed: list[str] = []

    def run_program(self, text: str) -> str:
        """Serves it until it closes its output; its complaint."""
        (self.folder / "look.py").write_text(text)
        client = live.Client(["look", "word"], self.folder / "bus", self.folder / "live.log", self.folder / "memory")
        with live.Running(client, self.copies.append, self.typed.append) as running:
            while running.descriptors():
                running.serve()
            return running.complaint()

    def test_one_that_is_content_is_not_heard_of(self) -> None:
        text = f"import sys; sys.exit(0 if sys.argv[1:] == ['{self.folder}/bus', 'word'] else 1)"
        self.assertEqual(self.run_program(text), "")
        self.assertEqual(self.copies, [])

    def test_one_that_fails_is_told_with_its_last_words(self) -> None:
        complaint = self.run_program("import sys; sys.exit('the state is wrong')")
        self.assertIn("the client failed", complaint)
        self.assertIn("the state is wrong", complaint)

    def test_one_that_goes_on_when_the_machine_has_ended_failed(self) -> None:
        complaint = self.run_program("import os, time; os.close(1); time.sleep(60)")
        self.assertIn("had not come to its end", complaint)

    def test_memory_is_copied_before_it_goes_on(self) -> None:
        text = "import sys; print('copy-memory', flush=True); sys.stdin.readline(); print('and on')"
        self.assertEqual(self.run_program(text), "")
        self.assertEqual(self.copies, [self.folder / "memory"])
        self.assertEqual((self.folder / "live.log").read_text(), "copy-memory\nand on\n")

    def test_what_it_wants_typed_is_typed(self) -> None:
        self.assertEqual(self.run_program("print('typed nothing'); print('type a b', flush=True)"), "")
        self.assertEqual(self.typed, ["a b"])


class FoldersOfTheHost(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "scratch").mkdir()

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def test_files_of_a_case_lie_over_a_copy_of_the_system_the_last_on_top(self) -> None:
        theirs = self.write("system/etc/issue", "of Debian")
        self.write("stage/etc/issue", "of slipway")
        self.write("stage/usr/bin/slipway", "").chmod(0o700)
        self.write("files/etc/issue", "of the case")
        self.write("system/usr/lib/x86_64-linux-gnu/libc.so.6", "")
        share = {"type": "9p", "tag": "root", "over": [str(self.folder / "stage"), str(self.folder / "files")],
                 "libraries": ["libelf.so.1"]}
        machine = Machine(mock.Mock(shares=[share]), self.folder / "scratch", self.folder)
        with mock.patch.object(systems, "tree", lambda *_: self.folder / "system"):
            self.assertEqual(len(machine._shares()), 1)
        shared = self.folder / "scratch/share0"
        self.assertEqual((shared / "etc/issue").read_text(), "of the case")
        self.assertEqual((shared / "usr/bin/slipway").stat().st_mode & 0o777, 0o755)
        self.assertEqual(theirs.read_text(), "of Debian")
        self.assertTrue((shared / "usr/lib/x86_64-linux-gnu/libelf.so.1").read_bytes().startswith(b"\x7fELF"))

    def test_a_share_with_another_key_or_without_a_tag_is_refused(self) -> None:
        self.assertEqual(shares.mistakes({"share": [{"type": "9p", "tag": "root", "over": ["/stage"]}]}), [])
        self.assertIn("may have libraries, over", shares.mistakes({"share": [{"type": "9p", "tag": "root", "ower": []}]})[0])
        self.assertIn("must have the keys tag, type", shares.mistakes({"share": [{"type": "9p", "over": []}]})[0])


class LinesAtTheirTime(unittest.TestCase):
    def complaint(self, between: tuple[float, float]) -> str:
        console = "Run /init as init process\nstill waiting\n"
        outcome = qemu.Outcome("exited", console, 20, arrivals=[(26, 4.0), (len(console), 9.0)])
        return vm._missing(Expected("still waiting", between), outcome)

    def test_time_counts_from_the_initrds_begin(self) -> None:
        self.assertEqual(self.complaint((4.5, 5.5)), "")

    def test_too_early_and_too_late_are_told(self) -> None:
        self.assertIn("5.0 s after the initrd's start", self.complaint((6, 9)))
        self.assertIn("not between 1 and 4 s", self.complaint((1, 4)))


class RecordOfABoot(unittest.TestCase):
    TEXT = "1000 device vda2\n" * 20000

    def saved(self, packed: bytes) -> str | None:
        encoded = base64.encodebytes(packed).decode()
        judged = report.parse(f"@@begin record\n{encoded}@@end record 0\n@@complete\n")
        with tempfile.TemporaryDirectory() as folder:
            file = report.save_record(judged, Path(folder) / "record.txt")
            return file.read_text() if file else None

    def test_arrives_as_it_was(self) -> None:
        self.assertEqual(self.saved(gzip.compress(self.TEXT.encode())), self.TEXT)

    def test_is_refused_when_bytes_were_lost_or_changed(self) -> None:
        packed = gzip.compress(self.TEXT.encode())
        self.assertIsNone(self.saved(packed[:-20]))
        self.assertIsNone(self.saved(packed[:100] + b"\0" + packed[101:]))


if __name__ == "__main__":
    unittest.main()
