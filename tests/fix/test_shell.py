"""The functions of the scripts, by every shell, with the folders of a host moved into a test's."""

from __future__ import annotations

import pytest

from tests.fix.host import Host


def test_a_sysctl_is_set_now_and_for_the_next_boot(host: Host) -> None:
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.twice("sysctl_on net.ipv4.ip_forward")
    assert host.read("/proc/sys/net/ipv4/ip_forward") == "1\n"
    assert host.read("/etc/sysctl.d/99-kubernetes.conf") == "net.ipv4.ip_forward = 1\n"


def test_lines_that_say_otherwise_become_comments(host: Host) -> None:
    host.write("/proc/sys/net/ipv4/ip_forward", "1\n")
    host.write("/etc/sysctl.conf", "# x\nnet/ipv4/ip_forward=0\nkernel.panic = 3\n")
    host.write("/etc/sysctl.d/50-a.conf", "-net.ipv4.ip_forward = 0 \n")
    host.write("/etc/sysctl.d/99-kubernetes.conf", "vm.swappiness = 1")
    said = host.twice("sysctl_on net.ipv4.ip_forward")
    assert "kscan fix: net/ipv4/ip_forward=0\nkernel.panic = 3\n" in host.read("/etc/sysctl.conf")
    assert host.read("/etc/sysctl.d/50-a.conf").startswith("# kscan fix: -net.ipv4")
    own = host.read("/etc/sysctl.d/99-kubernetes.conf")
    assert own == "vm.swappiness = 1\nnet.ipv4.ip_forward = 1\n"
    assert said.count("backup: ") == 3
    kept = host.root / "backups" / str(host.root).lstrip("/") / "etc/sysctl.conf"
    assert kept.read_text() == "# x\nnet/ipv4/ip_forward=0\nkernel.panic = 3\n"


def test_a_sysctl_of_the_bridge_is_persistent_with_its_module(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    host.write("/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n")
    host.write("/etc/sysctl.d/a.conf", "-net.bridge.bridge-nf-call-iptables = 0\n")
    host.twice("bridge_sysctl_on net.bridge.bridge-nf-call-iptables")
    assert host.read("/etc/sysctl.d/a.conf").startswith("# kscan fix: -net.bridge")
    own = host.read("/etc/sysctl.d/99-kubernetes.conf")
    assert own == "net.bridge.bridge-nf-call-iptables = 1\n"
    assert host.read("/etc/modules-load.d/kubernetes.conf") == "br_netfilter\n"


def test_a_sysctl_that_is_persistent_elsewhere_is_not_written_again(host: Host) -> None:
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n")
    host.write("/etc/sysctl.d/k8s.conf", "net.ipv4.ip_forward=1\n")
    host.twice("sysctl_on net.ipv4.ip_forward")
    assert not (host.root / "etc/sysctl.d/99-kubernetes.conf").exists()


def test_a_sysctl_that_is_not_there_is_not_mended(host: Host) -> None:
    done = host.run("sysctl_on net.ipv4.ip_forward")
    assert "there is no" in done.stderr
    assert "mended 0 failed 1" in done.stdout


def test_modules_are_named_once(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    host.write("/etc/modules-load.d/ipvs.conf", "ip_vs")
    host.twice("modules_at_boot ipvs ip_vs ip_vs_rr")
    assert host.read("/etc/modules-load.d/ipvs.conf") == "ip_vs\nip_vs_rr\n"


def test_a_module_is_loaded_unless_it_is_there(host: Host) -> None:
    host.write("/sys/module/there/x", "")
    host.run("load there", "load other")
    assert host.read("/calls") == "modprobe other\n"


def test_the_hosts_own_name(host: Host) -> None:
    host.write("/etc/hosts", "127.0.0.1 localhost # node1\n192.0.2.1 NODE10 node11")
    host.twice("host_entry 192.0.2.11 node1")
    assert host.read("/etc/hosts").endswith("node11\n192.0.2.11 node1\n")
    assert "nothing to do" in host.run("host_entry 192.0.2.11 node10").stdout


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('disabled_plugins = ["cri"]', "disabled_plugins = []"),
        ("disabled_plugins = ['cri', 'a']", "disabled_plugins = ['a']"),
        (
            ' disabled_plugins=["a", "io.containerd.grpc.v1.cri"] # x',
            ' disabled_plugins=["a", ] # x',
        ),
    ],
)
def test_the_cri_plugin(host: Host, before: str, after: str) -> None:
    host.write("/run/systemd/system/x", "")
    host.write("/etc/containerd/config.toml", f'root = "cri"\n{before}\n')
    host.twice("cri_plugin_on")
    assert host.read("/etc/containerd/config.toml") == f'root = "cri"\n{after}\n'
    assert host.read("/calls") == "systemctl restart containerd.service\n"


def test_containerds_cgroup_driver(host: Host) -> None:
    host.write("/run/systemd/system/x", "")
    host.write("/etc/containerd/config.toml", "[a]\n  SystemdCgroup = false\n")
    host.twice("containerd_systemd")
    assert host.read("/etc/containerd/config.toml") == "[a]\n  SystemdCgroup = true\n"


