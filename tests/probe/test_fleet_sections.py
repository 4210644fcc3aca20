"""Sections for what only the fleet as a whole can be judged by, run on files of this test."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from scanner.facts.clock import parse_clock
from scanner.facts.identity import parse_addresses, parse_identity
from scanner.facts.resolver import ResolvConf, parse_resolver
from scanner.facts.routes import Route, parse_routes
from scanner.facts.storage import Mount, parse_storage
from tests.probe.sections import SHELLS, run

ROUTES = """Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
eth0	000200C0	00000000	0001	0	0	200	00FFFFFF	0	0	0
cali1	0500F40A	00000000	0005	0	0	0	FFFFFFFF	0	0	0
*	0000F40A	00000000	0201	0	0	0	0000FFFF	0	0	0
"""
ROUTES6 = f"""fd00{"0" * 28} 40 {"0" * 32} 00 {"0" * 32} 00000100 00000001 00000000 00000001 eth0
fe80{"0" * 28} 40 {"0" * 32} 00 {"0" * 32} 00000100 00000001 00000000 00000001 eth0
fd00{"0" * 27}2 80 {"0" * 32} 00 {"0" * 32} 00000000 00000003 00000000 80200001 eth0
{"0" * 32} 00 {"0" * 32} 00 {"0" * 32} ffffffff 00000001 00000000 00200200 lo
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_routes(shell: str, tmp_path: Path) -> None:
    (tmp_path / "r4").write_text(ROUTES)
    (tmp_path / "r6").write_text(ROUTES6)
    places = {"/proc/net/route": f"{tmp_path}/r4", "/proc/net/ipv6_route": f"{tmp_path}/r6"}
    found = parse_routes(run(shell, "routes", **places))
    assert found.complete
    assert found.routes == (
        Route(ip_network("192.0.2.0/24"), "eth0", ""),
        Route(ip_network("10.244.0.0/16"), "*", ""),
        Route(ip_network("fd00::/64"), "eth0", ""),
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_many_routes_are_cut_and_that_is_said(shell: str, tmp_path: Path) -> None:
    rows = [
        f"eth0\t{number % 256:02X}{number // 256:02X}F40A\t010200C0\t3\t0\t0\t0\t00FFFFFF\t0\t0\t0"
        for number in range(20_000)
    ]
    (tmp_path / "r4").write_text("\n".join([ROUTES.splitlines()[0], *rows, ""]))
    places = {"/proc/net/route": f"{tmp_path}/r4", "/proc/net/ipv6_route": f"{tmp_path}/none"}
    text = run(shell, "routes", **places)
    assert len(text) < 30_000
    assert not parse_routes(text).complete


@pytest.mark.parametrize("shell", SHELLS)
def test_resolver(shell: str, tmp_path: Path) -> None:
    (tmp_path / "etc").write_text(
        "# by hand\n\tnameserver\t127.0.0.53\nsearch a.example b.example\noptions edns0\n"
        "nameserver 192.0.2.53"
    )
    (tmp_path / "run").write_text("nameserver 192.0.2.54\n")
    places = {
        "/etc/resolv.conf": f"{tmp_path}/etc",
        "/run/systemd/resolve/resolv.conf": f"{tmp_path}/run",
    }
    found = parse_resolver(run(shell, "resolver", **places))
    assert found.etc == ResolvConf(("127.0.0.53", "192.0.2.53"), ("a.example", "b.example"))
    assert found.of_pods == ResolvConf(("192.0.2.54",))
    (tmp_path / "run").unlink()
    assert parse_resolver(run(shell, "resolver", **places)).of_pods == found.etc


@pytest.mark.parametrize("shell", SHELLS)
def test_storage(shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "a b"
    data.mkdir()
    (tmp_path / "link").symlink_to(data)
    (tmp_path / "mountinfo").write_text(
        "1 0 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        f"2 1 254:1 / {tmp_path} rw,noexec - xfs /dev/vdb rw\n"
        f"3 1 254:1 / {tmp_path} rw - nfs4 server:/x ro,vers=4\n"
        f"4 1 254:2 /sub {tmp_path}/a\\040b ro,noexec - ext4 /dev/vdc rw\n"
        "5 1 0:9 / /elsewhere rw - tmpfs tmpfs rw\n"
    )
    paths = "\n".join([f"{tmp_path}/link/new/dir", f"{tmp_path}/other", "/nowhere/at/all"])
    monkeypatch.setenv("KSCAN_DATA_PATHS", paths)
    text = run(shell, "storage", **{"/proc/self/mountinfo": f"{tmp_path}/mountinfo"})
    found = parse_storage(text)
    assert found.unknown == frozenset()
    volume = found.under(f"{tmp_path}/link/new/dir")
    assert volume.place == str(data)
    assert volume.mount == Mount(f"{tmp_path}/a\\040b", "ext4", read_only=True, noexec=True)
    # what was mounted last on the same place, read-only by the file system itself
    assert found.under(f"{tmp_path}/other").mount == Mount(
        str(tmp_path), "nfs4", read_only=True, noexec=False
    )
    assert found.under("/nowhere/at/all").mount.kind == "ext4"
    assert found.under("/nowhere/at/all").total_bytes > 0


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("leap", ["Normal", "Not synchronised"])
def test_chronyd_is_asked_where_it_runs(shell: str, leap: str, tmp_path: Path) -> None:
    program = tmp_path / "chronyc"
    program.write_text(f"#!/bin/sh\ncat >{tmp_path}/asked\necho 'Leap status     : {leap}'\n")
    program.chmod(0o755)
    places = {"-d /run/chrony": f"-d {tmp_path}", "chronyc -n": f"{program} -n"}
    places |= {"have chronyc": "true", "/run/systemd/timesync/synchronized": f"{tmp_path}/none"}
    found = parse_clock(run(shell, "clock", **places))
    assert found.chronyd == leap
    assert found.synchronised == (("chronyd",) if leap == "Normal" else ())
    assert (tmp_path / "asked").read_text().splitlines()[-1] == "tracking"


PEERS = """\
     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
 0.debian.pool.n .POOL.          16 p    -   64    0    0.000   +0.000   0.000
{row}
"""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("said", "known", "follows"),
    [
        (
            PEERS.format(row="*192.0.2.1      192.0.2.9        2 u   61   64  377  9.6 -0.6 0.8"),
            1,
            1,
        ),
        (
            PEERS.format(row="o127.127.22.0   .PPS.            0 l   11   16  377  0.0 +0.0 0.0"),
            1,
            1,
        ),
        (
            PEERS.format(row="*127.127.1.0    .LOCL.          10 l   28   64  377  0.0 +0.0 0.0"),
            1,
            0,
        ),
        (
            PEERS.format(row=" 192.0.2.1      .INIT.          16 u    -   64    0  0.0 +0.0 0.0"),
            1,
            0,
        ),
        ("", 0, 0),  # on stderr: Connection refused
    ],
)
def test_ntpd_is_asked_for_the_peer_that_it_follows(
    shell: str, said: str, known: int, follows: int, tmp_path: Path
) -> None:
    program = tmp_path / "ntpq"
    program.write_text(f"#!/bin/sh\ncat >{tmp_path}/asked\nprintf '%s' '{said}'\n")
    program.chmod(0o755)
    places = {"ntpq -n": f"{program} -n", "have ntpq": "true"}
    places |= {"/run/systemd/timesync/synchronized": f"{tmp_path}/none"}
    found = parse_clock(run(shell, "clock", **places))
    assert found.is_ntpd_known is bool(known)
    assert found.synchronised == (("ntpd",) if follows else ())
    assert (tmp_path / "asked").read_text().splitlines()[-1] == "peers"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("state", ["synced", "unsynced"])
def test_openntpd_says_it_in_a_word(shell: str, state: str, tmp_path: Path) -> None:
    program = tmp_path / "ntpctl"
    program.write_text(f"#!/bin/sh\necho '4/4 peers valid, clock {state}, stratum 3'\n")
    program.chmod(0o755)
    places = {"ntpctl -s": f"{program} -s", "have ntpctl": "true", "have ntpq": "false"}
    places |= {"/run/systemd/timesync/synchronized": f"{tmp_path}/none"}
    found = parse_clock(run(shell, "clock", **places))
    assert found.is_ntpd_known
    assert found.synchronised == (("ntpd",) if state == "synced" else ())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_machine_without_a_uuid_is_told_from_a_host_without_sys(
    shell: str, tmp_path: Path
) -> None:
    places = {"/sys/class/dmi": f"{tmp_path}/dmi", "/sys/class/net": f"{tmp_path}/net"}

    def uuid() -> str | None:
        return parse_identity(run(shell, "identity", **places)).product_uuid

    assert uuid() is None
    (tmp_path / "net").mkdir()
    assert uuid() == ""
    (tmp_path / "dmi" / "id").mkdir(parents=True)
    (tmp_path / "dmi" / "id" / "product_uuid").write_text("4C4C4544-0042-3510-8052-B3C04F4B4E32\n")
    assert uuid() == "4c4c4544-0042-3510-8052-b3c04f4b4e32"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_host_with_ipv6_alone_has_a_default_route_too(shell: str, tmp_path: Path) -> None:
    zeros = "0" * 32
    (tmp_path / "r4").write_text("Iface\tDestination\n")
    (tmp_path / "r6").write_text(
        f"{zeros} 00 {zeros} 00 {zeros} ffffffff 00000001 00000000 00200200       lo\n"
        f"{zeros} 00 {zeros} 00 {'f' * 32} 00000400 00000001 00000000 00000003     eth0\n"
    )
    places = {"/proc/net/route": f"{tmp_path}/r4", "/proc/net/ipv6_route": f"{tmp_path}/r6"}
    assert parse_addresses(run(shell, "addresses", **places)).device == "eth0"


@pytest.mark.parametrize("shell", SHELLS)
def test_own_interfaces_are_told_from_made_ones(shell: str, tmp_path: Path) -> None:
    for name, mac in (
        ("eth0", "52:54:00:00:00:01"),
        ("eth1", "3c:ec:ef:00:00:01"),
        ("docker0", "x"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "address").write_text(f"{mac}\n")
    (tmp_path / "eth1" / "device").mkdir()
    (tmp_path / "route").write_text("Iface\tDestination\neth0\t00000000\t010200C0\n")
    program = tmp_path / "ip"
    program.write_text(
        "#!/bin/sh\necho '2: eth0    inet 192.0.2.1/24 brd x scope global eth0'\n"
        "echo '3: eth1    inet6 2001:db8::1/64 scope global'\n"
    )
    program.chmod(0o755)
    places = {"/sys/class/net": str(tmp_path), "/proc/net/route": f"{tmp_path}/route"}
    places |= {"##*/net/}": f"##{tmp_path}/}}", "ip -o addr": f"{program} -o addr"}
    found = parse_addresses(run(shell, "addresses", **places))
    assert found.macs == (("eth1", "3c:ec:ef:00:00:01"), ("eth0", "52:54:00:00:00:01"))
    assert (found.ipv4, found.others) == (("192.0.2.1",), (("eth1", "2001:db8::1"),))
