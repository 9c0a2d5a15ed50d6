# SPDX-License-Identifier: LGPL-2.1-or-later
"""One QEMU machine: its command line, its console driven by expressions, its end."""

from __future__ import annotations

import bisect
import codecs
import os
import re
import select
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from . import cards, instructions, live, paths, shares
from .agenda import Agenda, Event
from .monitor import Monitor, Slot
from .tpm import Tpm

MEMORY_MB = 1024
PROBE_SECONDS = 8
TYPED_SECONDS = 2.0  # until the machine has read what was typed
LAST_WORDS = 2.0  # seconds in which a machine that showed something forbidden may say more
# What the guest's kernel says, and what is then wrong with the emulated machine: TCG with several threads loses interrupts
# of its timers.
EMULATION_FAULTS = {
    "kthread timer wakeup didn't happen": "the emulated machine lost the interrupt of a timer, so that a CPU sleeps on",
    "Kernel panic - not syncing: IO-APIC + timer doesn't work": "the emulated machine's timer was not heard while the kernel started",
}
INITRD_BEGINS = "Run /init as init process"  # the kernel's last words before it starts the initrd's first program


@dataclass
class Drive:
    file: Path
    format: str = "raw"
    read_only: bool = False
    after: float | None = None  # plugged in so many seconds after the initrd began; None: there from the start
    bus: str = "virtio"  # a key of BUSES
    is_silent: bool = False  # answers no request; it has no file

    def arguments(self, number: int) -> list[str]:
        if self.is_silent:
            # Every request takes a day.
            source = "driver=null-co,size=64M,read-zeroes=on,latency-ns=86400000000000"
        else:
            source = f"file={self.file},format={self.format},cache=unsafe"
        return ["-drive", f"{source},if=none,id=drive{number}" + (",readonly=on" if self.read_only else "")]


@dataclass
class Bus:
    """How a disk is attached: QEMU's device for it, and the controllers that all such disks share."""

    device: str
    controllers: tuple[str, ...] = ()
    shared: str = ""  # the bus that the disks sit on; empty: the machine's own
    is_hot: bool = True  # a disk that comes late needs a PCIe port of its own


BUSES = {
    "virtio": Bus("virtio-blk-pci"),
    "nvme": Bus("nvme"),
    "scsi": Bus("scsi-hd", ("virtio-scsi-pci,id=scsi",), "scsi.0", is_hot=False),
    "usb": Bus("usb-storage", ("qemu-xhci,id=usb",), "usb.0", is_hot=False),
    "ata": Bus("ide-hd", (), "ide.{}", is_hot=False),  # q35 has its controller
}


@dataclass
class Answer:
    """When the console shows `expect` (searched behind the previous answer's match), `send` is typed, with Return."""

    expect: str
    send: str
    # The machine's memory is copied here when `send` was typed and Return was not.
    memory: Path | None = None


@dataclass
class MemoryCopy:
    """When the console shows `expect`, the machine's memory is copied to `target`."""

    expect: str
    target: Path


@dataclass
class Spec:
    kernel: Path
    initrd: Path
    cmdline: str
    drives: Sequence[Drive]
    folder: Path  # console.log, judge.log and qemu.log go here
    deadline: float
    answers: Sequence[Answer] = ()
    # The run ends early, as a success, when all answers were given and each of these was seen.
    stop_when: Sequence[str] = ()
    # Once one of these was seen there is nothing left to wait for; a moment later the machine is ended.
    forbid: Sequence[str] = ()
    cpus: int = 2
    tpm: Tpm | None = None
    memory_copies: Sequence[MemoryCopy] = ()
    cards: Sequence[cards.Card] = ()
    events: Sequence[Event] = ()
    shares: Sequence[shares.Share] = ()
    ibft: Path | None = None  # the body of the firmware's table for booting from iSCSI
    client: live.Client | None = None
    clock: instructions.Counter | instructions.TiedClock | None = None  # of its own, in place of the computer's
    serve: Callable[[str], None] = str  # does what an event wants of the server
    on_line: Callable[[str], None] | None = None