@pytest.mark.parametrize("text", ["[a]\n", "SystemdCgroup = false\n SystemdCgroup = false\n"])
def test_containerds_cgroup_driver_is_left_where_it_is_not_clear(host: Host, text: str) -> None:
    host.write("/etc/containerd/config.toml", text)
    assert "by hand" in host.run("containerd_systemd").stderr
    assert host.read("/etc/containerd/config.toml") == text


@pytest.mark.parametrize("text", [None, "", "{ }\n"])
def test_dockers_cgroup_driver(host: Host, text: str | None) -> None:
    host.write("/run/systemd/system/x", "")
    if text is not None:
        host.write("/etc/docker/daemon.json", text)
    host.twice("docker_systemd")
    wanted = '{"exec-opts": ["native.cgroupdriver=systemd"]}\n'
    assert host.read("/etc/docker/daemon.json") == wanted


def test_dockers_own_settings_are_left(host: Host) -> None:
    host.write("/etc/docker/daemon.json", '{"debug": true}')
    done = host.run("docker_systemd")
    assert "has settings" in done.stderr
    assert host.read("/etc/docker/daemon.json") == '{"debug": true}'


def test_a_runtime_with_containers_is_not_restarted(host: Host) -> None:
    host.program("docker", "echo 0123")
    done = host.run("may_restart docker")
    assert "docker runs containers" in done.stderr
    assert "mended 0 failed 1" in done.stdout


@pytest.mark.parametrize(("active", "failed"), [("exit 0", 1), ("exit 3", 0)])
def test_a_docker_that_does_not_answer_may_run_containers(
    host: Host, active: str, failed: int
) -> None:
    host.write("/run/systemd/system/x", "")
    host.program("docker", "exit 1")
    host.program("systemctl", active)
    done = host.run("may_restart containerd")
    assert ("docker does not tell" in done.stderr) is bool(failed)
    assert f"failed {failed}" in done.stdout


@pytest.mark.parametrize("line", ["mount-point = /var/tmp", " fs-type=ext4"])
def test_a_file_system_on_zram_is_left(host: Host, line: str) -> None:
    text = f"[zram0]\nfs-type = swap\n[zram1]\n{line}\n"
    host.write("/run/systemd/system/x", "")
    host.write("/etc/fstab", "/dev/b none swap sw 0 0\n")
    host.write("/etc/systemd/zram-generator.conf", text)
    assert "file systems beside swap" in host.run("no_swap").stderr
    assert host.read("/etc/systemd/zram-generator.conf") == text
    assert host.read("/etc/fstab") == "/dev/b none swap sw 0 0\n"


def test_swap_lines_of_fstab_become_comments(host: Host) -> None:
    host.write("/etc/fstab", "/dev/a / ext4\n# /dev/c none swap\n/dev/b none swap sw 0 0\n")
    host.write("/proc/meminfo", "MemAvailable: 100 kB\nSwapTotal: 100 kB\nSwapFree: 50 kB\n")
    host.write("/proc/swaps", "Filename Type\n/dev/b partition\n/a\\040b file\n")
    said = host.run("no_swap").stdout
    assert host.read("/etc/fstab") == (
        "/dev/a / ext4\n# /dev/c none swap\n# kscan fix: /dev/b none swap sw 0 0\n"
    )
    assert host.read("/calls") == "swapoff /dev/b\nswapoff /a b\n"
    assert "mended 1 failed 0" in said
    host.write("/proc/swaps", "Filename Type\n")
    assert "nothing to do" in host.run("no_swap").stdout


def test_swap_that_memory_cannot_take_stays(host: Host) -> None:
    host.write("/proc/meminfo", "MemAvailable: 49 kB\nSwapTotal: 100 kB\nSwapFree: 50 kB\n")
    host.write("/proc/swaps", "Filename Type\n/dev/b partition\n")
    host.write("/etc/fstab", "/dev/b none swap sw 0 0\n")
    host.write("/run/systemd/system/x", "")
    assert "make room first" in host.run("no_swap").stderr
    assert not (host.root / "calls").exists()
    assert host.read("/etc/fstab") == "/dev/b none swap sw 0 0\n"


def test_a_program_is_installed_by_its_package(host: Host) -> None:
    tool = host.root / "bin" / "kscan-tool"
    host.program("apt-get", f'echo "$*" >>{host.root}/calls; : >{tool}; chmod +x {tool}')
    host.twice("programs apt kscan-tool:package sh:shell")
    assert host.read("/calls") == "install -y --no-remove --no-install-recommends package\n"


def test_a_program_that_its_package_does_not_bring_is_named(host: Host) -> None:
    done = host.run("programs apt kscan-no-such:package")
    assert "there is still no kscan-no-such" in done.stderr
    assert "mended 0 failed 1" in done.stdout


def test_a_part_that_fails_with_a_hundred_is_not_taken_for_a_change(host: Host) -> None:
    assert "mended 0 failed 1" in host.run("(exit 100)").stdout
    said = host.run("changed it", "false", "changed more").stdout
    assert "this part is not mended, though some of it was changed\nmended 1 failed 1" in said


def test_a_link_stays_a_link(host: Host) -> None:
    host.write("/etc/real", "old\n")
    (host.root / "etc/link").symlink_to("real")
    (host.root / "etc/real").chmod(0o640)
    host.twice(f"put {host.root}/etc/link new")
    assert (host.root / "etc/link").is_symlink()
    assert host.read("/etc/real") == "new\n"
    assert (host.root / "etc/real").stat().st_mode & 0o777 == 0o640
