"""No file of a host is hurt: programs that are missing or die, masked files, files that win."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fix.host import Host

CALLS = {
    "swap": "no_swap",
    "name": "host_entry 192.0.2.11 node1",
    "sysctl": "sysctl_on net.ipv4.ip_forward",
    "bridge": "bridge_sysctl_on net.bridge.bridge-nf-call-iptables",
    "modules": "modules_at_boot ipvs ip_vs ip_vs_rr",
    "cri": "cri_plugin_on",
    "containerd": "containerd_systemd",
    "docker": "docker_systemd",
}
"""Each is a part of its own."""
CONFIG = """version = 2
disabled_plugins = ["cri"]
[plugins.x]
  SystemdCgroup = false
"""
USED = ("awk", "cat", "cp", "mkdir", "mv", "readlink", "rm", "sed")
GREP = ("grep", "sort", "tr", "head")
"""Not used, and so not missed."""


def faulty(host: Host) -> None:
    """Put every fault on it that the calls mend."""
    host.write("/run/systemd/system/x", "")
    host.write("/etc/fstab", "/dev/a / ext4\n/dev/b none swap sw 0 0\n/dev/c /c ext4\n")
    host.write("/proc/meminfo", "MemAvailable: 100 kB\nSwapTotal: 100 kB\nSwapFree: 50 kB\n")
    host.write("/proc/swaps", "Filename Type\n/dev/b partition\n")
    host.write("/etc/systemd/zram-generator.conf", "[zram0]\nzram-size = ram\n")
    host.write("/etc/hosts", "127.0.0.1 localhost\n192.0.2.1 node2\n")
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.write("/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n")
    host.write("/etc/sysctl.conf", "# x\nnet.ipv4.ip_forward = 0\nkernel.panic = 3\n")
    host.write("/etc/sysctl.d/99-kubernetes.conf", "vm.swappiness = 1\nkernel.panic = 3\n")
    host.write("/etc/modules-load.d/ipvs.conf", "a\nip_vs\n")
    host.write("/etc/modules-load.d/kubernetes.conf", "overlay\n")
    host.write("/etc/containerd/config.toml", CONFIG)
    host.write("/etc/docker/daemon.json", "{\n\n}\n")


def files(host: Host) -> dict[str, str]:
    return {
        str(path.relative_to(host.root)): path.read_text()
        for folder in ("etc", "proc")
        for path in sorted((host.root / folder).rglob("*"))
        if path.is_file() and path.name != "swaps"
    }


def its_own(shell: str, program: str) -> bool:
    """True if the shell has the program within itself, as busybox may."""
    command = [*shell.split(), "-c", f"PATH=/no-such; command -v {program}"]
    command[0] = shutil.which(command[0]) or command[0]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def only(host: Host, without: str = "") -> None:
    """Let the host have no programs but its stubs and these."""
    for name in {*USED, *GREP, "uname"} - {without}:
        (host.root / "bin" / name).symlink_to(shutil.which(name) or name)
    host.path = f"{host.root}/bin"


@pytest.mark.parametrize("program", USED)
def test_without_a_program_nothing_is_begun(host: Host, program: str) -> None:
    if its_own(host.shell, program):
        pytest.skip("the shell has it")
    faulty(host)
    only(host, program)
    before = files(host)
    done = host.parts(*CALLS.values())
    assert done.stderr.count(f"there is no {program}") == len(CALLS)
    assert f"mended 0 failed {len(CALLS)}" in done.stdout
    assert files(host) == before
    assert not (host.root / "calls").exists()


def test_no_other_program_is_missed(host: Host) -> None:
    faulty(host)
    only(host)
    for name in GREP:
        (host.root / "bin" / name).unlink()
    done = host.parts(*CALLS.values())
    assert f"mended {len(CALLS)} failed 0" in done.stdout, done.stdout + done.stderr


DYING = {
    "says nothing": "exit 2",
    "says half of it": "printf '/dev/a / ext4\\n'; exit 2",
    "is killed": "printf '# '; kill -9 $$",
}
LYING = {
    "says nothing, and that all is well": "exit 0",
    "says half of it, and that all is well": "printf '/dev/a / ext4\\n'",
}
ENDS = (
    *((name, end) for name in ("awk", "sed", "cat") for end in DYING),
    *((name, end) for name in ("awk", "sed") for end in LYING),
)


TOGETHER = (("bridge", "containerd"), tuple(sorted(CALLS.keys() - {"bridge", "containerd"})))
"""Of those together no two change the same file."""


@pytest.mark.parametrize("names", TOGETHER, ids=len)
@pytest.mark.parametrize(("program", "end"), ENDS)
def test_a_program_that_dies_costs_no_file(
    host: Host, tmp_path: Path, program: str, end: str, names: tuple[str, ...]
) -> None:
    """Each file is what it was, or what it is to be."""
    if its_own(host.shell, program):
        pytest.skip("the shell has it")
    calls = [CALLS[name] for name in names]
    well = Host(tmp_path / "well", host.shell)
    faulty(well)
    assert f"mended {len(calls)} failed 0" in well.parts(*calls).stdout
    faulty(host)
    before, wanted = files(host), files(well)
    host.program(program, (DYING | LYING)[end])
    done = host.parts(*calls)
    for path, text in files(host).items():
        assert text in {before.get(path), wanted.get(path)}, path + done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) > 0, done.stdout


def test_a_text_that_was_cut_is_not_put(host: Host) -> None:
    host.write("/etc/x", "a\nb\nc\n")
    done = host.run(f"put {host.root}/etc/x ''", f"put {host.root}/etc/x a")
    assert "has 3 lines, the new text 1: left as it is" in done.stderr
    assert host.read("/etc/x") == "a\nb\nc\n"
    assert not (host.root / "backups").exists()


def linked(host: Host, path: str, to: str) -> None:
    place = host.root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(to)


@pytest.mark.parametrize("to", ["/null", "/no/such"])
@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/etc/sysctl.d/99-kubernetes.conf", CALLS["sysctl"]),
        ("/etc/modules-load.d/kubernetes.conf", CALLS["bridge"]),
        ("/etc/modules-load.d/ipvs.conf", CALLS["modules"]),
    ],
)
def test_what_is_masked_stays_so(host: Host, path: str, call: str, to: str) -> None:
    """The test's own `/null`: the machine's /dev/null would be lost if this went wrong."""
    host.write("/run/systemd/system/x", "")
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.write("/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n")
    null = host.root / "null"
    null.mkdir()
    linked(host, path, f"{host.root}{to}")
    done = host.run(call)
    assert f"{path} is masked" in done.stderr
    assert "mended 0 failed 1" in done.stdout
    assert (host.root / path.lstrip("/")).is_symlink()
    assert null.is_dir()
    assert not list(null.iterdir())


def test_a_pipe_is_not_replaced(host: Host) -> None:
    os.mkfifo(host.root / "fifo")
    done = host.run(f"put {host.root}/fifo text")
    assert "no plain file" in done.stderr
    assert (host.root / "fifo").is_fifo()


OWN = "/etc/sysctl.d/99-kubernetes.conf"
LATER = "/etc/sysctl.d/99-zz-vendor.kubernetes.conf"
KEY = "net.ipv4.ip_forward"
BOOTS: dict[str, tuple[dict[str, str], str]] = {
    "a vendor's file that wins": ({"/usr/lib/sysctl.d/99-zz-vendor.conf": "0"}, LATER),
    "one of /run": ({"/run/sysctl.d/99-zz-vendor.conf": "0"}, LATER),
    "one that does not": ({"/usr/lib/sysctl.d/10-vendor.conf": "0"}, OWN),
    "one that is hidden": (
        {"/usr/lib/sysctl.d/99-zz-vendor.conf": "0", "/etc/sysctl.d/99-zz-vendor.conf": ""},
        OWN,
    ),
    "one of the same name": (
        {"/usr/lib/sysctl.d/99-kubernetes.conf": ""},
        "/etc/sysctl.d/99-kubernetes.kubernetes.conf",
    ),
    "what systemd does not read": ({"/etc/sysctl.conf": "1"}, OWN),
    "a one that is taken back later": (
        {"/etc/sysctl.d/50-a.conf": "1", "/usr/lib/sysctl.d/99-zz-vendor.conf": "0"},
        LATER,
    ),
    "a vendor's one": ({"/usr/lib/sysctl.d/50-vendor.conf": "1"}, ""),
}


@pytest.mark.parametrize("case", BOOTS)
def test_the_file_that_wins_at_a_boot(host: Host, case: str) -> None:
    there, written = BOOTS[case]
    host.write("/run/systemd/system/x", "")
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    for path, value in there.items():
        host.write(path, f"{KEY} = {value}\n" if value else "# nothing\n")
    before = files(host)
    host.twice(CALLS["sysctl"])
    new = {f"/{path}" for path in files(host).keys() - before.keys()}
    assert new == ({written} if written else set())
    if written:
        assert host.read(written) == f"{KEY} = 1\n"
    for path in there:
        if path.startswith(("/usr", "/run")):
            assert "kscan" not in host.read(path)


def test_a_masked_file_hides_the_vendors(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.write("/usr/lib/sysctl.d/99-zz-vendor.conf", f"{KEY} = 0\n")
    os.mkfifo(host.root / "null")
    linked(host, "/etc/sysctl.d/99-zz-vendor.conf", f"{host.root}/null")
    host.twice(CALLS["sysctl"])
    assert host.read(OWN) == f"{KEY} = 1\n"


def test_without_systemd_sysctl_conf_is_read_last(host: Host) -> None:
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.write("/etc/sysctl.conf", f"{KEY} = 1\n")
    host.write("/usr/lib/sysctl.d/99-zz-vendor.conf", f"{KEY} = 0\n")
    host.twice(CALLS["sysctl"])
    assert not (host.root / "etc/sysctl.d").exists()


def test_sysctl_conf_counts_where_a_link_leads_to_it(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.write("/etc/sysctl.conf", f"{KEY} = 1\n")
    linked(host, "/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf")
    host.twice(CALLS["sysctl"])
    assert not (host.root / OWN.lstrip("/")).exists()


def test_plugins_that_are_disabled_over_several_lines(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    before = 'disabled_plugins = [ # "cri"]\n  "aufs",\n  "cri", # why\n]\n[x]\ny = ["cri"]\n'
    host.write("/etc/containerd/config.toml", before)
    host.twice("cri_plugin_on")
    after = before.replace('  "cri", # why', "  # why")
    assert host.read("/etc/containerd/config.toml") == after


def test_a_list_without_an_end_is_not_called_well(host: Host) -> None:
    host.write("/etc/containerd/config.toml", 'disabled_plugins = [\n"cri"\n')
    assert "is not understood here" in host.run("cri_plugin_on").stderr


@pytest.mark.parametrize("call", ["cri_plugin_on", "containerd_systemd", "docker_systemd"])
def test_a_runtime_with_containers_keeps_its_configuration(host: Host, call: str) -> None:
    faulty(host)
    host.program("docker", "echo 0123")
    before = files(host)
    for _ in range(2):
        done = host.run(call)
        assert "docker runs containers" in done.stderr
        assert "mended 0 failed 1" in done.stdout
    assert files(host) == before


def test_what_is_still_wrong_is_not_called_nothing_to_do(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    host.program("modprobe", ":")
    assert "the module is not loaded" in host.run("load ip_vs").stderr
    host.program("swapoff", ":")
    host.write("/proc/meminfo", "MemAvailable: 100 kB\nSwapTotal: 100 kB\nSwapFree: 50 kB\n")
    host.write("/proc/swaps", "Filename Type\n/dev/b partition\n")
    assert "there is still swap" in host.run("no_swap").stderr
    host.program("systemctl", '[ "$1" = start ]')
    assert "was started and does not run" in host.run("service_now kubelet").stderr
    host.write("/etc/docker/daemon.json", '{"exec-opts": ["native.cgroupdriver=systemd"]}\n')
    host.program("docker", '[ "$1" != info ] || echo cgroupfs')
    host.program("systemctl", f'echo "$*" >>{host.root}/calls')
    host.run("docker_systemd")
    assert host.read("/calls").endswith("restart docker.service\n")
