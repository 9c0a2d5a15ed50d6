# SPDX-License-Identifier: LGPL-2.1-or-later
"""Named checks over a judge's report: what a machine must show from inside after slipway handed it over.

A check returns complaints; none means that it holds. Cases name their checks in TOML, `clean` belongs to every boot.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

from . import commands, network_checks, paths, timeline
from .layouts import Layout
from .report import JudgeReport

AFTER_LATE = 10.0  # seconds from the last late disk to the real init, on an emulated CPU
REPLAY_SECONDS = 60
# The emulated timer ticked too late for the kernel, before any program ran: the computer was busy.
FAULT_OF_EMULATION = "MP-BIOS bug: 8254 timer not connected to IO-APIC"

Check = Callable[[JudgeReport, Layout], list[str]]


def clean(report: JudgeReport, layout: Layout) -> list[str]:
    """The host runs undisturbed, and nothing in the kernel's log is an error."""
    errors = [line for line in report["kernel_errors"].lines if not line.endswith(FAULT_OF_EMULATION)]
    return undisturbed(report, layout) + [f"kernel error: {line}" for line in errors]


def undisturbed(report: JudgeReport, layout: Layout) -> list[str]:
    """The host runs as if there had been no initrd. For cases in which slipway has errors to report."""
    found = []
    state, meant = report["system_state"].text.strip(), "degraded" if report.failing_units else "running"
    if state != meant:
        found.append(f"systemd's state is '{state}', not '{meant}'")
    failed = {line.split()[0]: line for line in report["failed_units"].lines}
    found += [f"failed unit: {line}" for name, line in failed.items() if name not in report.failing_units]
    found += [f"{name} should have failed" for name in report.failing_units if name not in failed]
    found += [f"job still waiting: {line}" for line in report["jobs"].lines]
    # Those with '@' are meant to stay, such as mdmon.
    found += [f"process left over from the initrd: {line}" for line in report["initrd_processes"].lines if " @" not in line]
    found += [f"left over from the initrd: {line}" for line in report["initrd_release"].lines]
    found += _environment(report)
    return found + _run_options(report)


def no_crashes(report: JudgeReport, layout: Layout) -> list[str]:
    """The kernel saw no program crash, before or after the switch."""
    return [f"crash in the kernel's log: {line}" for line in report["crashes"].lines]


def _environment(report: JudgeReport) -> list[str]:
    names = set(report["init_environment"].lines)
    if "SYSTEMD_IN_INITRD" in names:
        return ["SYSTEMD_IN_INITRD leaked into the environment of the real init"]
    # What the kernel hands to init, and words of the command line that nobody knew (NAME=VALUE) end here, too.
    allowed = {"HOME", "TERM", "PATH", "SHLVL", "PWD"} | set(re.findall(r"(\S+?)=", report["kernel_cmdline"].text))
    return [f"variable in the environment of the real init: {name}" for name in sorted(names - allowed)]


def _run_options(report: JudgeReport) -> list[str]:
    entry = _mounts(report).get("/run")
    if entry is None:
        return ["/run is not a mount"]
    options = set(entry["options"].split(","))
    found = [f"/run lacks the option {word}" for word in ("nodev", "nosuid") if word not in options]
    if "relatime" in options or "noatime" in options:
        found.append("/run lacks the option strictatime")
    if "noexec" in options:
        found.append("/run is noexec: a shutdown image could not run from it")
    if not any(option.startswith("size=") for option in options):
        found.append("/run has no size limit")
    return found


def mounts(report: JudgeReport, layout: Layout) -> list[str]:
    """What fstab names is mounted, the root from where the layout put it."""
    mounted, expect = _mounts(report), layout.expect
    found = [f"{target} is not mounted" for target in expect.get("mounts", ["/"]) if target not in mounted]
    root = mounted.get("/", {})
    # Of a file system on several devices any may be shown.
    wanted = expect["root_source"]
    if root.get("source") not in ([wanted] if isinstance(wanted, str) else wanted):
        found.append(f"the root is mounted from {root.get('source')}, not from {expect['root_source']}")
    if (kind := expect.get("root_type", "ext4")) != root.get("fstype"):
        found.append(f"the root's type is {root.get('fstype')}, not {kind}")
    for key, word in (("source", "sources"), ("fstype", "types")):
        found += [
            f"{target} has the {key} {mounted.get(target, {}).get(key)}, not {value}"
            for target, value in expect.get(word, {}).items() if mounted.get(target, {}).get(key) != value
        ]
    for target, word in expect.get("options", {}).items():
        if word not in mounted.get(target, {}).get("options", "").split(","):
            found.append(f"{target} lacks the mount option {word}: {mounted.get(target, {}).get('options')}")
    link = f"/dev/disk/by-uuid/{layout.settings.get('root_uuid')} "
    has_links = "uuid_links" in report.sections and not str(root.get("fstype")).startswith("nfs")
    if has_links and "root_uuid" in layout.settings and not any(line.startswith(link) for line in report["uuid_links"].lines):
        found.append(f"there is no link {link.strip()}")
    return found