@dataclass
class Outcome:
    # "exited", "stopped" (stop_when), "forbidden", "deadline", "client" (which failed) or "fault" (QEMU itself failed)
    end: str
    console: str
    seconds: float
    unanswered: list[str] = field(default_factory=list)
    fault: str = ""
    # When the console's text had grown to so many characters, in seconds since the machine started.
    arrivals: list[tuple[int, float]] = field(default_factory=list)
    plugged: float | None = None  # when the last late disk was plugged in, in seconds since the initrd began
    client: str = ""  # what it complains about

    def shown_after(self, position: int) -> float:
        """The seconds from the initrd's begin until the console showed its text up to this position."""
        began = self.console.find(INITRD_BEGINS)
        if began < 0:
            return float("inf")
        return self._arrival(position) - self._arrival(began + len(INITRD_BEGINS))

    def between(self, position: int, later: int) -> float:
        """The seconds from one position of the console's text to another."""
        return self._arrival(later) - self._arrival(position)

    def _arrival(self, position: int) -> float:
        return self.arrivals[bisect.bisect_left(self.arrivals, (position, 0.0))][1]


def kvm_works() -> bool:
    """Whether /dev/kvm really runs a guest: on some hosts it opens and the guest then hangs.

    So a kernel is started with a limit of a few seconds, once per boot of the host.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    verdict = paths.CACHE / f"kvm-{boot}"
    if not verdict.exists():
        for old in paths.CACHE.glob("kvm-*"):
            old.unlink(missing_ok=True)
        verdict.write_text("yes" if _probe_kvm() else "no")
    return verdict.read_text() == "yes"


def _probe_kvm() -> bool:
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    command = [
        "qemu-system-x86_64", "-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "256", "-nic", "none",
        "-display", "none", "-no-reboot", "-serial", "stdio", "-kernel", str(paths.kernel_image()),
        "-append", "console=ttyS0 panic=-1",
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=PROBE_SECONDS, check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    # Without a root the kernel panics and the machine ends: proof that it ran all the way.
    return b"Kernel panic" in done.stdout


def acceleration() -> list[str]:
    if kvm_works():
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]


def command_line(spec: Spec, console: Sequence[str]) -> list[str]:
    chosen = spec.clock.arguments() if spec.clock else acceleration()
    command = ["qemu-system-x86_64", "-machine", "q35", *chosen, "-smp", str(spec.cpus), "-m", str(MEMORY_MB)]
    command += ["-nic", "none", "-display", "none", "-no-reboot", "-nodefaults", "-no-user-config"]
    command += ["-kernel", str(spec.kernel), "-initrd", str(spec.initrd), "-append", spec.cmdline]
    for controller in sorted({controller for drive in spec.drives for controller in BUSES[drive.bus].controllers}):
        command += ["-device", controller]
    for number, drive in enumerate(spec.drives):
        command += drive.arguments(number)
        if drive.after is None:
            command += ["-device", ",".join(f"{key}={value}" for key, value in _device(number, drive).items())]
    command += cards.arguments(spec.cards)
    command += shares.arguments(spec.shares, MEMORY_MB)
    command += ["-acpitable", f"sig=iBFT,rev=1,data={spec.ibft}"] if spec.ibft else []
    command += spec.tpm.arguments() if spec.tpm else []
    command += spec.client.arguments() if spec.client else []
    command += [*console, "-serial", "chardev:console"]
    command += ["-chardev", f"file,id=judge,path={spec.folder / 'judge.log'}", "-serial", "chardev:judge"]
    return command


def _device(number: int, drive: Drive) -> dict[str, str | int]:
    bus = BUSES[drive.bus]
    words: dict[str, str | int] = {"driver": bus.device, "drive": f"drive{number}", "serial": f"slipway{number}"}
    if drive.is_silent:
        words |= {"cyls": 130, "heads": 16, "secs": 63}  # else QEMU itself reads the disk to guess them
    # One disk per port; {} is its number.
    return {**words, "bus": bus.shared.format(number)} if bus.shared else words


def _slots(spec: Spec) -> list[Slot]:
    return [
        Slot(_device(number, drive), drive.after, f"late{number}" if BUSES[drive.bus].is_hot else "")
        for number, drive in enumerate(spec.drives) if drive.after is not None
    ]


def run(spec: Spec) -> Outcome:
    """Starts the machine and drives it to its end; the caller judges."""
    spec.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        errors = stack.enter_context((spec.folder / "qemu.log").open("w"))
        log = stack.enter_context((spec.folder / "console.log").open("w"))
        monitor = stack.enter_context(Monitor(_slots(spec)))
        if spec.tpm:
            stack.enter_context(spec.tpm)
        for share in spec.shares:
            stack.enter_context(share)
        command = [*command_line(spec, ["-chardev", "stdio,id=console,signal=off"]), *monitor.arguments()]
        errors.write("$ " + " ".join(command) + "\n")
        errors.flush()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, pass_fds=[monitor.descriptor]
        ) as process:
            monitor.started()
            _unplug(spec, monitor)
            try:
                client = _start_client(spec, process, monitor, stack)
                end, driver = _drive(spec, process, _Log(log, spec.on_line), monitor, client)
            finally:
                if process.poll() is None:
                    process.kill()
        complaint = client.complaint() if client else ""
    unanswered = [answer.expect for answer in driver.remaining]
    outcome = Outcome(end, driver.text, driver.seconds(), unanswered, "", driver.arrivals, monitor.last, complaint)
    if end == "fault":
        outcome.fault = _emulation_fault(driver.text)
    if end == "exited" and process.returncode != 0:
        outcome.end = "fault"
        outcome.fault = f"QEMU ended with status {process.returncode}: " + _last_line(spec.folder / "qemu.log")
    return outcome


class Retries:
    """Machines started a second time because QEMU itself failed. Nothing else is ever retried."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.count += 1


