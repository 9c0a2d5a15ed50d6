# SPDX-License-Identifier: LGPL-2.1-or-later
"""The status interface on a booted host: a bus daemon of its own, with the files that are installed, starts slipway-bus.

Usage: system_bus_test.py SLIPWAY-BUS SLIPWAY FOLDER [unittest's arguments], with FOLDER the built service files.
"""

from __future__ import annotations

import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable

import dbus
import dbus.bus
import jsonschema

from boot import ENVIRONMENT, Boot, run

PROGRAM = sys.argv.pop(1)
SLIPWAY = sys.argv.pop(1)
BUILT = pathlib.Path(sys.argv.pop(1))
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "api/dbus/system"
FINISHED = ROOT / "tests/cli/boot"
NAME = "org.slipway"
MANAGER = ("/org/slipway", "org.slipway.Manager1")
LOG = ("notice: 3 older lines were dropped\ninfo: the boot has begun\nwarning: fs: something is odd\n"
       "error: lvm: something is wrong\ndebug: the end\n")
NOBODY = 65534
CHANGES = {"Retry": ("sysroot",), "Skip": ("sysroot",), "SetDeadline": ("sysroot", dbus.UInt64(1)), "Continue": (),
           "Answer": (dbus.ObjectPath("/org/slipway/prompt/1"), dbus.ByteArray(b"secret"))}

# What every system has: names and calls are refused unless a file of a service allows them.
CONFIGURATION = """<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/socket</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}</servicedir>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
  </policy>
  <include>{folder}/org.slipway.conf</include>
</busconfig>
"""


class Object:
    """Called by the name: a proxy of dbus-python keeps to the process that owns it now, which may be gone at the next call."""

    def __init__(self, bus: dbus.bus.BusConnection, path: str) -> None:
        self._bus = bus
        self._path = path

    def __getattr__(self, method: str) -> Callable[..., object]:
        return lambda *words, dbus_interface: self._bus.call_blocking(NAME, self._path, dbus_interface, method, None, words)


class Host:
    """A booted host: what its boot left, and its system bus. Use as a context."""

    def __init__(self, idle: int = 60) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-host-"))
        self.folder.chmod(0o755)
        self.run = self.folder / "run"
        shutil.copytree(FINISHED, self.run)
        (self.run / "log.txt").write_text(LOG)
        self.address = f"unix:path={self.folder}/socket"
        service = (BUILT / "org.slipway.service").read_text()
        (self.folder / "org.slipway.service").write_text(
            re.sub("^Exec=.*$", f"Exec={PROGRAM} --system --folder={self.run} --idle={idle}", service, flags=re.M))
        policy = (SHIPPED / "org.slipway.conf").read_text()
        user = pwd.getpwuid(os.getuid()).pw_name
        (self.folder / "org.slipway.conf").write_text(policy.replace('user="root"', f'user="{user}"'))
        (self.folder / "bus.conf").write_text(CONFIGURATION.format(folder=self.folder))
        self.environment = {**os.environ, **ENVIRONMENT, "DBUS_SYSTEM_BUS_ADDRESS": self.address}

    def __enter__(self) -> "Host":
        with open(self.folder / "stderr", "w", encoding="utf-8") as errors:
            self.daemon = subprocess.Popen(["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork"],
                                           stderr=errors, env=self.environment)
        limit = time.monotonic() + 20
        while not (self.folder / "socket").exists():
            assert self.daemon.poll() is None and time.monotonic() < limit, self.errors()
            time.sleep(0.02)
        self.bus = dbus.bus.BusConnection(self.address)
        return self

    def __exit__(self, *_args: object) -> None:
        process = self.process()
        if process:
            os.kill(process, signal.SIGTERM)
        limit = time.monotonic() + 20
        while self.process() and time.monotonic() < limit:
            time.sleep(0.02)
        self.bus.close()
        self.daemon.terminate()
        self.daemon.wait()
        errors = self.errors()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert "Sanitizer" not in errors, errors

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()

    def process(self) -> int:
        """0: slipway-bus does not run, or not as the owner of the name."""
        driver = self.bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False)
        try:
            return int(driver.GetConnectionUnixProcessID(NAME, dbus_interface="org.freedesktop.DBus"))
        except dbus.DBusException:
            return 0

    def object(self, path: str = "/org/slipway") -> Object:
        return Object(self.bus, path)

    def call(self, method: str, *words: object) -> object:
        return getattr(self.object(), method)(*words, dbus_interface=MANAGER[1])

    def get(self, name: str) -> object:
        return self.object().Get(MANAGER[1], name, dbus_interface=dbus.PROPERTIES_IFACE)

    def error_of(self, method: str, *words: object) -> dbus.DBusException:
        try:
            self.call(method, *words)
        except dbus.DBusException as error:
            return error
        raise AssertionError(f"{method} went well")