def within(report: JudgeReport, layout: Layout) -> list[str]:
    """The time from PID 1's start to the real init lies within the case's bounds."""
    assert report.within is not None
    earliest, latest = report.within
    try:
        total = timeline.parse(report["timeline"].text).total
    except timeline.BadTimeline:
        return []  # the check `timeline` says so
    return [] if earliest <= total <= latest else [f"the real init came after {total:.1f} s, not {earliest:g} to {latest:g} s"]


def untouched(report: JudgeReport, layout: Layout) -> list[str]:
    """slipway left alone what no goal needs: none of these units was started."""
    try:
        steps = timeline.parse(report["timeline"].text).steps
    except timeline.BadTimeline as error:
        return [f"there is no timeline that tells what was started: {error}"]
    return [
        f"{step.unit} was started, though nothing needs it"
        for step in steps for name in report.untouched if step.operation == "activate" and step.unit == name
    ]


def arrays(report: JudgeReport, layout: Layout) -> list[str]:
    """mdadm finds each array healthy, or without a member where the case took one away; udev knows what LVM needs."""
    seen = {_value(block, "MD_UUID") or block.split()[0]: block for block in _described(report, "arrays")}
    found = []
    for name, wanted in layout.expect.get("arrays", {}).items():
        block = next((text for text in seen.values() if _value(text, "MD_DEVNAME") == name or _value(text, "MD_UUID") == name
                      or text.split()[0] == name), None)
        if block is None:
            found.append(f"there is no array {name}; there are: {', '.join(seen) or 'none'}")
            continue
        if _value(block, "MD_LEVEL") != wanted["level"]:
            found.append(f"the array {name} is {_value(block, 'MD_LEVEL')}, not {wanted['level']}")
        state = (re.search(r"^\s*State : (.*)$", block, re.MULTILINE) or ["", ""])[1].strip()
        lacking = name in report.degraded
        if ("degraded" in state) != lacking or not re.match(r"clean|active", state):
            found.append(f"the array {name} is '{state}'{', although a member is away' if lacking else ''}")
        node = block.split()[0]
        if not _is_plugged(report, f"dev-{node}.device"):
            found.append(f"dev-{node}.device is not plugged")
    for entry in _parted(report["array_entries"].text):
        if "E:ID_FS_TYPE=LVM2_member" in entry and "E:LVM_MD_PV_ACTIVATED=1" not in entry:
            found.append(f"udev's entry {entry.splitlines()[0]} lacks LVM_MD_PV_ACTIVATED=1: LVM on it would be lost")
    return found


def _described(report: JudgeReport, name: str) -> list[str]:
    return list(_parted(report[name].text))


def _parted(text: str) -> Iterator[str]:
    """Blocks that begin with a line '# NAME'."""
    yield from (part for part in re.split(r"^# ", text, flags=re.MULTILINE) if part.strip())


def _value(text: str, key: str) -> str:
    return (re.search(rf"^{key}=(.*)$", text, re.MULTILINE) or ["", ""])[1]


def _is_plugged(report: JudgeReport, unit: str) -> bool:
    return re.search(rf"^{re.escape(unit)}\s+loaded active\s+plugged", report["device_units"].text, re.MULTILINE) is not None


def btrfs(report: JudgeReport, layout: Layout) -> list[str]:
    """The file system has all its devices, or lacks one where the case took one away."""
    wanted = layout.expect.get("btrfs_devices")
    if wanted is None:
        return []
    text = report["btrfs"].text
    if f"Total devices {wanted}" not in text:
        return [f"btrfs shows not {wanted} devices: {text.strip()}"]
    lacks = "missing" in text.lower()
    return [] if lacks == ("btrfs" in report.degraded) else [f"btrfs {'lacks' if lacks else 'lacks no'} device: {text.strip()}"]


def monitors(report: JudgeReport, layout: Layout) -> list[str]:
    """mdmon watches arrays with foreign metadata: the initrd's survived, or the host's took over from it."""
    wanted, running = layout.expect.get("mdmon", 0), report["monitors"].lines
    return [] if len(running) >= wanted else [f"{wanted} mdmon should watch the arrays, and these run: {', '.join(running) or 'none'}"]


