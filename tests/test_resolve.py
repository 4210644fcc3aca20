"""Versions and roles: what each host is judged as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.facts.base import Facts
from scanner.facts.cri import Cri, CriSocket, Rpc
from scanner.facts.identity import Addresses, Identity
from scanner.facts.programs import Kubeadm, Kubelet, Run, Sockets
from scanner.kubeadm import cri_sockets as sockets
from scanner.request import Cluster, ContainerRuntime, Host, Login, NodeRole, Request
from scanner.resolve import (
    early_version,
    endpoint_host,
    init_host,
    late_version,
    role_of,
    target_of,
)
from scanner.target import Role
from scanner.versions import Version, parse_version

CONTROL_PLANE = frozenset({NodeRole.CONTROL_PLANE})
BOTH = frozenset(NodeRole)
V120 = parse_version("v1.20.2")
V131 = parse_version("v1.31.0")


def host(name: str, roles: frozenset[NodeRole] = frozenset({NodeRole.WORKER})) -> Host:
    return Host(name, Login(f"{name}.example"), roles=roles)


REQUEST = Request((host("w1"), host("m1", CONTROL_PLANE), host("m2", BOTH)))


def facts(kubeadm: Version | None = None, present: frozenset[str] = frozenset()) -> Facts:
    run = Run(0, "", "")
    return Facts(
        {
            Kubeadm: Kubeadm(kubeadm, run),
            Kubelet: Kubelet(V120, run),
            Sockets: Sockets(present, {}),
            Identity: Identity(0, "root", "Node-A", "", ""),
            Addresses: Addresses("eth0", ("192.0.2.7",), ("2001:db8::7",)),
        },
        {},
    )


def test_roles_follow_the_master_or_the_first_control_plane() -> None:
    assert init_host(REQUEST) == "m1"
    assert [role_of(REQUEST, host) for host in REQUEST.hosts] == [
        Role.JOIN_WORKER,
        Role.INIT,
        Role.JOIN_CONTROL_PLANE,
    ]
    assert init_host(replace(REQUEST, master="m2")) == "m2"
    assert init_host(Request((host("w"),))) is None


def test_the_version_asked_for_wins() -> None:
    asked = replace(REQUEST, cluster=Cluster(kubernetes_version=V131))
    found = early_version(asked, {"m1": V120})
    assert found is not None
    assert (found.version, found.source) == (V131, "as asked for")


def test_then_the_first_control_planes_kubeadm_as_soon_as_it_is_known() -> None:
    assert early_version(REQUEST, {}) is None
    assert early_version(REQUEST, {"m2": V131}) is None
    found = early_version(REQUEST, {"m1": V120})
    assert found is not None
    assert (found.version, found.source) == (V120, "that of kubeadm on m1")


def test_then_the_commonest_and_then_the_newest_settled() -> None:
    assert late_version({"a": V120, "b": V131, "c": V120, "d": None}).version == V120
    assert late_version({"a": V120, "b": V131}).version == V131, "a draw goes to the newer one"
    assert late_version({"a": None}).version.minor == 31


def test_a_host_is_judged_by_its_own_kubeadm() -> None:
    target = target_of(REQUEST, REQUEST.hosts[1], facts(V120), V131)
    assert (target.kubeadm, target.kubernetes, target.kubelet) == (V120, V131, V120)
    assert target_of(REQUEST, REQUEST.hosts[1], facts(), V131).kubeadm == V131


def test_names_and_addresses() -> None:
    target = target_of(REQUEST, REQUEST.hosts[0], facts(), V120)
    assert target.node_name == "node-a"
    assert target.advertise_address == "192.0.2.7"
    assert target.endpoint == "m1.example"
    named = replace(REQUEST.hosts[0], node_name="n", advertise_address="10.0.0.1")
    target = target_of(REQUEST, named, facts(), V120)
    assert (target.node_name, target.advertise_address) == ("n", "10.0.0.1")


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("k8s.example:6443", "k8s.example"),
        ("k8s.example", "k8s.example"),
        ("192.0.2.1:6443", "192.0.2.1"),
        ("[2001:db8::1]:6443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_endpoint_host(endpoint: str, expected: str) -> None:
    assert endpoint_host(endpoint) == expected


AUTO = ContainerRuntime.AUTO
MORE = {"1.20.2": (sockets.CRIO,), "1.24.0": (sockets.CRI_DOCKERD,)}
DOCKER, CONTAINERD, CRIO = (
    ContainerRuntime.DOCKER,
    ContainerRuntime.CONTAINERD,
    ContainerRuntime.CRIO,
)


@pytest.mark.parametrize(
    ("version", "present", "runtime", "rivals"),
    [
        ("1.20.2", (), DOCKER, 0),
        ("1.20.2", (sockets.DOCKER, sockets.CONTAINERD), DOCKER, 0),
        ("1.20.2", (sockets.CONTAINERD,), CONTAINERD, 0),
        ("1.20.2", (sockets.CRIO,), CRIO, 0),
        ("1.20.2", (sockets.DOCKER, sockets.CRIO), DOCKER, 2),
        ("1.20.2", (sockets.CONTAINERD, sockets.CRIO), CONTAINERD, 2),
        ("1.13.4", (sockets.CONTAINERD,), DOCKER, 0),
        ("1.23.0", (sockets.DOCKER,), DOCKER, 0),
        ("1.24.0", (), CONTAINERD, 0),
        ("1.24.0", (sockets.DOCKER, sockets.CONTAINERD), CONTAINERD, 0),
        ("1.31.0", (sockets.CRI_DOCKERD,), DOCKER, 0),
        ("1.31.0", (sockets.CRI_DOCKERD, sockets.CONTAINERD), DOCKER, 2),
    ],
)
def test_the_runtime_that_kubeadm_would_find(
    version: str, present: tuple[str, ...], runtime: ContainerRuntime, rivals: int
) -> None:
    choice = sockets.choose(AUTO, None, frozenset(present), parse_version(version))
    assert (choice.runtime, len(choice.rivals)) == (runtime, rivals)


@pytest.mark.parametrize(
    ("version", "refused", "runtime", "rivals"),
    [
        ("1.24.0", (sockets.CRI_DOCKERD,), CONTAINERD, 0),
        ("1.24.0", (sockets.CONTAINERD,), DOCKER, 0),
        ("1.24.0", (sockets.CRI_DOCKERD, sockets.CONTAINERD), DOCKER, 2),
        ("1.20.2", (sockets.CRIO,), CONTAINERD, 2),
    ],
)
def test_a_socket_left_from_a_stopped_runtime(
    version: str, refused: tuple[str, ...], runtime: ContainerRuntime, rivals: int
) -> None:
    present = frozenset({sockets.CONTAINERD, *refused, *MORE[version]})
    known = facts(parse_version(version), present)
    gone = {path: CriSocket(None, Rpc("nobody answers", refused=True)) for path in refused}
    groups = {**known.groups, Cri: Cri(crictl=False, sockets=gone)}
    target = target_of(REQUEST, REQUEST.hosts[0], Facts(groups, {}), V131)
    assert (target.runtime, len(target.rival_sockets)) == (runtime, rivals)


def test_a_configured_runtime_or_socket_is_not_searched_for() -> None:
    everything = frozenset({sockets.DOCKER, sockets.CONTAINERD, sockets.CRIO})
    assert sockets.choose(CRIO, None, everything, V120) == sockets.Choice(CRIO, sockets.CRIO)
    assert sockets.choose(DOCKER, None, everything, V120).socket == sockets.DOCKERSHIM
    assert sockets.choose(DOCKER, None, everything, V131).socket == sockets.CRI_DOCKERD
    own = sockets.choose(AUTO, "unix:///run/k3s/containerd.sock", everything, V131)
    assert own == sockets.Choice(CONTAINERD, "/run/k3s/containerd.sock")