RETRIES = Retries()  # of all machines of this process


def run_again_on_fault(spec_of_try: Callable[[], Spec], note: Callable[[str], None]) -> Outcome:
    """Runs a machine, and once more from the start if QEMU itself failed. Each try asks for its spec: fresh disks."""
    spec = spec_of_try()
    outcome = run(spec)
    if outcome.end != "fault":
        return outcome
    RETRIES.add()
    note(f"started again: {outcome.fault}")
    (spec.folder / "qemu.log").rename(spec.folder / "qemu-first-try.log")
    return run(spec_of_try())


class _Log:
    """Writes console lines with the seconds since the start in front."""

    def __init__(self, file, on_line: Callable[[str], None] | None) -> None:  # noqa: ANN001
        self._file, self._on_line, self._partial = file, on_line, ""
        self._start = time.monotonic()

    def add(self, text: str) -> None:
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._write(line)

    def finish(self) -> None:
        if self._partial:
            self._write(self._partial)

    def _write(self, line: str) -> None:
        line = line.rstrip("\r")
        self._file.write(f"[{time.monotonic() - self._start:7.2f}] {line}\n")
        self._file.flush()
        if self._on_line and line.strip():
            self._on_line(line.strip())


class _Driver:
    """Matches the console against the answers, in their order."""

    def __init__(self, spec: Spec) -> None:
        self.remaining = list(spec.answers)
        self.text = ""
        self.arrivals: list[tuple[int, float]] = []
        self._stop = [re.compile(expression, re.MULTILINE) for expression in spec.stop_when]
        self._forbidden = [re.compile(expression, re.MULTILINE) for expression in spec.forbid]
        self._deadline = spec.deadline
        self._memory_copies = list(spec.memory_copies)
        self._position = 0
        self._start = time.monotonic()
        self.end_at_deadline = "deadline"

    def seconds(self) -> float:
        return time.monotonic() - self._start

    def seconds_left(self) -> float:
        return self._deadline - self.seconds()

    def feed(self, text: str) -> list[Answer]:
        """Takes console text; returns what is to be typed now."""
        self.text += text
        self.arrivals.append((len(self.text), self.seconds()))
        if self.end_at_deadline == "deadline" and any(expression.search(self.text) for expression in self._forbidden):
            self.end_at_deadline, self._deadline = "forbidden", self.seconds() + LAST_WORDS
        typed = []
        while self.remaining:
            # Not MULTILINE: `$` means "and then the console waits", as it does behind a prompt.
            found = re.compile(self.remaining[0].expect).search(self.text, self._position)
            if not found:
                break
            self._position = found.end()
            typed.append(self.remaining.pop(0))
        return typed

    def memory_copies_due(self) -> list[MemoryCopy]:
        due = [copy for copy in self._memory_copies if re.search(copy.expect, self.text, re.MULTILINE)]
        self._memory_copies = [copy for copy in self._memory_copies if copy not in due]
        return due

    def may_stop(self) -> bool:
        if not self._stop or self.remaining:
            return False
        return all(expression.search(self.text) for expression in self._stop)