def resumed(report: JudgeReport, layout: Layout) -> list[str]:
    """The machine is the one that was hibernated, not one that booted anew."""
    return [] if report["hibernated"].status == 0 else ["the machine booted anew instead of resuming"]


_SPAN = r"(?:(\d+)min )?([\d.]+)(ms|s)"


def initrd_begin(report: JudgeReport, layout: Layout) -> list[str]:
    """systemd-analyze knows when the initrd began, and books no less for it than it took."""
    text = report["analyze"].text
    if not (times := _booked(report)):
        return [f"systemd-analyze shows no initrd part: {text.splitlines()[0] if text else 'it said nothing'}"]
    try:
        known = timeline.parse(report["timeline"].text)
    except timeline.BadTimeline:
        return []  # the check `timeline` says so
    kernel, initrd = times
    found = []
    if abs(kernel - known.start) > 0.01:
        found.append(f"systemd-analyze lets the initrd begin at {kernel} s; it began at {known.start:.3f} s")
    if initrd < known.total - 0.01:
        found.append(f"systemd-analyze books {initrd} s for an initrd that took {known.total:.3f} s")
    return found


def initrd_timestamp(report: JudgeReport, layout: Layout) -> list[str]:
    """And books no more either. systemd counts its own start as well, which comes over the network or not."""
    found = initrd_begin(report, layout)
    if found or not (times := _booked(report)):
        return found
    try:
        total = timeline.parse(report["timeline"].text).total
    except timeline.BadTimeline:
        return []
    plausible = times[1] <= total + (3 if report.network is None else 10)
    return [] if plausible else [f"systemd-analyze books {times[1]} s for an initrd that took {total:.3f} s"]


def _booked(report: JudgeReport) -> tuple[float, float] | None:
    """The seconds of the kernel's part and of the initrd's."""
    found = re.search(rf"{_SPAN} \(kernel\) \+ {_SPAN} \(initrd\)", report["analyze"].text)
    return (_seconds(*found.groups()[:3]), _seconds(*found.groups()[3:])) if found else None


def _seconds(minutes: str | None, number: str, unit: str) -> float:
    return int(minutes or 0) * 60 + float(number) * (0.001 if unit == "ms" else 1)


def fsck_once(report: JudgeReport, layout: Layout) -> list[str]:
    """The root was checked in the initrd; the host must not do it again."""
    if report["fsck_marker"].status != 0:
        return ["/run/initramfs/fsck-root is missing: the root was not checked in the initrd"]
    state = report["fsck_root"].text
    if "ActiveState=inactive" not in state or "ConditionResult=no" not in state:
        return [f"systemd-fsck-root.service was not skipped: {' '.join(state.split())}"]
    return []


def timeline_file(report: JudgeReport, layout: Layout) -> list[str]:
    """/run/slipway/timeline.json is there, well formed and plausible."""
    if report["timeline"].status != 0:
        return ["/run/slipway/timeline.json is missing"]
    try:
        parsed = timeline.parse(report["timeline"].text)
    except timeline.BadTimeline as error:
        return [f"/run/slipway/timeline.json is wrong: {error}"]
    return [] if parsed.steps else ["/run/slipway/timeline.json names no step"]


def late(report: JudgeReport, layout: Layout) -> list[str]:
    """slipway waited for the disk that was plugged in last, and went on at once when it was there."""
    if report.plugged is None:
        return ["no disk was plugged in: the kernel never said that it starts the initrd, or the boot ended before"]
    try:
        seconds = timeline.parse(report["timeline"].text).total - report.plugged
    except timeline.BadTimeline:
        return ["there is no timeline that tells when the real init was started"]
    if seconds < 0:
        return [f"the real init was started {-seconds:.1f} s before the last disk was plugged in"]
    if seconds > AFTER_LATE:
        return [f"from the last disk to the real init it took {seconds:.1f} s, more than {AFTER_LATE:g} s"]
    return []


def replay(report: JudgeReport, layout: Layout) -> list[str]:
    """The boot, as it was recorded, takes the same decisions again offline."""
    if report["record"].status != 0:
        return ["/run/slipway/record.txt is missing: the boot was not recorded"]
    if report.record is None:
        return ["/run/slipway/record.txt did not arrive whole from the machine"]
    program = paths.stage() / "usr/bin/slipway"
    shown = f"'slipway replay {commands.shown(report.record)}'"
    try:
        done = subprocess.run(
            [program, "replay", report.record], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=REPLAY_SECONDS, check=False,
        )
    except subprocess.TimeoutExpired:
        return [f"{shown} did not end within {REPLAY_SECONDS} s"]
    if done.returncode == 0:
        return []
    said = "\n".join(done.stdout.splitlines()[-10:]) or "nothing"
    return [f"{shown} ended with status {done.returncode} and said: {said}"]


