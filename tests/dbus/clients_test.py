# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock D-Bus clients look at a simulated boot; and clients that stall, send garbage or never read cost only themselves.

Usage: clients_test.py SLIPWAY-BUS [unittest's arguments]
"""

from __future__ import annotations

import contextlib
import pathlib
import resource
import socket
import sys
import time
import unittest

import dbus
import dbus.connection

from boot import Boot, record_of, run

PROGRAM = sys.argv.pop(1)
MANAGER = ("/org/slipway", "org.slipway.Manager1")
QUESTION = "Passphrase for root"


def waiting_boot() -> Boot:
    """The root is missing, and no time is over."""
    return Boot(PROGRAM, record_of("root-missing", "> start inspect:probe:vda1"))


def asking_boot() -> Boot:
    return Boot(PROGRAM, record_of("locked-volume", "> prompt "))


def raw_client(boot: Boot) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(boot.path)
    client.settimeout(10)
    return client


def authenticated(boot: Boot) -> socket.socket:
    """A client that is let in: anonymous D-Bus without a library."""
    client = raw_client(boot)
    client.sendall(b"\0AUTH EXTERNAL 30\r\n")
    reply = client.recv(100)
    assert reply.startswith(b"OK "), reply
    client.sendall(b"BEGIN\r\n")
    return client


class Busctl(unittest.TestCase):
    def test_reads_properties_calls_methods_and_introspects(self) -> None:
        with waiting_boot() as boot:
            def busctl(*words: str) -> str:
                result = run("busctl", f"--address={boot.address}", *words)
                self.assertEqual(result.returncode, 0, result.stderr)
                return result.stdout

            self.assertEqual(busctl("get-property", "org.slipway", *MANAGER, "State"), 's "booting"\n')
            why = busctl("call", "org.slipway", *MANAGER, "Why", "s", "")
            self.assertIn("device UUID=root is not there", why)
            tree = busctl("introspect", "org.slipway", "/org/slipway/unit/sysroot")
            self.assertIn(".WaitsFor", tree)
            self.assertIn('"device UUID=root"', tree)
            self.assertIn("/org/slipway/unit/switch_2droot", busctl("tree", "org.slipway"))

    def test_tells_an_error_by_its_name(self) -> None:
        with waiting_boot() as boot:
            result = run("busctl", f"--address={boot.address}", "call", "org.slipway", *MANAGER, "Why", "s", "absent")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("there is no unit absent", result.stderr)


class Gdbus(unittest.TestCase):
    def test_introspects_and_calls(self) -> None:
        with waiting_boot() as boot:
            result = run("gdbus", "introspect", "--address", boot.address, "--dest", "org.slipway", "--object-path", "/org/slipway")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("interface org.slipway.Manager1", result.stdout)
            result = run("gdbus", "call", "--address", boot.address, "--dest", "org.slipway", "--object-path", "/org/slipway",
                         "--method", "org.slipway.Manager1.GetUnit", "sysroot")
            self.assertEqual(result.stdout, "(objectpath '/org/slipway/unit/sysroot',)\n", result.stderr)


class Python(unittest.TestCase):
    def test_reads_the_whole_boot(self) -> None:
        with waiting_boot() as boot:
            bus = dbus.connection.Connection(boot.address)
            manager = bus.get_object(None, "/org/slipway", introspect=False)
            objects = manager.GetManagedObjects(dbus_interface="org.freedesktop.DBus.ObjectManager")
            disk = objects["/org/slipway/device/vda1" if "/org/slipway/device/vda1" in objects
                           else next(path for path in objects if path.endswith("vda1"))]["org.slipway.Device1"]
            self.assertEqual(disk["Devnode"], "/dev/vda1")
            properties = manager.GetAll("org.slipway.Manager1", dbus_interface=dbus.PROPERTIES_IFACE)
            self.assertEqual(properties["Goals"], ["switch-root"])
            self.assertFalse(properties["Truncated"])
            driver = bus.get_object(None, "/org/freedesktop/DBus", introspect=False)
            self.assertTrue(driver.NameHasOwner("org.slipway", dbus_interface="org.freedesktop.DBus"))
            bus.close()


class Commands(unittest.TestCase):
    def test_reach_pid_1_and_come_back(self) -> None:
        with Boot(PROGRAM, record_of("root-missing")) as boot:
            def call(method: str, *words: str) -> tuple[int, str]:
                result = run("busctl", f"--address={boot.address}", "call", "org.slipway", *MANAGER, method, *words)
                return result.returncode, result.stderr

            self.assertEqual(call("Retry", "s", "sysroot"), (0, ""))
            self.assertEqual(call("Skip", "s", "sysroot"), (0, ""))
            boot.problem = "the boot does not stand at a break"
            status, text = call("Continue")
            self.assertEqual(status, 1)
            self.assertIn("the boot does not stand at a break", text)
            self.assertEqual(boot.commands, ["1 retry sysroot", "2 skip sysroot", "3 continue"])
            status, text = call("Retry", "s", "resume-decided")
            self.assertIn("has not failed", text)
            self.assertEqual(len(boot.commands), 3)

    def test_an_answer_reaches_the_asker_and_stays_nowhere_else(self) -> None:
        secret = "Zx9-correct-horse"
        with asking_boot() as boot:
            bus = dbus.connection.Connection(boot.address)
            manager = bus.get_object(None, "/org/slipway", introspect=False)
            (text, shown, path), = manager.ListPrompts(dbus_interface=MANAGER[1])
            self.assertTrue(shown)
            answers = boot.ask(text)
            manager.Answer(path, dbus.ByteArray(secret.encode()), dbus_interface=MANAGER[1])
            self.assertEqual(answers.recv(100), b"+" + secret.encode())
            with self.assertRaises(dbus.DBusException) as error:
                manager.Answer(dbus.ObjectPath("/org/slipway/prompt/77"), dbus.ByteArray(b"x"), dbus_interface=MANAGER[1])
            self.assertEqual(error.exception.get_dbus_name(), "org.slipway.Error.NoSuchPrompt")
            self.assertFalse(memory_holds(boot.pid, secret.encode()))
            bus.close()


class ClientsOfAPort(unittest.TestCase):
    def test_may_not_answer_when_the_answer_would_stay_in_memory(self) -> None:
        for trace, remedy in (("freed-memory", "init_on_free=1"), ("buffers", "a device of its own")):
            with asking_boot() as boot, boot.through_port(trace) as path:
                bus = dbus.connection.Connection(f"unix:path={path}")
                manager = bus.get_object(None, "/org/slipway", introspect=False)
                self.assertIn(remedy, manager.Get(*MANAGER[1:], "AnswersRefused", dbus_interface=dbus.PROPERTIES_IFACE))
                (text, shown, prompt), = manager.ListPrompts(dbus_interface=MANAGER[1])
                self.assertTrue(shown)
                answers = boot.ask(text)
                with self.assertRaises(dbus.DBusException) as error:
                    manager.Answer(prompt, dbus.ByteArray(b"secret"), dbus_interface=MANAGER[1])
                self.assertEqual(error.exception.get_dbus_name(), "org.slipway.Error.Refused")
                self.assertIn(remedy, error.exception.get_dbus_message())
                self.assertIn("may be in the memory of the machine", error.exception.get_dbus_message())
                self.assertRegex(boot.first_command(), "^0 note an.*" + remedy.replace(" ", "%20"))
                answers.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    answers.recv(100)
                bus.close()

    def test_are_told_from_those_in_the_machine(self) -> None:
        with asking_boot() as boot, boot.through_port("freed-memory") as path:
            def refused(address: str) -> str:
                return run("busctl", f"--address={address}", "get-property", "org.slipway", *MANAGER, "AnswersRefused").stdout

            self.assertEqual(refused(boot.address), 's ""\n')
            self.assertIn("no answer is taken", refused(f"unix:path={path}"))


class EqualQuestions(unittest.TestCase):
    """Each has a number of its own, so that an answer reaches nobody but who was meant."""

    def test_of_two_programs(self) -> None:
        record = record_of("root-missing", "> start inspect:probe:vda1")
        for number, name in ((1, "zz"), (2, "aa")):
            record += f"@11000 foreign-asks {number} 0 Password {number} ask.{name}\n".encode()
        with Boot(PROGRAM, record) as boot:
            first, second = boot.ask("Password", "zz"), boot.ask("Password", "aa")
            second.settimeout(0.5)
            self.assertEqual([(text, shown, path) for text, shown, path in self.prompts(boot)],
                             [("Password", True, "/org/slipway/prompt/1"), ("Password", False, "/org/slipway/prompt/2")])
            self.assertIn("another question is asked first", self.answer(boot, 2, "wrong"))
            self.assertEqual(self.answer(boot, 1, "right"), "")
            self.assertEqual(first.recv(100), b"+right")
            with self.assertRaises(TimeoutError):
                second.recv(100)

    def test_of_a_volume_that_is_asked_for_again(self) -> None:
        record = record_of("locked-volume", "> prompt ")
        with Boot(PROGRAM, record) as boot:
            (text, _, path), = self.prompts(boot)
            self.assertEqual(path, "/org/slipway/prompt/1")
            # PID 1 has gone on to the second try, and what it tells of that is still on its way.
            again = boot.ask(text, "slipway-2")
            self.assertIn("nobody asks this any more", self.answer(boot, 1, "wrong"))
            asks = next(line for line in reversed(record.decode().splitlines()) if " asks " in line).split(" ")
            boot.feed(f"@200000000 answered {asks[2]}\n@200000000 asks {asks[2]} {asks[3]} 2\n".encode())
            while self.prompts(boot)[0][2] != "/org/slipway/prompt/2":
                time.sleep(0.02)
            self.assertIn("nobody asks this any more", self.answer(boot, 1, "wrong"))
            self.assertEqual(self.answer(boot, 2, "right"), "")
            self.assertEqual(again.recv(100), b"+right")

    def prompts(self, boot: Boot) -> list[tuple[str, bool, str]]:
        bus = dbus.connection.Connection(boot.address)
        self.addCleanup(bus.close)
        manager = bus.get_object(None, "/org/slipway", introspect=False)
        return [(str(text), bool(shown), str(path)) for text, shown, path in manager.ListPrompts(dbus_interface=MANAGER[1])]

    def answer(self, boot: Boot, number: int, secret: str) -> str:
        """What was said against it."""
        words = [str(byte) for byte in secret.encode()]
        return run("busctl", f"--address={boot.address}", "call", "org.slipway", *MANAGER, "Answer", "oay",
                   f"/org/slipway/prompt/{number}", str(len(words)), *words).stderr


def memory_holds(pid: int, text: bytes) -> bool:
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            begin, end = (int(word, 16) for word in span.split("-"))
            if end - begin > 1 << 30:  # the shadow of a sanitizer
                continue
            try:
                memory.seek(begin)
                if text in memory.read(end - begin):
                    return True
            except (OSError, ValueError, OverflowError):
                continue
    return False


class Signals(unittest.TestCase):
    def test_changes_are_told(self) -> None:
        whole = record_of("root-missing")
        begin = record_of("root-missing", "> start inspect:probe:vda1")
        with Boot(PROGRAM, begin) as boot:
            client = authenticated(boot)
            client.settimeout(0.2)
            heard = b""
            for _ in range(100):
                boot.log("something is said")
                with contextlib.suppress(TimeoutError):
                    heard += client.recv(65536)
                if b"Logged" in heard:
                    break
            client.settimeout(10)
            boot.feed(whole[len(begin):])
            while not (b"Logged" in heard and b"emergency" in heard and b"PropertiesChanged" in heard):
                heard += client.recv(65536)
            client.close()

    def test_the_end_of_the_boot_ends_the_process(self) -> None:
        with waiting_boot() as boot:
            client = authenticated(boot)
            boot.farewell()
            heard = b""
            while piece := client.recv(65536):
                heard += piece
            self.assertIn(b"switching", heard)
            self.assertEqual(boot.wait(5), 0)


class BadClients(unittest.TestCase):
    def state_is_read(self, boot: Boot, seconds: float = 10) -> None:
        result = run("busctl", f"--address={boot.address}", "get-property", "org.slipway", *MANAGER, "State",
                     seconds=seconds)
        self.assertEqual(result.stdout, 's "booting"\n', result.stderr)

    def test_a_thousand_that_connect_and_stall(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with waiting_boot() as boot:
            self.state_is_read(boot)
            before = boot.memory_kib()
            stalled = [raw_client(boot) for _ in range(1000)]
            self.addCleanup(lambda: [client.close() for client in stalled])
            self.state_is_read(boot)
            self.assertLess(len(list(pathlib.Path(f"/proc/{boot.pid}/fd").iterdir())), 120)
            self.assertLess(boot.memory_kib() - before, 32 << 10)
            for client in stalled:
                client.close()
            self.state_is_read(boot)

    def test_garbage_ends_only_its_sender(self) -> None:
        with waiting_boot() as boot:
            for garbage in (b"GET / HTTP/1.0\r\n\r\n" * 100, b"\0" * 100000, bytes(range(256)) * 64):
                client = raw_client(boot)
                try:
                    client.sendall(garbage)
                    while client.recv(4096):
                        pass
                except OSError:
                    pass
                client.close()
            client = authenticated(boot)
            client.sendall(b"l\1\0\1" + b"\xff" * 12 + b"garbage" * 1000)
            try:
                while client.recv(65536):
                    pass
            except OSError:
                pass
            self.state_is_read(boot)

    def test_one_that_never_reads_is_dropped(self) -> None:
        with waiting_boot() as boot:
            client = authenticated(boot)
            client.settimeout(20)
            call = method_call("GetManagedObjects", "org.freedesktop.DBus.ObjectManager")
            before = boot.memory_kib()
            sent = 0
            try:
                for _ in range(20000):
                    client.sendall(call)
                    sent += 1
                    if sent % 500 == 0:
                        self.assertLess(boot.memory_kib() - before, 16 << 10)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertLess(sent, 20000, "it was read from for ever")
            self.state_is_read(boot)


def method_call(member: str, interface: str) -> bytes:
    """A little-endian D-Bus message without a body, to /org/slipway."""
    def field(code: int, kind: bytes, text: str) -> bytes:
        value = bytes([code, 1]) + kind + b"\0" + len(text).to_bytes(4, "little") + text.encode() + b"\0"
        return value + b"\0" * (-len(value) % 8)

    fields = field(1, b"o", "/org/slipway") + field(2, b"s", interface) + field(3, b"s", member)
    last = len(bytes([3, 1]) + b"s\0" + b"1234" + member.encode() + b"\0")
    unpadded = len(fields) - (-last % 8)
    head = b"l\1\0\1" + (0).to_bytes(4, "little") + (1).to_bytes(4, "little") + unpadded.to_bytes(4, "little")
    return head + fields


if __name__ == "__main__":
    unittest.main()