def _start_client(spec: Spec, process: subprocess.Popen[bytes], monitor: Monitor, stack: ExitStack) -> live.Running | None:
    if spec.client is None:
        return None
    return stack.enter_context(live.Running(
        spec.client, lambda target: monitor.copy_memory(target, MEMORY_MB), lambda line: _type(process, f"{line}\n"),
    ))


def _drive(
    spec: Spec, process: subprocess.Popen[bytes], log: _Log, monitor: Monitor, client: live.Running | None
) -> tuple[str, _Driver]:
    assert process.stdout is not None and process.stdin is not None
    driver = _Driver(spec)
    agenda = Agenda(spec.events, lambda event: _act(event, spec, monitor))
    source = process.stdout.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")  # a read may end within a character
    end = "exited"
    while True:
        left = driver.seconds_left()
        if left <= 0:
            end = driver.end_at_deadline
            break
        monitor.plug_what_is_due()
        agenda.do_what_is_due()
        sources = [source, *(client.descriptors() if client else ())]
        ready, _, _ = select.select(sources, [], [], min(left, monitor.seconds_left(), agenda.seconds_left()))
        if client and any(descriptor != source for descriptor in ready):
            client.serve()
        if client and client.has_failed():
            end = "client"
            break
        if source not in ready:
            continue
        data = os.read(source, 65536)
        if not data:
            process.wait()
            break
        text = decoder.decode(data).replace("\r", "")
        log.add(text)
        for answer in driver.feed(text):
            _give(process, answer, monitor)
        for copy in driver.memory_copies_due():
            monitor.copy_memory(copy.target, MEMORY_MB)
        if INITRD_BEGINS in driver.text:
            monitor.initrd_begins()
        agenda.see(driver.text, INITRD_BEGINS in driver.text)
        if _emulation_fault(driver.text):
            end = "fault"
            break
        if driver.may_stop():
            end = "stopped"
            break
    log.finish()
    return end, driver


def _emulation_fault(console: str) -> str:
    """Empty: none."""
    return next((fault for words, fault in EMULATION_FAULTS.items() if words in console), "")


def _unplug(spec: Spec, monitor: Monitor) -> None:
    """The cards whose cables are not plugged in yet; the firmware still runs, no kernel sees the difference."""
    for number, card in enumerate(spec.cards):
        if not card.is_plugged:
            _set_link(monitor, number, False)


def _act(event: Event, spec: Spec, monitor: Monitor) -> None:
    if event.nic is None:
        spec.serve(event.server)
    else:
        _set_link(monitor, event.nic, event.link == "up")


def _set_link(monitor: Monitor, number: int, is_up: bool) -> None:
    try:
        monitor.execute("set_link", {"name": cards.name(number), "up": is_up})
    except ConnectionError:
        pass  # the machine went away; its end says why


def _give(process: subprocess.Popen[bytes], answer: Answer, monitor: Monitor) -> None:
    _type(process, answer.send)
    if answer.memory:
        time.sleep(TYPED_SECONDS)
        monitor.copy_memory(answer.memory, MEMORY_MB)
    _type(process, "\n")


def _type(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text.encode())
        process.stdin.flush()
    except BrokenPipeError:
        pass  # the machine went away; its end says why


def _last_line(file: Path) -> str:
    lines = file.read_text(errors="replace").strip().splitlines()
    return lines[-1] if len(lines) > 1 else "it said nothing"