def initrd_mounts(report: JudgeReport, layout: Layout) -> list[str]:
    """What the initrd must mount besides the root: checked once, then mounted once, and nothing left to the host."""
    units = {unit.get("Where"): unit for unit in _blocks(report["mount_units"].text)}
    found = []
    for entry in layout.expect["initrd_mounts"]:
        target, source = entry["target"], entry["source"]
        sources = [mount["source"] for mount in _mount_entries(report) if mount["target"] == target]
        if sources != [source]:
            found.append(f"{target} is mounted from {', '.join(sources) or 'nowhere'}, not once from {source}")
        unit = units.get(target, {})
        if unit.get("ActiveState") != "active":
            found.append(f"systemd's mount unit of {target} is {unit.get('ActiveState', 'missing')}, not active")
        if "start_time=" in unit.get("ExecMount", "").replace("start_time=[n/a]", ""):
            found.append(f"systemd had to mount {target} itself: {unit['ExecMount']}")
        found += _checked_once(report, target, source, entry["label"])
    return found


def _checked_once(report: JudgeReport, target: str, source: str, label: str) -> list[str]:
    """The layout leaves the file system due for a check; only a real one resets the count in its superblock."""
    found = []
    if target == "/usr" and "/run/initramfs/fsck-usr" not in report["run_files"].lines:
        found.append("/run/initramfs/fsck-usr is missing: /usr was not checked in the initrd")
    verdict = rf"^{re.escape(label)}: \d+/\d+ files"
    runs = len(re.findall(verdict, report["fsck_log"].text, re.MULTILINE))
    if runs != 1:
        found.append(f"/run/initramfs/fsck.log shows {runs} checks of {label}, not one")
    if re.search(verdict, report["fsck_host"].text, re.MULTILINE):
        found.append(f"the host checked {label} again")
    # The superblocks come one behind the other, each below a line with its device.
    expression = rf"^# {re.escape(source)}\n(?:(?!# ).*\n)*?Mount count: +(\d+)$"
    superblock = re.search(expression, report["superblocks"].text, re.MULTILINE)
    if not superblock or superblock[1] != "1":
        count = superblock[1] if superblock else "an unknown number of"
        found.append(f"{source} was mounted {count} times since its last check, not once")
    return found


def _blocks(text: str) -> list[dict[str, str]]:
    """`systemctl show` of several units: KEY=VALUE lines, a blank line between units."""
    return [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in text.split("\n\n")]


def lvm(report: JudgeReport, layout: Layout) -> list[str]:
    """LVM's tools see active volumes, also those that the initrd left alone, and have nothing to complain about."""
    found = []
    entries = (report.json("lvs").get("report") or [{}])[0].get("lv", [])
    for tool in ("lvs", "pvs", "vgs"):
        if report[tool].status != 0:
            found.append(f"{tool} ended with status {report[tool].status}")
        # Without a disk there is something to complain about.
        found += [f"{tool} complains: {line}" for line in report[f"{tool}.stderr"].lines if not report.degraded]
    for entry in entries:
        if entry.get("lv_health_status") and entry["vg_name"] not in report.degraded:
            found.append(f"{entry['vg_name']}/{entry['lv_name']} is {entry['lv_health_status']}")
    if not layout.expect.get("volumes"):
        return []
    active = {f"{entry['vg_name']}/{entry['lv_name']}" for entry in entries if entry["lv_active"] == "active"}
    found += [f"volume {name} is not active" for name in layout.expect.get("volumes", []) if name not in active]
    if not _types(report, "lvm"):
        found.append("lsblk shows no device of type lvm")
    return found


def crypt(report: JudgeReport, layout: Layout) -> list[str]:
    """cryptsetup knows each mapping by the name and UUID that the host's own tools would give it."""
    found = []
    for name, uuid in layout.expect.get("crypt", {}).items():
        status = report[f"crypt.{name}"]
        if "is active" not in status.text or status.status != 0:
            found.append(f"cryptsetup status {name}: {status.text.strip() or 'no such mapping'}")
        # "LUKS1:<uuid>", "PLAIN:"; without a kind it is LUKS2.
        kind, _, rest = uuid.rpartition(":")
        wanted = "-".join(["CRYPT", kind or "LUKS2", *([rest.replace("-", "")] if rest else []), name])
        if wanted not in report["dm_info"].text:
            found.append(f"the mapping {name} has not the UUID {wanted}")
    if layout.expect.get("crypt") and not _types(report, "crypt"):
        found.append("lsblk shows no device of type crypt")
    return found


