# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine that serves network roots: one per case at a time, kept from case to case and reset in between.

It has a card on each of NETWORKS. A network is a hub within its QEMU, to which clients connect through unix sockets.
Disks are plugged in as overlays, so that what a client wrote is gone with them. tests/vm/server has what runs inside.
"""

from __future__ import annotations

import base64
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import commands, initramfs, paths, qemu, systems
from .digest import digest, locked
from .monitor import Monitor, MonitorFailed

NETWORKS = {"lan": 50, "san": 51, "spare": 52}  # name → number: 192.168.NUMBER.0/24, fd00:NUMBER::/64
PORTS = 3  # so many cards of a client can be on one network
MEMORY_MB = 384
START_SECONDS = 180
ANSWER_SECONDS = 60
DISK_SIZE = "400M"
DISK_UUID = "5a1e0000-0000-4000-8000-0000000005e1"
MODULES = [
    "virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "virtio_net", "crc32c_generic", "ext4", "8021q", "nfsd",
    "rpcsec_gss_krb5", "iscsi_target_mod", "target_core_iblock", "configfs",
]


class ServerFailed(commands.Failed):
    """The server does not start, or not what it was asked for: no fault of the client."""


class Channel:
    """Scripts go to the server's agent (tests/vm/server/run), which does one behind the other and answers each."""

    def __init__(self, ours: socket.socket) -> None:
        self._ours, self._received, self._unanswered = ours, b"", 0

    def begin(self, script: str) -> None:
        """Does not wait; the next `run` does, and fails if this did. Scripts are short: the socket takes them whole."""
        try:
            self._ours.sendall(base64.b64encode(script.encode()) + b"\n")
        except ConnectionError as error:
            raise ServerFailed("the server has ended") from error
        self._unanswered += 1

    def run(self, script: str, seconds: float = ANSWER_SECONDS) -> str:
        """What the script said on both outputs."""
        self.begin(script)
        deadline, text = time.monotonic() + seconds, ""
        while self._unanswered:
            text = self._answer(deadline)
            self._unanswered -= 1
        return text

    def _answer(self, deadline: float) -> str:
        while b"\n" not in self._received:
            self._ours.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self._ours.recv(65536)
            except TimeoutError as error:
                raise ServerFailed("the server did not answer in time") from error
            except ConnectionError:
                data = b""
            if not data:
                raise ServerFailed("the server has ended")
            self._received += data
        line, self._received = self._received.split(b"\n", 1)
        status, _, encoded = line.decode().partition(" ")
        text = base64.b64decode(encoded).decode(errors="replace")
        if status != "0":
            raise ServerFailed(f"the server could not do what it was asked for (status {status}): {text.strip() or 'it said nothing'}")
        return text


class Server:
    def __init__(self, number: int) -> None:
        # Runs beside each other have servers of their own.
        self.log = paths.LOGS / "vm-servers" / f"{paths.run_folder().name}-{number}.log"
        self._folder = paths.scratch(f"server-{number}")
        self._monitor = Monitor([])
        ours, self._qemus = socket.socketpair()
        self._channel = Channel(ours)
        self._process: subprocess.Popen[bytes] | None = None
        self._plugged: list[str] = []
        self._is_used = False

    def start(self) -> None:
        kernel, (disk, initrd) = paths.kernel_image(), _made()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        paths.remove_unused(self.log.parent, days=1)
        command = self._command(kernel, disk, initrd)
        self.log.with_suffix(".command").write_text(" ".join(command) + "\n")
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[self._monitor.descriptor, self._qemus.fileno()],
            )
        self._monitor.started()
        self._qemus.close()
        self.run("true", START_SECONDS)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def run(self, script: str, seconds: float = ANSWER_SECONDS) -> str:
        try:
            return self._channel.run(script, seconds)
        except ServerFailed as error:
            raise ServerFailed(f"{error}\nserver's console ({commands.shown(self.log)}):\n{commands.tail(self.log, 8)}") from error

    def begin(self, script: str) -> None:
        self._channel.begin(script)

    def socket(self, network: str, port: int) -> Path:
        """Where the port of a network listens; one card at a time can be connected."""
        return self._folder / f"{network}-{port}"

    def prepare(self, disks: Mapping[str, Path], script: str) -> None:
        """For a case: plugs in its disks, in qcow2, whose serials are their names, then runs the script."""
        self.clear()
        self._is_used = True
        for name, overlay in disks.items():
            self._plug(name, overlay)
        self.run(script)

    def clear(self) -> None:
        """Nothing of a case is left."""
        if self._is_used:
            self.run("reset")
            self._unplug_all()
            self._is_used = False

    def journal(self) -> str:
        """What its services have to say about the case."""
        return self.run("journal")

    def _plug(self, serial: str, overlay: Path) -> None:
        node = f"node-{serial}"
        file = {"driver": "file", "filename": str(overlay)}
        self._monitor.execute("blockdev-add", {"driver": "qcow2", "node-name": node, "file": file})
        device = {"driver": "scsi-hd", "bus": "scsi.0", "drive": node, "id": f"disk-{serial}", "serial": serial}
        self._monitor.execute("device_add", device)
        self._plugged.append(serial)

    def _unplug_all(self) -> None:
        for serial in self._plugged:
            self._monitor.execute("device_del", {"id": f"disk-{serial}"})
            self._forget_node(f"node-{serial}")
        self._plugged.clear()

    def _forget_node(self, node: str) -> None:
        """The device goes when the machine has let go of it, a moment later."""
        limit = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                return self._monitor.execute("blockdev-del", {"node-name": node})
            except MonitorFailed:
                if time.monotonic() > limit:
                    raise
                time.sleep(0.05)

    def _command(self, kernel: Path, disk: Path, initrd: Path) -> list[str]:
        names = " ".join(f"network={name}:{number}" for name, number in NETWORKS.items())
        command = ["qemu-system-x86_64", "-machine", "q35", *qemu.acceleration(), "-smp", "1", "-m", str(MEMORY_MB)]
        command += ["-nic", "none", "-display", "none", "-no-reboot", "-nodefaults", "-no-user-config"]
        command += ["-kernel", str(kernel), "-initrd", str(initrd)]
        command += ["-append", f"console=ttyS0 quiet loglevel=4 panic=-1 {names}", "-serial", "stdio"]
        command += ["-drive", f"file={disk},format=raw,if=none,id=system,readonly=on", "-device", "virtio-blk-pci,drive=system"]
        command += ["-device", "virtio-scsi-pci,id=scsi", *self._monitor.arguments(), "-device", "virtio-serial-pci"]
        command += ["-chardev", f"socket,id=control,fd={self._qemus.fileno()}", "-device", "virtserialport,chardev=control,name=control"]
        for name, number in NETWORKS.items():
            command += self._hub(name, number)
        return command

    def _hub(self, name: str, number: int) -> list[str]:
        words = ["-netdev", f"hubport,hubid={number},id={name}"]
        words += ["-device", f"virtio-net-pci,netdev={name},mac=52:54:00:00:00:{number:02x},romfile="]
        for port in range(PORTS):
            socket_file = self.socket(name, port)
            socket_file.unlink(missing_ok=True)
            words += ["-netdev", f"stream,id={name}-{port},server=on,addr.type=unix,addr.path={socket_file}"]
            words += ["-netdev", f"hubport,hubid={number},id={name}-hub-{port},netdev={name}-{port}"]
        return words


