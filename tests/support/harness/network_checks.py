# SPDX-License-Identifier: LGPL-2.1-or-later
"""Named checks of a machine whose root comes over the network (tests/vm/netguest/…/judge-network reports)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

from .layouts import Layout
from .report import JudgeReport

Check = Callable[[JudgeReport, Layout], list[str]]
NET_FILE_FIELDS = ("DEVICE", "PROTO", "IPV4ADDR", "IPV4NETMASK")


def network(report: JudgeReport, layout: Layout) -> list[str]:
    """Every address and default route that the initrd left is still there, and described for the host's own managers."""
    early, now = _addresses(report, "early_addresses"), _addresses(report, "addresses")
    found = [] if early else ["the initrd left no interface with an address"]
    names = _new_names(report)
    for old_name, addresses in early.items():
        interface = names.get(old_name, old_name)
        lost = addresses - now.get(interface, set())
        found += [f"{interface} has lost the address {address}" for address in sorted(lost)]
        # More than one on an interface: a second client has asked for a lease.
        if len(_of_family(now.get(interface, set()), 4)) > max(1, len(_of_family(addresses, 4))):
            found.append(f"{interface} has several addresses now: {', '.join(sorted(now[interface]))}")
    lost_routes = _routes(report, "early_routes", names) - _routes(report, "routes", {})
    found += [f"the route {route} is lost" for route in sorted(lost_routes)]
    return found + _net_files(report, early, names)


def _net_files(report: JudgeReport, early: dict[str, set[str]], names: dict[str, str]) -> list[str]:
    """/run/net-IF.conf, which ifupdown's scripts and cloud-init source, and the file for systemd-networkd.

    They bear the names that the interfaces have now.
    """
    files, found = _files(report), []
    for old_name, addresses in early.items():
        interface = names.get(old_name, old_name)
        if interface != old_name and f"/run/net-{old_name}.conf" in files:
            found.append(f"/run/net-{old_name}.conf is still there, but the interface is {interface}")
        wanted = {address.partition("/")[0] for address in _of_family(addresses, 4)}
        if not wanted:
            continue
        text = files.get(f"/run/net-{interface}.conf")
        if text is None:
            found.append(f"/run/net-{interface}.conf is missing")
            continue
        values = _assignments(text)
        found += [f"/run/net-{interface}.conf lacks {key}" for key in NET_FILE_FIELDS if not values.get(key)]
        if values.get("DEVICE") != interface or values.get("IPV4ADDR") not in wanted:
            found.append(f"/run/net-{interface}.conf describes {values.get('DEVICE')} {values.get('IPV4ADDR')}, not {wanted}")
    kept = files.get("/run/initramfs/open-iscsi.interface", "").strip()
    if kept and kept not in (present := sorted(entry["ifname"] for entry in _json_list(report, "addresses"))):
        found.append(f"open-iscsi.interface names {kept}, and there are {', '.join(present)}")
    units = [text for name, text in files.items() if name.startswith("/run/systemd/network/")]
    if early and not any("KeepConfiguration=yes" in text for text in units):
        found.append("no file in /run/systemd/network keeps the configuration")
    return found


def nfs_root(report: JudgeReport, layout: Layout) -> list[str]:
    """The root is mounted without locks; what the layout wants of its options is checked by `mounts`."""
    options = report["root_options"].text.strip().split(",")
    is_v3 = "vers=3" in options
    return ["the root is mounted with locks, which need a daemon"] if is_v3 and "nolock" not in options else []


def root_io(report: JudgeReport, layout: Layout) -> list[str]:
    """What was written to the root is read back from where it comes from."""
    section = report["root_io"]
    if section.status == 0 and section.text.strip() == "same":
        return []
    return [f"64 MiB on the root were not written and read back: {section.text.strip() or 'no reason given'}"]


def iscsi_logged_in(report: JudgeReport, layout: Layout) -> list[str]:
    """The kernel has a session with each target, and none that was never logged in."""
    sessions = dict(line.rsplit(" ", 1) for line in report["iscsi_kernel"].lines if " " in line)
    targets = report.network.targets if report.network else ()
    states = {target.name: "not there" for target in targets} | sessions
    return [f"the session with {name} is {state}" for name, state in states.items() if state != "LOGGED_IN"]


