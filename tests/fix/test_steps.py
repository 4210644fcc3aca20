"""Which results become which calls, and which are left to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.checks.rule import Finding
from scanner.evaluate import Ignored, Result
from scanner.fix.host import Ground, Packages
from scanner.fix.steps import MENDERS, Call, Plan, plan
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


def planned(*results: Result, **ground: object) -> Plan:
    return plan(replace(GROUND, **ground), results)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(("result", "calls"), MENDED, ids=lambda value: getattr(value, "check", ""))
def test_it_is_mended(result: Result, calls: tuple[Call, ...]) -> None:
    made = planned(result)
    (part,) = made.parts
    assert (part.calls, part.mends, made.left) == (calls, (result,), ())


def test_every_mender_has_a_row() -> None:
    assert {result.check for result, _ in MENDED} == set(MENDERS)


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


@pytest.mark.parametrize(("result", "ground", "why"), LEFT)
def test_it_is_left(result: Result, ground: dict[str, object], why: str) -> None:
    made = planned(result, **ground)
    assert made.parts == ()
    (leaving,) = made.left
    assert leaving.result == result
    assert why in leaving.why


def test_what_is_green_or_accepted_is_not_touched() -> None:
    for verdict in (Verdict.PASS, Verdict.SKIP):
        assert planned(replace(bad("KS104"), verdict=verdict)).parts == ()
    ignored = replace(bad("KS104"), verdict=Verdict.WARN, ignored=Ignored("NodeSwap", ""))
    made = planned(ignored)
    assert (made.parts, made.left) == ((), ())


def test_results_of_one_subject_are_one_part_in_a_fixed_order() -> None:
    results = (
        bad("KS203"),
        bad("KS401", FORWARD),
        bad("KS321", "tc"),
        bad("KS321", "ip"),
        bad("KS104"),
        bad("KS202"),
    )
    made = planned(*results)
    assert [part.title for part in made.parts] == [
        "programs",
        "swap",
        "kernel switches",
        "services",
    ]
    assert made.parts[0].calls == (("programs", "apt", "tc:iproute2", "ip:iproute2"),)
    assert planned(*reversed(results)).parts[1:3] == made.parts[1:3]
