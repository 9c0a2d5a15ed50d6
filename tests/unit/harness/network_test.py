# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the VM harness promises about networks: case files, the server's script, its agent, events, the checks."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import tomllib
import unittest
from pathlib import Path
from unittest import mock

from harness import agenda, cards, cases, checks, ibft, layouts, network, network_checks, paths, report, server

CASE = """
[network]
networks = ["lan", "san"]
vlans = { san = 7 }
exports = { "/nfs/client" = "vda", "/nfs/it's" = "vdb" }
read_only = ["/nfs/client"]
targets = [{ name = "iqn.x:a", network = "san", disks = ["vdc", "vdd"], chap = ["user", "pass word"], first_lun = 1 }]
dhcp = { lan = { root_path = "/a;b\\"\\\\\\n,c", next_server = "192.168.50.2", lease = 120 }, san = { ipv4 = false, ipv6 = "slaac" } }
start_after = { nfs = 20 }

[[client_nic]]
network = "lan"
mac = "52:54:00:12:34:00"

[[client_nic]]
mac = "52:54:00:12:34:01"
plugged = false

[[client_nic]]
network = "lan"
mac = "52:54:00:12:34:02"

[[event]]
when = "login"
after = 2
nic = 1
link = "up"
"""


def parsed(text: str = CASE) -> network.Network:
    data = tomllib.loads(text)
    mistakes = network.mistakes(data, cases.DISKS)
    assert not mistakes, mistakes
    result = network.parse(data)
    assert result is not None
    return result


class CaseFiles(unittest.TestCase):
    def mistakes(self, old: str, new: str) -> str:
        assert old in CASE
        return "; ".join(network.mistakes(tomllib.loads(CASE.replace(old, new)), cases.DISKS))

    def test_cards_on_one_network_get_ports_of_their_own(self) -> None:
        self.assertEqual(parsed().ports(), [0, 0, 1])

    def test_served_disks_are_named(self) -> None:
        self.assertEqual(parsed().served, ["vda", "vdb", "vdc", "vdd"])

    def test_mistakes_are_told(self) -> None:
        self.assertIn("unknown key 'nextserver' in dhcp", self.mistakes("next_server", "nextserver"))
        self.assertIn("unknown key 'speed' in client_nic", self.mistakes("plugged = false", "speed = 1"))
        self.assertIn("there is no network 'wan'", self.mistakes('network = "san"', 'network = "wan"'))
        self.assertIn("there is no disk 'sda'", self.mistakes('"vdc"', '"sda"'))
        self.assertIn("there is no service 'tftp'", self.mistakes("nfs = 20", "tftp = 20"))
        self.assertIn("at least 120 s", self.mistakes("lease = 120", "lease = 60"))
        self.assertIn("there is no nic 3", self.mistakes("nic = 1", "nic = 3"))
        self.assertIn("either of a nic or of the server", self.mistakes("nic = 1", 'nic = 1\nserver = "stop nfs"'))

    def test_cards_without_a_network_table_are_a_mistake(self) -> None:
        data = tomllib.loads('[[client_nic]]\nmac = "52:54:00:12:34:00"\n')
        self.assertEqual(network.mistakes(data, ()), ["'client_nic' needs [network]"])

    def test_every_case_in_the_tree_is_without_mistakes(self) -> None:
        folder = Path(__file__).parents[2] / "vm/cases"
        for file in sorted(folder.glob("net-*.toml")):
            with self.subTest(file.stem):
                self.assertEqual(network.mistakes(tomllib.loads(file.read_text()), cases.DISKS), [])


class Script(unittest.TestCase):
    def test_a_tagged_network_has_its_addresses_on_the_vlan(self) -> None:
        script = parsed().script()
        self.assertIn("vlan san 7\naddress san.7 192.168.51.1/24", script)
        self.assertIn("address lan 192.168.50.1/24 192.168.50.2/24 192.168.50.3/24 fd00:50::1/64", script)

    def test_exports_and_luns_are_quoted_words(self) -> None:
        script = parsed().script()
        self.assertIn("export_disk /nfs/client vda ro\n", script)
        self.assertIn("""export_disk '/nfs/it'"'"'s' vdb rw\n""", script)
        self.assertIn("target iqn.x:a user 'pass word'\nlun iqn.x:a 1 vdc\nlun iqn.x:a 2 vdd\nportal iqn.x:a 192.168.51.1:3260", script)

    def test_a_late_service_is_an_event_and_not_started(self) -> None:
        self.assertTrue(parsed().script().endswith("start dhcp\nstart iscsi\n"))
        self.assertIn(agenda.Event(after=20, server="start nfs"), parsed().agenda())

    def test_a_root_path_is_quoted_for_dnsmasq(self) -> None:
        config = parsed().dnsmasq_config()
        self.assertIn('dhcp-option=tag:lan,17,"/a;b\\"\\\\\\n,c"\n', config)
        self.assertIn("dhcp-boot=tag:lan,boot,,192.168.50.2\n", config)
        self.assertIn("dhcp-range=set:lan,192.168.50.100,192.168.50.150,255.255.255.0,120\n", config)

    def test_ipv6_alone_gives_no_ipv4(self) -> None:
        config = parsed().dnsmasq_config()
        self.assertIn("interface=san.7\nenable-ra\ndhcp-range=set:san,fd00:51::,ra-only,64,600\n", config)
        self.assertNotIn("192.168.51.100", config)