def dm_adopted(report: JudgeReport, layout: Layout) -> list[str]:
    """The host's udev took the mappings over: links, plugged units, and links that follow a mapping made anew."""
    found = []
    kinds = dict(line.split(" ", 2)[:2] for line in report["dm_links"].lines)
    for name in layout.expect.get("mappings", []):
        kind = kinds.get(f"/dev/mapper/{name}", "missing")
        if kind != "link":
            found.append(f"/dev/mapper/{name} is {'a node' if kind == 'node' else kind}, not a link")
        unit = "dev-mapper-" + name.replace("-", r"\x2d") + ".device"
        if not _is_plugged(report, unit):
            found.append(f"{unit} is not plugged")
        if f"E:DM_NAME={name}\n" not in report["udev_entries"].text + "\n":
            found.append(f"udev's database has no entry for the mapping {name}")
    for entry in _parted(report["udev_entries"].text):
        if "E:DM_UDEV_PRIMARY_SOURCE_FLAG=1" not in entry:
            found.append(f"udev's entry {entry.splitlines()[0]} lacks DM_UDEV_PRIMARY_SOURCE_FLAG=1")
    if report["remade_mapping"].status != 0:
        found.append(f"a mapping made anew did not get its link: {report['remade_mapping.stderr'].text.strip()}")
    return found


def _types(report: JudgeReport, wanted: str) -> list[str]:
    def walk(devices: list[dict[str, Any]]) -> Iterator[str]:
        for device in devices:
            if device["type"] == wanted:
                yield device["name"]
            yield from walk(device.get("children", []))

    return list(walk(report.json("lsblk").get("blockdevices", [])))


def _mounts(report: JudgeReport) -> dict[str, dict[str, Any]]:
    return {entry["target"]: entry for entry in _mount_entries(report)}


def _mount_entries(report: JudgeReport) -> Iterator[dict[str, Any]]:
    """All mounts; one that hides another has the same target."""

    def walk(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for entry in entries:
            yield entry
            yield from walk(entry.get("children", []))

    return walk(report.json("mounts").get("filesystems", []))


CHECKS: dict[str, Check] = {
    "clean": clean,
    "undisturbed": undisturbed,
    "no_crashes": no_crashes,
    "mounts": mounts,
    "initrd_begin": initrd_begin, "initrd_timestamp": initrd_timestamp,
    "fsck_once": fsck_once,
    "timeline": timeline_file,
    "late": late,
    "replay": replay,
    "initrd_mounts": initrd_mounts,
    "lvm": lvm,
    "crypt": crypt,
    "dm_adopted": dm_adopted,
    "arrays": arrays,
    "btrfs": btrfs,
    "monitors": monitors,
    "within": within,
    "untouched": untouched,
    "resumed": resumed,
    **network_checks.CHECKS,
}

# What holds of every healthy boot, whatever is under the root.
STORAGE = ["no_crashes", "mounts", "initrd_timestamp", "timeline", "lvm", "crypt", "dm_adopted", "arrays", "btrfs", "monitors"]
# The same of a root that comes over the network: on an NFS root there is no disk to look at.
NETWORK = ["clean", "no_crashes", "mounts", "initrd_timestamp", "timeline", "network", "power_off"]
# What a judge sees that takes the place of the real init.
BRIEF = ["no_crashes", "mounts", "timeline", "network"]
BUNDLES = {
    "healthy": ["clean", *STORAGE], "storage": ["undisturbed", *STORAGE],
    "nfs": [*NETWORK, "nfs_root"], "iscsi": ["clean", *STORAGE, "network", "power_off", "iscsi_logged_in", "iscsi_session"],
    "brief-nfs": [*BRIEF, "nfs_root"], "brief-iscsi": [*BRIEF, "iscsi_logged_in"],
}


def apply(names: list[str], report: JudgeReport, layout: Layout) -> list[str]:
    """All complaints, each with the name of its check."""
    if not report.complete:
        seen = ", ".join(report.sections) or "nothing"
        return [f"the judge's report is not complete (it has: {seen})"]
    return [f"{name}: {complaint}" for name in names for complaint in CHECKS[name](report, layout)]
