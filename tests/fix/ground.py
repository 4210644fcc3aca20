"""A host and results that a script can mend, and that it cannot."""

from __future__ import annotations

from dataclasses import replace

from scanner.checks.rule import Finding
from scanner.evaluate import Result
from scanner.fix.host import Ground, Packages
from scanner.fix.steps import Call
from scanner.verdict import Verdict

GROUND = Ground(
    name="node1",
    machine_id="0123456789abcdef" * 2,
    node_name="node1",
    address="192.0.2.11",
    packages=Packages.APT,
    in_use=False,
    units=frozenset({"docker", "kubelet", "containerd"}),
    programs=frozenset(),
)


def bad(
    check: str, subject: str = "", *, have: str = "", need: str = "", source: str = ""
) -> Result:
    found = Finding("it is wrong", have, need, source)
    return Result(check, None, subject, Verdict.FAIL, "it is wrong", findings=(found,))


FORWARD = "/proc/sys/net/ipv4/ip_forward"
BRIDGE = "/proc/sys/net/bridge/bridge-nf-call-iptables"
MENDED: tuple[tuple[Result, tuple[Call, ...]], ...] = (
    (bad("KS104"), (("no_swap",),)),
    (bad("KS105", have="no address"), (("host_entry", "192.0.2.11", "node1"),)),
    (bad("KS202"), (("service_at_boot", "kubelet"),)),
    (bad("KS203"), (("service_at_boot", "docker"), ("service_now", "docker"))),
    (
        bad("KS204", "containerd"),
        (("service_at_boot", "containerd"), ("service_now", "containerd")),
    ),
    (bad("KS212", need="systemd"), (("docker_systemd",),)),
    (
        bad("KS215", have="cgroupfs and systemd", source="/etc/containerd/config.toml, x"),
        (("containerd_systemd",),),
    ),
    (bad("KS215", have="cgroupfs", source="docker info"), (("docker_systemd",),)),
    (bad("KS216"), (("cri_plugin_on",),)),
    (bad("KS321", "conntrack"), (("programs", "apt", "conntrack:conntrack"),)),
    (bad("KS401", FORWARD), (("sysctl_on", "net.ipv4.ip_forward"),)),
    (bad("KS401", BRIDGE), (("bridge_sysctl_on", "net.bridge.bridge-nf-call-iptables"),)),
    (bad("KS402", FORWARD), (("sysctl_on", "net.ipv4.ip_forward"),)),
    *(
        (
            bad(check, need="ip_vs_rr nf_conntrack"),
            (
                ("modules_at_boot", "ipvs", "ip_vs_rr", "nf_conntrack"),
                ("load", "ip_vs_rr"),
                ("load", "nf_conntrack"),
            ),
        )
        for check in ("KS421", "KS422", "KS423")
    ),
)
LEFT: tuple[tuple[Result, dict[str, object], str], ...] = (
    (bad("KS301", "6443"), {}, ""),
    (bad("user/mine"), {}, ""),
    (bad("KS105", have="x"), {}, ""),
    (bad("KS105", have="no address"), {"address": ""}, ""),
    (bad("KS105", have="no address"), {"node_name": ""}, ""),
    (bad("KS202"), {"units": frozenset()}, "choose their version"),
    (bad("KS203"), {"units": frozenset()}, "no service docker"),
    (bad("KS204", "$(reboot)"), {}, ""),
    (bad("KS212", need="a running docker daemon"), {}, ""),
    (bad("KS212", need="systemd"), {"in_use": True}, "in a cluster"),
    (bad("KS215", have="systemd and cgroupfs"), {}, "kubelet's configuration"),
    (bad("KS216"), {"in_use": True}, "in a cluster"),
    (bad("KS321", "crictl"), {}, "that you choose"),
    (bad("KS321", "conntrack"), {"packages": None}, "distribution"),
    (bad("KS321", "conntrack"), {"programs": frozenset({"conntrack"})}, "PATH"),
    (bad("KS321", "x; reboot"), {}, "that you choose"),
    (bad("KS401", "/proc/sys/kernel/panic"), {}, ""),
    (bad("KS421", need="evil;reboot"), {}, ""),
    (replace(bad("KS104"), verdict=Verdict.UNKNOWN), {}, "could not be known"),
)