def iscsi_session(report: JudgeReport, layout: Layout) -> list[str]:
    """The host's own tool shows each target logged in, and the daemon that has adopted the sessions runs."""
    section = report["iscsi_sessions"]
    found = [] if section.status == 0 else [f"iscsiadm ended with status {section.status}"]
    targets = report.network.targets if report.network else ()
    for target in targets:
        block = next((part for part in re.split(r"^Target: ", section.text, flags=re.MULTILINE) if part.startswith(target.name)), None)
        if block is None:
            found.append(f"iscsiadm shows no session with {target.name}")
            continue
        state = re.search(r"iSCSI Session State: (.*)", block)
        if state is None or state[1] != "LOGGED_IN":
            found.append(f"the session with {target.name} is {state[1] if state else 'in no known state'}")
        # "Unknown": iscsid has not read the session from the kernel.
        internal = re.search(r"Internal iscsid Session State: (.*)", block)
        if internal is None or internal[1] != "NO CHANGE":
            found.append(f"iscsid has not adopted the session with {target.name}: {internal[1] if internal else 'it says nothing'}")
    if "Id=iscsid.service" not in report["iscsi_daemon"].text or not _is_active(report):
        found.append(f"iscsid.service does not run: {' '.join(report['iscsi_daemon'].text.split())}")
    return found


def power_off(report: JudgeReport, layout: Layout) -> list[str]:
    """The machine powers off, or reboots, in order and in time: whoever takes the network away first hangs here."""
    if report.power_off is None:
        return ["the machine did not go down"]
    if report.power_off > report.power_off_within:
        return [f"going down took {report.power_off:.0f} s, more than {report.power_off_within:g} s"]
    return []


def _is_active(report: JudgeReport) -> bool:
    blocks = report["iscsi_daemon"].text.split("\n\n")
    return any("Id=iscsid.service" in block and "ActiveState=active" in block for block in blocks)


def _addresses(report: JudgeReport, section: str) -> dict[str, set[str]]:
    """Interface → its global addresses with the lengths of their prefixes."""
    result: dict[str, set[str]] = {}
    for entry in _json_list(report, section):
        chosen = {f"{one['local']}/{one['prefixlen']}" for one in entry.get("addr_info", []) if one.get("scope") == "global"}
        if chosen:
            result[entry["ifname"]] = chosen
    return result


def _of_family(addresses: set[str], family: int) -> set[str]:
    return {address for address in addresses if (":" in address) == (family == 6)}


def _new_names(report: JudgeReport) -> dict[str, str]:
    """The host may rename an interface that is up: name in the initrd → name now, by the number that stays."""
    now = {entry.get("ifindex"): entry["ifname"] for entry in _json_list(report, "addresses")}
    early = {entry["ifname"]: entry.get("ifindex") for entry in _json_list(report, "early_addresses")}
    return {name: now[index] for name, index in early.items() if index is not None and index in now}


def _routes(report: JudgeReport, section: str, names: dict[str, str]) -> set[str]:
    return {
        f"{entry['dst']} via {entry.get('gateway', 'no gateway')} on {names.get(entry.get('dev'), entry.get('dev'))}"
        for entry in _json_list(report, section)
    }


def _json_list(report: JudgeReport, section: str) -> Iterator[dict[str, Any]]:
    try:
        entries = json.loads(report[section].text)
    except json.JSONDecodeError:
        entries = []
    yield from (entry for entry in entries if entry)


def _files(report: JudgeReport) -> dict[str, str]:
    """Path → content."""
    found = {}
    for part in re.split(r"^# (?=/run/)", report["net_files"].text, flags=re.MULTILINE):
        name, _, text = part.partition("\n")
        if name.startswith("/run/"):
            found[name.strip()] = text
    return found


def _assignments(text: str) -> dict[str, str]:
    """As a shell would read them; a file that it could not read has none."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


CHECKS: dict[str, Check] = {
    "network": network, "nfs_root": nfs_root, "root_io": root_io, "iscsi_logged_in": iscsi_logged_in,
    "iscsi_session": iscsi_session, "power_off": power_off,
}