class Ibft(unittest.TestCase):
    BOOT = ibft.Boot(
        "iqn.x:me", "52:54:00:12:34:00", 0x10, "192.168.50.101/24", "192.168.50.1", False, "192.168.50.1", 3260, "iqn.x:disk", 3,
        ("user", "secret"),
    )

    def setUp(self) -> None:
        self.table = bytes(ibft.HEADER) + ibft.body(self.BOOT)

    def structure(self, pointer: int, kind: int) -> bytes:
        """The one whose offset is in the control structure, at this place."""
        begin = struct.unpack_from("<H", self.table, ibft.BODY_BEGIN + pointer)[0] if pointer else ibft.BODY_BEGIN
        found, version, length = struct.unpack_from("<BBH", self.table, begin)
        self.assertEqual((found, version), (kind, 1))
        return self.table[begin : begin + length]

    def text(self, structure: bytes, at: int) -> str:
        length, offset = struct.unpack_from("<2H", structure, at)
        self.assertEqual(self.table[offset + length], 0)
        return self.table[offset : offset + length].decode()

    def test_the_control_structure_leads_to_the_others(self) -> None:
        self.structure(0, ibft.CONTROL)
        self.assertEqual(self.text(self.structure(8, ibft.INITIATOR), 70), "iqn.x:me")
        nic = self.structure(10, ibft.NIC)
        self.assertEqual(nic[6:22], bytes(10) + b"\xff\xff" + bytes([192, 168, 50, 101]))
        self.assertEqual((nic[22], nic[90:96]), (24, bytes.fromhex("525400123400")))

    def test_the_target_has_its_name_and_its_secrets(self) -> None:
        target = self.structure(12, ibft.TARGET)
        self.assertEqual(struct.unpack_from("<H", target, 22)[0], 3260)
        self.assertEqual([self.text(target, at) for at in (34, 38, 42)], ["iqn.x:disk", "user", "secret"])
        self.assertEqual(target[24:34], b"\0\3" + bytes(6) + b"\1\0")


class Cards(unittest.TestCase):
    def test_a_card_without_cable_is_on_a_hub_alone(self) -> None:
        words = " ".join(cards.arguments([cards.Card("52:54:00:00:00:01", Path("/p")), cards.Card("52:54:00:00:00:02")]))
        self.assertIn("stream,id=net0,server=off,addr.type=unix,addr.path=/p", words)
        self.assertIn("hubport,id=net1,hubid=1", words)
        self.assertIn("id=nic1,netdev=net1,mac=52:54:00:00:00:02,addr=0x11", words)


class Events(unittest.TestCase):
    def setUp(self) -> None:
        self.done: list[agenda.Event] = []
        self.now = 100.0
        self.enterContext(mock.patch.object(agenda.time, "monotonic", lambda: self.now))

    def test_each_comes_once_after_what_triggers_it(self) -> None:
        at_start, at_text = agenda.Event(after=5, nic=0, link="up"), agenda.Event(after=1, when="^login", server="stop nfs")
        plan = agenda.Agenda([at_start, at_text], self.done.append)
        plan.see("booting", False)
        self.assertEqual(plan.seconds_left(), float("inf"))
        plan.see("booting", True)
        self.now = 103
        plan.see("booting\nlogin", True)
        plan.see("booting\nlogin", True)
        self.assertEqual(plan.seconds_left(), 1)
        self.now = 104.5
        plan.do_what_is_due()
        self.assertEqual(self.done, [at_text])
        self.now = 200
        plan.do_what_is_due()
        plan.do_what_is_due()
        self.assertEqual(self.done, [at_text, at_start])