class Servers:
    """As many servers as cases run at a time, each started when a case first needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[Server] = []
        self._all: list[Server] = []

    @contextmanager
    def lent(self) -> Iterator[Server]:
        """One that failed is not lent again."""
        server = self._take()
        try:
            yield server
        except (ServerFailed, MonitorFailed):
            server.stop()
            raise
        finally:
            if server.is_running():
                with self._lock:
                    self._free.append(server)

    def close(self) -> None:
        with self._lock:
            for server in self._all:
                server.stop()

    def _take(self) -> Server:
        with self._lock:
            if self._free:
                return self._free.pop()
            server = Server(len(self._all))
            self._all.append(server)
        server.start()
        return server


def _made() -> tuple[Path, Path]:
    """The server's disk and its initramfs, made once."""
    sources = [paths.SERVER, Path(__file__)]
    target = paths.DISKS / f"server-{digest([paths.server_root().name, paths.kernel_version()], sources)}"
    with locked(paths.DISKS / "server.lock"):
        if not target.exists():
            building = systems.fresh(target.with_name(".building-server"))
            building.mkdir(parents=True)
            _make_disk(building)
            _write_initramfs(building / "initrd.img")
            building.rename(target)
        systems.used(target)
    return target / "disk.ext4", target / "initrd.img"


def _make_disk(building: Path) -> None:
    root = building / "root"
    subprocess.run(["cp", "-al", paths.server_root(), root], check=True)
    folder = root / "usr/local/lib/slipway-server"
    folder.mkdir(parents=True)
    for name in ("run", "lib"):
        (folder / name).write_bytes((paths.SERVER / name).read_bytes())
        (folder / name).chmod(0o755)
    commands.run(
        ["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", folder / "hostile-portal", paths.SERVER / "hostile-portal.c"],
        paths.LOGS / "disks" / "hostile-portal.log",
    )
    (root / "nfs").mkdir(exist_ok=True)
    systems.make_ext4(root, building / "disk.ext4", DISK_UUID, DISK_SIZE)
    subprocess.run(["rm", "-r", root], check=True)


def _write_initramfs(target: Path) -> None:
    archive = initramfs.Archive()
    for name in ("bin", "dev", "proc", "sys", "mnt", "modules"):
        archive.folder(name)
    archive.console()
    archive.file("bin/busybox", Path("/usr/bin/busybox").read_bytes(), 0o755)
    order = initramfs.modules_in_load_order(MODULES)
    for module in order:
        archive.file(f"modules/{initramfs.plain_name(module)}", initramfs.module_content(module))
    archive.file("modules/order", "".join(initramfs.plain_name(module) + "\n" for module in order).encode())
    archive.file("init", (paths.SERVER / "init").read_bytes(), 0o755)
    archive.write(target)