def plain(value: object) -> object:
    """Without the types of D-Bus, so that values can be shown and compared."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else int(value)


class Clients(unittest.TestCase):
    def test_the_bus_starts_it_for_stock_clients(self) -> None:
        with Host() as host:
            self.assertEqual(host.process(), 0)
            result = run("busctl", f"--address={host.address}", "get-property", NAME, *MANAGER, "State")
            self.assertEqual(result.stdout, 's "booted"\n', result.stderr + host.errors())
            self.assertIn("/org/slipway/unit/sysroot", run("busctl", f"--address={host.address}", "tree", NAME).stdout)
            result = subprocess.run(["gdbus", "call", "--system", "--dest", NAME, "--object-path", "/org/slipway", "--method",
                                     "org.slipway.Manager1.GetUnit", "sysroot"], env=host.environment, capture_output=True,
                                    text=True, check=False)
            self.assertEqual(result.stdout, "(objectpath '/org/slipway/unit/sysroot',)\n", result.stderr)
            self.assertNotEqual(host.process(), 0)

    def test_it_ends_when_nobody_asks_and_starts_again(self) -> None:
        with Host(idle=1) as host:
            self.assertEqual(host.get("State"), "booted")
            first = host.process()
            self.assertNotEqual(first, 0)
            limit = time.monotonic() + 20
            while pathlib.Path(f"/proc/{first}").exists() and time.monotonic() < limit:
                time.sleep(0.05)
            self.assertFalse(pathlib.Path(f"/proc/{first}").exists(), "it goes on although nobody asks")
            self.assertEqual(host.process(), 0)
            self.assertEqual(host.get("State"), "booted")
            self.assertNotEqual(host.process(), first)

    def test_no_call_is_lost_while_it_ends(self) -> None:
        with Host(idle=0) as host:
            for _ in range(20):
                self.assertEqual(host.get("State"), "booted")


class Same(unittest.TestCase):
    """What the host says is what the boot said, and what the files say."""

    def test_objects_are_those_of_the_boot(self) -> None:
        record = (FINISHED / "record.txt").read_bytes()
        with Host() as host, Boot(PROGRAM, record) as boot:
            there = dbus.connection.Connection(boot.address)
            self.addCleanup(there.close)

            def of_boot(path: str) -> dbus.proxies.ProxyObject:
                return there.get_object(None, path, introspect=False)

            manager = "org.freedesktop.DBus.ObjectManager"
            objects = plain(host.object().GetManagedObjects(dbus_interface=manager))
            self.assertEqual(objects, plain(of_boot("/org/slipway").GetManagedObjects(dbus_interface=manager)))
            self.assertGreater(len(objects), 20)
            device = next(path for path in objects if path.startswith("/org/slipway/device/"))
            for path in ("/org/slipway", "/org/slipway/unit/sysroot", device):
                self.assertEqual(introspection(host.object(path)), introspection(of_boot(path)), path)
            for name in ("Goals", "Jobs", "Headline", "Truncated", "Version"):
                self.assertEqual(plain(host.get(name)), plain(of_boot("/org/slipway").Get(
                    MANAGER[1], name, dbus_interface=dbus.PROPERTIES_IFACE)), name)
            for method in ("ListUnits", "ListDevices", "ListPrompts", "Dump"):
                self.assertEqual(plain(host.call(method)),
                                 plain(getattr(of_boot("/org/slipway"), method)(dbus_interface=MANAGER[1])), method)
            self.assertEqual(host.call("Why", "sysroot"), "sysroot is ready\n")
            self.assertEqual(host.call("Dump"), dump_of(FINISHED / "record.txt"))

    def test_report_says_the_same(self) -> None:
        with Host() as host:
            report = json.loads(run(SLIPWAY, "report", "--json", str(host.run)).stdout)
            text = str(host.call("Timeline"))
            self.assertEqual(text, (host.run / "timeline.json").read_text())
            steps = json.loads(text)["steps"]
            self.assertEqual(len(steps), report["jobs"])
            self.assertGreater(len(steps), 10)
            longest = max(steps, key=lambda step: step["end_us"] - step["start_us"])
            self.assertIn(longest["unit"], [entry["unit"] for entry in report["longest"]])
            failed = {str(name) for name, _, state, _, _ in host.call("ListUnits") if state == "failed"}
            self.assertLessEqual(failed, {entry["unit"] for entry in report["not_done"]})
            levels = {3: "error", 4: "warning"}
            log = [(int(level), int(usec), str(line)) for level, usec, line in host.call("Log")]
            self.assertEqual([{"level": levels[level], "text": line} for level, _, line in log if level in levels],
                             report["complaints"])
            self.assertEqual([line for _, _, line in log], [line.split(": ", 1)[1] for line in LOG.splitlines()])

    def test_without_a_timeline_the_record_tells_it(self) -> None:
        with Host() as host:
            saved = json.loads((host.run / "timeline.json").read_text())
            (host.run / "timeline.json").unlink()
            told = json.loads(str(host.call("Timeline")))
            self.assertEqual([step["unit"] for step in told["steps"]], [step["unit"] for step in saved["steps"]])

    def test_a_log_that_is_not_there_is_told_in_its_place(self) -> None:
        with Host() as host:
            (host.run / "log.txt").unlink()
            (level, _, text), = host.call("Log")
            self.assertEqual(level, 4)
            self.assertIn("log.txt", text)

    def test_a_record_that_was_full_says_so(self) -> None:
        with Host() as host:
            record = (host.run / "record.txt").read_text()
            (host.run / "record.txt").write_text(record[:record.rindex("\n@") + 1] + "truncated\n")
            self.assertEqual(host.get("Truncated"), True)
            self.assertEqual(host.get("State"), "booted")


def introspection(thing: Object | dbus.proxies.ProxyObject) -> str:
    text = str(thing.Introspect(dbus_interface=dbus.INTROSPECTABLE_IFACE))
    assert "<interface name=\"org.slipway." in text, text
    return text


def dump_of(record: pathlib.Path) -> str:
    output = run(SLIPWAY, "replay", "--dump", str(record)).stdout
    return output[:output.rindex("\n", 0, -1) + 1]  # the last line is what came of the comparison


class Refusals(unittest.TestCase):
    def test_nothing_can_be_changed(self) -> None:
        with Host() as host:
            before = host.call("Dump")
            for method, words in CHANGES.items():
                error = host.error_of(method, *words)
                self.assertEqual(error.get_dbus_name(), "org.slipway.Error.BootIsOver", method)
                self.assertIn("the boot in the initrd is over", error.get_dbus_message())
                self.assertIn("systemctl", error.get_dbus_message(), "what helps")
            with self.assertRaises(dbus.DBusException) as error:
                host.object().Set(MANAGER[1], "State", "waiting", dbus_interface=dbus.PROPERTIES_IFACE)
            self.assertIn("ReadOnly", error.exception.get_dbus_name())
            self.assertEqual(host.call("Dump"), before)
            self.assertEqual(host.error_of("Why", "absent").get_dbus_name(), "org.slipway.Error.NoSuchUnit")

    def problem(self, host: Host) -> str:
        error = host.error_of("ListUnits")
        self.assertEqual(error.get_dbus_name(), "org.slipway.Error.NoReport")
        for method, words in {"Why": ("",), "Dump": (), "Timeline": (), "Log": (), "GetUnit": ("sysroot",)}.items():
            self.assertEqual(host.error_of(method, *words).get_dbus_name(), "org.slipway.Error.NoReport", method)
        self.assertEqual(host.error_of("Retry", "sysroot").get_dbus_name(), "org.slipway.Error.BootIsOver")
        with self.assertRaises(dbus.DBusException) as state:
            host.get("State")
        self.assertEqual(state.exception.get_dbus_name(), "org.slipway.Error.NoReport")
        text = error.get_dbus_message()
        self.assertIn(text, host.errors(), "the journal has it as well")
        return str(text)

    def test_a_system_that_was_not_booted_with_slipway(self) -> None:
        with Host() as host:
            shutil.rmtree(host.run)
            text = self.problem(host)
            self.assertIn("was this system booted with slipway?", text)
            self.assertIn(f"{host.run}/record.txt", text)

    def test_a_record_that_was_cut_short(self) -> None:
        record = (FINISHED / "record.txt").read_text()
        cuts = {"in the middle of a line": record[:record.rindex(" finished ") + 4],
                "between two steps": record[:record.index("\n@", record.index(" asks ")) + 1],
                "before the boot": record[:record.index("\n@") + 1],
                "to nothing": ""}
        for where, text in cuts.items():
            with self.subTest(where), Host() as host:
                (host.run / "record.txt").write_text(text)
                problem = self.problem(host)
                self.assertRegex(problem, "record.txt: (it ends .*cut short|line [0-9]+: )")

    def test_a_record_of_another_version(self) -> None:
        record = (FINISHED / "record.txt").read_text()
        with Host() as host:
            (host.run / "record.txt").write_text(record.replace("> start sysroot\n", "> start sysroot-other\n", 1))
            self.assertIn("decides otherwise", self.problem(host))
        with Host() as host:
            (host.run / "record.txt").write_text(record.replace("slipway-record 1", "slipway-record 2", 1))
            self.assertIn("use the slipway that made it", self.problem(host))


class Program(unittest.TestCase):
    def slipway(self, host: Host, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([SLIPWAY, *words, "--address", "system"], env=host.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)

    def test_shows_the_boot_of_the_host(self) -> None:
        with Host() as host:
            for command in ("status", "why", "units", "devices"):
                result = self.slipway(host, command, "--json")
                self.assertEqual((result.returncode, result.stderr), (0, ""), command)
                schema = json.loads((ROOT / f"docs/schema/{command}.json").read_text())
                jsonschema.validate(json.loads(result.stdout), schema)
            self.assertEqual(json.loads(self.slipway(host, "status", "--json").stdout)["state"], "booted")
            self.assertIn("ready", self.slipway(host, "units").stdout)
            self.assertIn("fs: something is odd", self.slipway(host, "log").stdout)
            self.assertEqual(self.slipway(host, "monitor").returncode, 0, "nothing changes any more")

    def test_waits_for_a_service_that_starts_slowly(self) -> None:
        with Host() as host:
            service = host.folder / "org.slipway.service"
            command, = re.findall("^Exec=(.*)$", service.read_text(), re.M)
            service.write_text(service.read_text().replace(command, f"/bin/sh -c 'sleep 11; exec {command}'"))
            host.bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False).ReloadConfig(
                dbus_interface="org.freedesktop.DBus")
            result = self.slipway(host, "units")
            self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_changes_nothing(self) -> None:
        with Host() as host:
            for words in (["retry", "sysroot"], ["skip", "sysroot"], ["continue"]):
                result = self.slipway(host, *words)
                self.assertEqual(result.returncode, 1)
                self.assertIn("the boot in the initrd is over", result.stderr)
            self.assertEqual(self.slipway(host, "answer").stderr, "slipway: nothing is asked now\n")

    def test_says_what_is_missing(self) -> None:
        with Host() as host:
            (host.run / "record.txt").unlink()
            result = self.slipway(host, "status")
            self.assertEqual(result.returncode, 1)
            self.assertIn("was this system booted with slipway?", result.stderr)
        result = subprocess.run([SLIPWAY, "status", "--address", "system"], capture_output=True, text=True, check=False,
                                env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("the system bus cannot be reached", result.stderr)


@unittest.skipUnless(os.getuid() == 0, "only root can be somebody else")
class OtherUsers(unittest.TestCase):
    def busctl(self, host: Host, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["busctl", f"--address={host.address}", *words], user=NOBODY, group=NOBODY, extra_groups=[],
                              capture_output=True, text=True, check=False)

    def test_read_what_the_system_shows_everybody(self) -> None:
        with Host() as host:
            result = self.busctl(host, "get-property", NAME, *MANAGER, "State")
            self.assertEqual(result.stdout, 's "booted"\n', result.stderr)
            for words in (["call", NAME, *MANAGER, "ListUnits"], ["call", NAME, *MANAGER, "Why", "s", "sysroot"],
                          ["introspect", NAME, "/org/slipway"], ["tree", NAME]):
                result = self.busctl(host, *words)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_do_not_read_the_log_nor_take_the_name(self) -> None:
        with Host() as host:
            result = self.busctl(host, "call", NAME, *MANAGER, "Log")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("Access denied", result.stderr)
            result = self.busctl(host, "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "RequestName", "su", NAME, "4")
            self.assertNotEqual(result.returncode, 0)
            result = self.busctl(host, "call", NAME, *MANAGER, "Retry", "s", "sysroot")
            self.assertIn("the boot in the initrd is over", result.stderr)

    def test_are_told_by_the_program_who_may_read_the_log(self) -> None:
        with Host() as host:
            result = subprocess.run([SLIPWAY, "log", "--address", "system"], env=host.environment, capture_output=True, text=True,
                                    user=NOBODY, group=NOBODY, extra_groups=[], stdin=subprocess.DEVNULL, check=False)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertEqual(result.stderr, "slipway: the policy of the system bus does not allow you this (the log of the boot is "
                                            "root's); run it as root\n")


class Usage(unittest.TestCase):
    def test_wrong_usage_is_2(self) -> None:
        for words in ([], ["--system", "--nonsense"], ["--system", "--idle=soon"], ["--sytem"]):
            result = run(PROGRAM, *words)
            self.assertEqual(result.returncode, 2, words)
            self.assertIn("--system", result.stderr)

    def test_without_a_bus_it_says_so(self) -> None:
        result = subprocess.run([PROGRAM, "--system"], capture_output=True, text=True, check=False,
                                env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot be org.slipway on the system bus", result.stderr)


class ServiceFiles(unittest.TestCase):
    def test_the_bus_and_systemd_start_the_same(self) -> None:
        service = (BUILT / "org.slipway.service").read_text()
        unit = (BUILT / "slipway-bus.service").read_text()
        command, = re.findall("^Exec=(.*)$", service, re.M)
        self.assertRegex(command, "^/.*/lib/slipway/slipway-bus --system$")
        self.assertIn(f"\nExecStart={command}\n", unit)
        self.assertIn("\nSystemdService=slipway-bus.service\n", service)
        self.assertIn(f"\nName={NAME}\n", service)
        self.assertIn(f"\nBusName={NAME}\n", unit)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_systemd_finds_no_fault_and_little_exposure(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "slipway-bus.service"
            text = (BUILT / "slipway-bus.service").read_text()
            unit.write_text(re.sub("^ExecStart=[^ ]*", f"ExecStart={PROGRAM}", text, flags=re.M))
            result = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit))
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            # Of 100; what is left is that it runs as root, without a capability.
            result = run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(unit))
            self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    if shutil.which("dbus-daemon") is None:
        print("dbus-daemon is not installed")
        sys.exit(77)
    unittest.main()
