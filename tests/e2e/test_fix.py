"""`kscan fix` mends what it says on real hosts: a second check is green, a second run changes
nothing, and what was mended outlasts a boot.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.parity.cases_machine import IPVS_MODULES, NO_BR_NETFILTER, SWAP, unloaded
from tests.lab import faults, qemu
from tests.lab.faults import Fault
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, missing
from tests.lab.node import Node
from tests.lab.vm import VirtualMachine

pytestmark = pytest.mark.e2e

# conntrack as a package of its own files, in a repository that needs no network.
PACKAGED = r"""
set -e
mkdir -p /srv/repo /srv/deb/DEBIAN
dpkg-query -L conntrack | while read -r path; do
	[ ! -f "$path" ] || { mkdir -p "/srv/deb${path%/*}"; cp -p "$path" "/srv/deb$path"; }
done
dpkg-query -s conntrack | grep -E '^(Package|Version|Architecture|Maintainer|Description):' \
	>/srv/deb/DEBIAN/control
dpkg-deb -b /srv/deb /srv/repo/conntrack.deb >/dev/null
cd /srv/repo
{
	dpkg-deb -f conntrack.deb
	echo 'Filename: ./conntrack.deb'
	echo "Size: $(stat -c %s conntrack.deb)"
	echo "SHA256: $(sha256sum conntrack.deb | cut -d' ' -f1)"
} >Packages
mkdir -p /srv/sources
mv /etc/apt/sources.list* /srv/sources/ 2>/dev/null || :
mkdir -p /etc/apt/sources.list.d
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
dpkg --force-depends --remove conntrack >/dev/null 2>&1
"""
NO_CONNTRACK = Fault(
    "conntrack not installed",
    PACKAGED,
    "command -v conntrack >/dev/null || dpkg -i /srv/repo/conntrack.deb",
    "! command -v conntrack",
    "FileExisting-conntrack",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A host, and kscan where it reaches it."""

    host: Node
    key: Path
    place: Callable[[list[str]], list[str]]
    home: Path

    def kscan(self, *words: str | Path, cluster: str = "") -> subprocess.CompletedProcess[str]:
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{kubernetesVersion: v1.20.2{cluster}}}\n"
            f"hosts: [{{name: {self.host.name}, address: {self.host.login}, "
            f"port: {self.host.port}, user: root, identityFile: {self.key}, "
            "roles: [control-plane]}]\n",
            encoding="utf-8",
        )
        # A virtual machine under emulation is slow, and more so beside others.
        asked = ("-i", str(path), "--timeout", "240")
        command = [sys.executable, "-m", "scanner", *map(str, words), *asked]
        argv = self.place(["env", f"HOME={self.home}", f"PYTHONPATH={Path.cwd()}", *command])
        return subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=600, cwd=self.home
        )

    def verdicts(self, *words: str, cluster: str = "") -> dict[str, str]:
        done = self.kscan("check", "--format", "json", *words, cluster=cluster)
        assert done.returncode in {0, 3, 4}, done.stderr
        (host,) = json.loads(done.stdout)["hosts"]
        assert host["status"] != "unreachable", host["reason"]
        results: list[dict[str, Any]] = host["results"]
        return {
            f"{result['kubeadm'] or result['check']} {result['subject']}": result["verdict"]
            for result in results
        }

    def again(self) -> str:
        """Run the script that --apply has run once more."""
        (path,) = sorted(self.home.glob("reports/*/fix/*.sh"))[-1:]
        self.host.write("/root/fix.sh", path.read_text(encoding="utf-8"))
        return self.host.run("sh /root/fix.sh", check=False)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(1) as running:
        known(home, running.known_hosts)
        yield Place(running.hosts[0], running.key, running.command, home)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if (reason := qemu.missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with VirtualMachine.start() as running:
        known(home, running.known_hosts)
        yield Place(running, running.key, list, home)


def known(home: Path, known_hosts: Path) -> None:
    know_hosts(home, known_hosts)


MENDABLE: tuple[tuple[Fault, ...], ...] = (
    (faults.IP_FORWARD_OFF, faults.BRIDGE_NF_OFF),
    (faults.DOCKER_STOPPED, faults.DOCKER_DISABLED),
    (faults.KUBELET_DISABLED,),
    (faults.HOSTNAME_UNRESOLVABLE,),
    (NO_CONNTRACK,),
    (
        *(faults.IP_FORWARD_OFF, faults.BRIDGE_NF_OFF, faults.DOCKER_STOPPED),
        *(faults.DOCKER_DISABLED, faults.KUBELET_DISABLED, faults.HOSTNAME_UNRESOLVABLE),
        NO_CONNTRACK,
    ),
)


@pytest.mark.parametrize("put", MENDABLE, ids=lambda put: " + ".join(fault.name for fault in put))
def test_faults_are_mended_and_a_second_run_changes_nothing(
    lab: Place, put: tuple[Fault, ...]
) -> None:
    good = lab.verdicts()
    with ExitStack() as stack:
        for fault in put:
            stack.enter_context(fault.on(lab.host))
        faulty = lab.verdicts()
        assert faulty != good
        done = lab.kscan("fix", "--apply", "--yes")
        words = done.stdout + done.stderr
        assert done.returncode == 0, words
        assert lab.verdicts() == good, words
        for fault in put:
            seen = lab.host.run(f"( {fault.seen} ) >/dev/null 2>&1 && echo seen", check=False)
            assert seen == "", fault.name
        said = lab.again()
        assert "changed: " not in said, said
    assert lab.verdicts() == good


def test_sysctls_outlast_a_boot(lab: Place) -> None:
    with faults.IP_FORWARD_OFF.on(lab.host):
        lab.kscan("fix", "--apply", "--yes", "--only", "FileContent-*")
        lab.host.run("sysctl -q -w net.ipv4.ip_forward=0")
        lab.host.run("systemctl restart systemd-sysctl.service")
        assert lab.host.run("cat /proc/sys/net/ipv4/ip_forward") == "1\n"


def test_a_script_refuses_another_host_and_a_login_that_is_not_root(lab: Place) -> None:
    with faults.IP_FORWARD_OFF.on(lab.host):
        done = lab.kscan("fix", "--only", "FileContent-*")
        assert done.returncode == 0, done.stderr
        script = done.stdout
        lab.host.write("/srv/fix.sh", script, 0o755)
        plain = lab.host.run("su plain -s /bin/sh -c 'sh /srv/fix.sh' 2>&1", check=False)
        assert plain == "kscan fix: run this script as root; nothing was done\n"
        refused = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert "another machine" in refused.stderr
        assert lab.host.run("cat /proc/sys/net/ipv4/ip_forward") == "0\n"


def test_a_machine_loses_its_swap_and_gets_its_modules(machine: Place) -> None:
    ipvs = ", proxyMode: ipvs"
    fstab = "grep -q /swap-one /etc/fstab || echo '/swap-one none swap sw 0 0' >>/etc/fstab"
    with (
        SWAP.on(machine.host),
        NO_BR_NETFILTER.on(machine.host),
        unloaded(*IPVS_MODULES).on(machine.host),
    ):
        machine.host.run(f"{fstab}; systemctl daemon-reload")
        faulty = machine.verdicts(cluster=ipvs)
        assert faulty["Swap "] == "fail"
        done = machine.kscan("fix", "--apply", "--yes", cluster=ipvs)
        words = done.stdout + done.stderr
        mended = machine.verdicts(cluster=ipvs)
        bridge = "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables "
        names = ("Swap ", f"{bridge}/proc/sys/net/bridge/bridge-nf-call-iptables", "KS423 ")
        assert [mended[name] for name in names] == ["pass"] * 3, words
        said = machine.again()
        assert "changed: " not in said, said
        # What a boot would do.
        machine.host.run("rmmod br_netfilter; modprobe -r ip_vs_sh ip_vs_wrr ip_vs_rr ip_vs")
        machine.host.run("systemctl restart systemd-modules-load.service systemd-sysctl.service")
        machine.host.run("swapon -a; systemctl daemon-reload; systemctl start swap.target")
        later = machine.verdicts(cluster=ipvs)
        assert [later[name] for name in names] == ["pass"] * 3
        assert "# kscan fix: /swap-one" in machine.host.run("cat /etc/fstab")
        assert machine.host.run("ls -d /var/backups/kscan/*/etc/fstab") != ""