class Agent(unittest.TestCase):
    """The server's end, played by a thread: says what it was told, with the statuses of the list."""

    def channel(self, statuses: list[int]) -> server.Channel:
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)

        def play() -> None:
            with theirs.makefile("rwb") as stream:
                for status in statuses:
                    request = base64.b64decode(stream.readline())
                    stream.write(b"%d %s\n" % (status, base64.b64encode(b"did " + request)))
                    stream.flush()
            theirs.close()

        threading.Thread(target=play, daemon=True).start()
        return server.Channel(ours)

    def test_answers_what_the_script_said(self) -> None:
        self.assertEqual(self.channel([0]).run("address lan"), "did address lan")

    def test_a_failure_carries_what_was_said(self) -> None:
        with self.assertRaisesRegex(server.ServerFailed, "status 2.*did mount"):
            self.channel([2]).run("mount")

    def test_what_was_only_begun_is_told_by_the_next(self) -> None:
        channel = self.channel([1, 0])
        channel.begin("start nfs")
        with self.assertRaisesRegex(server.ServerFailed, "did start nfs"):
            channel.run("journal")

    def test_the_answer_is_that_of_the_last(self) -> None:
        channel = self.channel([0, 0])
        channel.begin("start nfs")
        self.assertEqual(channel.run("journal"), "did journal")

    def test_a_server_that_ends_and_one_that_is_silent_are_failures(self) -> None:
        with self.assertRaisesRegex(server.ServerFailed, "has ended"):
            self.channel([]).run("journal")
        ours, theirs = socket.socketpair()
        with ours, theirs, self.assertRaisesRegex(server.ServerFailed, "in time"):
            server.Channel(ours).run("journal", 0.05)


class Worlds(unittest.TestCase):
    def test_only_what_runs_inside_belongs_to_another_world(self) -> None:
        local = paths.TRIMMED
        with paths.world(paths.NETWORK):
            self.assertNotEqual(paths.TRIMMED, local)
            seen: list[Path] = []
            thread = threading.Thread(target=lambda: seen.append(paths.TRIMMED))
            thread.start()
            thread.join()
        self.assertEqual(([local], local), (seen, paths.TRIMMED))


def address(name: str, *addresses: str) -> dict[str, object]:
    entries = [
        {"family": "inet", "local": one.partition("/")[0], "prefixlen": int(one.partition("/")[2]), "scope": "global"}
        for one in addresses
    ]
    return {"ifname": name, "addr_info": entries}


NET_FILE = "# /run/net-enp0s16.conf\nDEVICE='enp0s16'\nPROTO=dhcp\nIPV4ADDR=192.168.50.101\nIPV4NETMASK=255.255.255.0\n"
UNIT_FILE = "# /run/systemd/network/10-slipway.network\n[Network]\nKeepConfiguration=yes\n"
SESSION = """Target: iqn.x:a (non-flash)
\tCurrent Portal: 192.168.50.1:3260,1
\t\tiSCSI Session State: LOGGED_IN
\t\tInternal iscsid Session State: NO CHANGE
"""
DAEMON = "Id=iscsid.service\nActiveState=active\n\nId=open-iscsi.service\nActiveState=active\n"


