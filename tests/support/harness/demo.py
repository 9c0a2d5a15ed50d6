# SPDX-License-Identifier: LGPL-2.1-or-later
"""images/demo, inside the sandbox: from sources to a booted Debian 13 whose root lies on LVM on LUKS."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from . import build, checks, commands, disks, layouts, paths, qemu, report, timeline
from .chart import Chart
from .terminal import Screen

LAYOUT = "lvm-on-luks"
DEADLINE = 300
CHECKS = {
    "clean": "no failed unit, no waiting job, nothing left of the initrd",
    "no_crashes": "no program crashed",
    "mounts": "root and /home mounted from where they belong",
    "lvm": "LVM's volumes active, its tools content",
    "crypt": "the LUKS mapping as cryptsetup would have made it",
    "dm_adopted": "the host's udev adopted all mappings",
    "initrd_timestamp": "systemd-analyze knows the initrd's time",
    "fsck_once": "the root was checked once, in the initrd",
    "timeline": "slipway's timeline was handed over",
}


def main() -> int:
    arguments = _arguments()
    screen = Screen()
    screen.line(screen.paint("bold", "slipway demo: Debian 13, LVM on LUKS"))
    try:
        spec = _prepare(screen)
        return _interactive(screen, spec) if arguments.interactive else _automatic(screen, spec, arguments.console)
    except commands.Failed as error:
        screen.line(str(error))
        return 1
    except KeyboardInterrupt:
        screen.line("interrupted")
        return 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="images/demo", add_help=False)
    parser.add_argument("--interactive", action="store_true")
    parser.add_argument("--console", action="store_true")
    return parser.parse_args()


def _prepare(screen: Screen) -> qemu.Spec:
    layout = layouts.load(LAYOUT)
    scratch = paths.scratch("demo")
    image = scratch / "initrd.img"
    with screen.step("Building slipway") as step:
        build.install(build.build(build.RELEASE, step.now))
    with screen.step("Installing Debian 13 to an encrypted disk") as step:
        root = layouts.root_of(layout)
        (disk,) = disks.of(layout, step.now)
    with screen.step("Making the initrd: slipway build") as step:
        build.make_image(root, "host", paths.kernel_version(), image, paths.LOGS / "demo" / "image.log", [])
        step.result = f"{image.stat().st_size / 1e6:.1f} MB"
    with screen.step("Choosing how to run the machine") as step:
        step.result = "KVM" if qemu.kvm_works() else "emulated CPU (no working KVM here): expect a slow clock"
    return qemu.Spec(
        kernel=paths.kernel_image(), initrd=image, folder=paths.LOGS / "demo", deadline=DEADLINE,
        cmdline=f"root={layout.expect['root_source']} ro console=ttyS0",
        drives=[disks.overlay(disk, scratch / "disk.qcow2")],
        answers=[qemu.Answer(r"Passphrase for .*: $", layout.settings["passphrase"])],
        forbid=["Kernel panic"],
    )


def _interactive(screen: Screen, spec: qemu.Spec) -> int:
    screen.line()
    screen.line("  The console is yours. Passphrase: slipway-demo   Login: root   Password: slipway-demo")
    screen.line("  To leave: type 'poweroff' in the machine, or press ctrl-a, then x.")
    screen.line()
    # With mux=on QEMU's own keys (ctrl-a x) work on the console.
    console = ["-chardev", "stdio,id=console,mux=on,signal=off", "-mon", "chardev=console"]
    return subprocess.run(qemu.command_line(spec, console), check=False).returncode


def _automatic(screen: Screen, spec: qemu.Spec, show_console: bool) -> int:
    spec.cmdline += " systemd.wants=slipway-judge.service"
    with screen.step("Booting, answering the passphrase prompt") as step:
        spec.on_line = (lambda line: screen.line(f"    {line}")) if show_console else step.now
        Chart(spec.folder).remove()
        outcome = qemu.run_again_on_fault(lambda: spec, lambda note: screen.line(f"    {note}"))
    judged = report.parse((spec.folder / "judge.log").read_text(errors="replace"))
    screen.line()
    if not judged.complete:
        return _not_booted(screen, outcome, spec.folder)
    _show_timeline(screen, judged, Chart(spec.folder))
    _show_host(screen, judged)
    return _show_checks(screen, judged)


def _not_booted(screen: Screen, outcome: qemu.Outcome, folder: Path) -> int:
    reasons = {
        "deadline": f"it was not done after {DEADLINE} s", "fault": outcome.fault, "forbidden": "its kernel panicked",
    }
    why = reasons.get(outcome.end, "it ended early")
    screen.line(screen.paint("red", f"The machine did not reach its goal: {why}."))
    for expression in outcome.unanswered:
        screen.line(f"The console never showed /{expression}/.")
    screen.line(f"Its console is in {commands.shown(folder / 'console.log')}; the end of it:")
    screen.line(commands.tail(folder / "console.log"))
    return 1


def _show_timeline(screen: Screen, judged: report.JudgeReport, chart: Chart) -> None:
    try:
        parsed = timeline.parse(judged["timeline"].text)
    except timeline.BadTimeline:
        return  # the checks below say what is wrong with it
    waited = f", {parsed.waited:.2f} s of it waiting for the passphrase" if parsed.waited > 0 else ""
    screen.line(screen.paint("bold", "PID 1's start to the real init: ") + f"{parsed.total:.2f} s{waited}")
    screen.line()
    for line in timeline.chart(parsed, screen):
        screen.line(line)
    chart.draw(paths.stage() / "usr/bin/slipway", judged)
    screen.line()
    screen.line(screen.paint("bold", "Chart of this boot:  ") + f"{commands.shown(chart.svg)}, and {chart.html.name}")
    screen.line()


def _show_host(screen: Screen, judged: report.JudgeReport) -> None:
    failed = judged["failed_units"].lines
    screen.line(screen.paint("bold", "systemctl --failed: ") + f"{len(failed)} units")
    for line in failed:
        screen.line(f"  {line}")
    analyze = judged["analyze"].lines or ["it said nothing"]
    screen.line(screen.paint("bold", "systemd-analyze:    ") + analyze[0].strip())
    screen.line()


def _show_checks(screen: Screen, judged: report.JudgeReport) -> int:
    layout = layouts.load(LAYOUT)
    held = True
    for name, meaning in CHECKS.items():
        complaints = checks.CHECKS[name](judged, layout)
        mark = screen.paint("red", "failed") if complaints else screen.paint("green", "holds ")
        screen.line(f"  {mark}  {meaning}")
        for complaint in complaints:
            screen.line(f"            {complaint}")
        held = held and not complaints
    screen.line()
    if held:
        screen.line(screen.paint("green", "All of it held.") + " Next: images/demo --interactive")
    else:
        logs = commands.shown(paths.LOGS / "demo")
        screen.line(screen.paint("red", "Not all of it held.") + f" Console and report are in {logs}.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