class Checks(unittest.TestCase):
    layout = layouts.Layout("nfs", {"expect": {}})

    def judged(self, **sections: str) -> report.JudgeReport:
        early = json.dumps([address("lo"), address("enp0s16", "192.168.50.101/24")])
        whole = {
            "early_addresses": early, "addresses": early, "net_files": NET_FILE + UNIT_FILE, "iscsi_daemon": DAEMON,
            "early_routes": '[{"dst":"default","gateway":"192.168.50.1","dev":"enp0s16"}]',
            "routes": '[{"dst":"default","gateway":"192.168.50.1","dev":"enp0s16"}]', "iscsi_sessions": SESSION, **sections,
        }
        judged = report.JudgeReport({name: report.Section(text, 0) for name, text in whole.items()}, True)
        judged.network = network.Network(("lan",), (), targets=(network.Target("iqn.x:a", "lan", ("vda",)),))
        return judged

    def test_a_session_that_never_logged_in_is_not_left_to_the_host(self) -> None:
        self.assertEqual(network_checks.iscsi_logged_in(self.judged(iscsi_kernel="iqn.x:a LOGGED_IN\n"), self.layout), [])
        for left in ("iqn.x:a LOGGED_IN\niqn.x:b FAILED\n", "iqn.x:a FREE\n", ""):
            self.assertEqual(len(network_checks.iscsi_logged_in(self.judged(iscsi_kernel=left), self.layout)), 1, left)

    def test_systemd_knows_when_the_initrd_began(self) -> None:
        boot = json.dumps({"version": 1, "init_start_us": 8211400, "switch_root_us": 17834522, "steps": []})
        for shown, problems in (
            ("8.211s (kernel) + 14.086s (initrd) + 7.469s (userspace)", 0),
            ("8.211s (kernel) + 1min 2.5s (initrd) + 7.469s (userspace)", 1),
            ("8.911s (kernel) + 14.086s (initrd) + 7.469s (userspace)", 1),
            ("8.211s (kernel) + 900ms (initrd) + 7.469s (userspace)", 1),
            ("17.834s (kernel) + 7.469s (userspace)", 1),
        ):
            judged = self.judged(analyze=f"Startup finished in {shown} = 29.766s", timeline=boot)
            self.assertEqual(len(checks.initrd_timestamp(judged, self.layout)), problems, shown)
        judged = self.judged(analyze="Startup finished in 8.211s (kernel) + 1min 2.5s (initrd) = 70s", timeline=boot)
        self.assertEqual(checks.initrd_begin(judged, self.layout), [], "a slow start of systemd is not looked at")

    def test_an_unchanged_network_is_right(self) -> None:
        self.assertEqual(network_checks.network(self.judged(), self.layout), [])

    def test_an_interface_that_the_host_has_renamed_is_the_same_one(self) -> None:
        early = json.dumps([{**address("eth0", "192.168.50.101/24"), "ifindex": 2}])
        now = json.dumps([{**address("enp0s16", "192.168.50.101/24"), "ifindex": 2}])
        routes = '[{"dst":"default","gateway":"192.168.50.1","dev":"eth0"}]'
        renamed = {"early_addresses": early, "addresses": now, "early_routes": routes}
        self.assertEqual(network_checks.network(self.judged(**renamed), self.layout), [])
        left = NET_FILE.replace("enp0s16", "eth0") + "# /run/initramfs/open-iscsi.interface\neth0\n" + UNIT_FILE
        self.assertEqual(
            network_checks.network(self.judged(**renamed, net_files=left), self.layout),
            [
                "/run/net-eth0.conf is still there, but the interface is enp0s16", "/run/net-enp0s16.conf is missing",
                "open-iscsi.interface names eth0, and there are enp0s16",
            ],
        )

    def test_lost_and_further_addresses_and_lost_routes_are_told(self) -> None:
        other = json.dumps([address("enp0s16", "192.168.50.120/24")])
        self.assertIn("enp0s16 has lost the address 192.168.50.101/24", network_checks.network(self.judged(addresses=other), self.layout))
        both = json.dumps([address("enp0s16", "192.168.50.101/24", "192.168.50.120/24")])
        self.assertIn("several addresses", network_checks.network(self.judged(addresses=both), self.layout)[0])
        self.assertEqual(
            network_checks.network(self.judged(routes="[]"), self.layout),
            ["the route default via 192.168.50.1 on enp0s16 is lost"],
        )

    def test_files_for_the_hosts_managers_are_looked_at(self) -> None:
        self.assertEqual(
            network_checks.network(self.judged(net_files=""), self.layout),
            ["/run/net-enp0s16.conf is missing", "no file in /run/systemd/network keeps the configuration"],
        )
        wrong = NET_FILE.replace("50.101", "50.9") + UNIT_FILE
        self.assertIn("describes enp0s16 192.168.50.9", network_checks.network(self.judged(net_files=wrong), self.layout)[0])

    def test_a_session_must_be_logged_in_and_adopted(self) -> None:
        self.assertEqual(network_checks.iscsi_session(self.judged(), self.layout), [])
        unknown = SESSION.replace("NO CHANGE", "Unknown")
        self.assertIn("has not adopted", network_checks.iscsi_session(self.judged(iscsi_sessions=unknown), self.layout)[0])
        self.assertIn("no session with iqn.x:a", network_checks.iscsi_session(self.judged(iscsi_sessions=""), self.layout)[0])
        dead = DAEMON.replace("Id=iscsid.service\nActiveState=active", "Id=iscsid.service\nActiveState=failed")
        self.assertIn("does not run", network_checks.iscsi_session(self.judged(iscsi_daemon=dead), self.layout)[0])

    def test_a_slow_power_off_is_told(self) -> None:
        judged = self.judged()
        judged.power_off = 61
        self.assertIn("took 61 s", network_checks.power_off(judged, self.layout)[0])


if __name__ == "__main__":
    unittest.main()
