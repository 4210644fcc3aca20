"""Who dials whom: all that is needed, nothing twice, and a sample that leaves nobody out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.edges import plan as plans
from scanner.edges.mode import Network
from scanner.edges.ports import CNI_PORTS, Between, EdgePort, ports_of
from scanner.request import Cluster, CniProfile, ExternalEtcd
from tests.edges.fleet import edges, peers, plan

FROM_CONTROL_PLANE = Between.FROM_CONTROL_PLANE
"""Of a sample each kubelet is dialled by one control plane, and so not all of them need to dial."""


def test_the_ports_that_roles_need() -> None:
    assert edges(plan(control_planes=2, workers=1)) == [
        ("node1", "node2", "6443/tcp"),
        ("node1", "node2", "2379/tcp"),
        ("node1", "node2", "2380/tcp"),
        ("node1", "node2", "10250/tcp"),
        ("node1", "node3", "10250/tcp"),
        ("node2", "node1", "6443/tcp"),
        ("node2", "node1", "2379/tcp"),
        ("node2", "node1", "2380/tcp"),
        ("node2", "node1", "10250/tcp"),
        ("node2", "node3", "10250/tcp"),
        ("node3", "node1", "6443/tcp"),
        ("node3", "node2", "6443/tcp"),
    ]


@pytest.mark.parametrize(
    ("cluster", "names"),
    [
        (Cluster(), ["6443/tcp", "2379/tcp", "2380/tcp", "10250/tcp"]),
        (
            Cluster(bind_port=443, etcd=ExternalEtcd(("https://192.0.2.1:2379",))),
            ["443/tcp", "10250/tcp"],
        ),
        (
            Cluster(cni_profile=CniProfile.FLANNEL),
            ["6443/tcp", "2379/tcp", "2380/tcp", "10250/tcp", "8472/udp"],
        ),
        (
            Cluster(cni_profile=CniProfile.CALICO, etcd=ExternalEtcd(())),
            ["6443/tcp", "10250/tcp", "179/tcp", "4789/udp", "5473/tcp"],
        ),
        (
            Cluster(cni_profile=CniProfile.CILIUM, etcd=ExternalEtcd(()), bind_port=4240),
            ["4240/tcp", "10250/tcp", "8472/udp"],
        ),
    ],
)
def test_ports_of_a_cluster(cluster: Cluster, names: list[str]) -> None:
    assert [port.name for port in ports_of(cluster)] == names


def test_every_port_says_where_it_comes_from() -> None:
    assert all(port.source and port.component for ports in CNI_PORTS.values() for port in ports)
    assert set(CNI_PORTS) == set(CniProfile)
    assert all(port.between is Between.ALL for ports in CNI_PORTS.values() for port in ports)


def test_forty_hosts_are_dialled_by_all() -> None:
    made = plan(3, 37, Network.FULL, CniProfile.CILIUM)
    found = edges(made)
    assert not made.sampled
    assert len(found) == len(set(found)) == made.possible
    pairs = {(a, b) for a, b, _ in found}
    assert len(pairs) == 40 * 39


def test_a_host_without_an_address_is_not_dialled_but_dials() -> None:
    two = peers(1, 1)
    made = plan(members=(two[0], replace(two[1], addresses=())))
    assert edges(made) == [("node2", "node1", "6443/tcp")]


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL, Network.SAMPLE])
@pytest.mark.parametrize(("control_planes", "workers"), [(1, 1200), (3, 997), (5, 400)])
def test_a_sample_covers_every_host_both_ways(
    mode: Network, control_planes: int, workers: int
) -> None:
    made = plan(control_planes, workers, mode, CniProfile.FLANNEL)
    assert made.sampled
    found = edges(made)
    assert len(found) == len(set(found))
    for port in ("8472/udp",):
        dialling = Counter(a for a, _, name in found if name == port)
        dialled = Counter(b for _, b, name in found if name == port)
        everybody = {peer.name for peer in made.peers}
        assert set(dialling) == set(dialled) == everybody
        assert max(dialling.values()) <= plans.NEIGHBOURS
        assert max(dialled.values()) <= plans.NEIGHBOURS
    kubelets = Counter(b for _, b, name in found if name == "10250/tcp")
    assert set(kubelets.values()) == {1}
    assert len(kubelets) == len(made.peers) - (control_planes == 1)
    servers = Counter(b for _, b, name in found if name == "6443/tcp")
    assert servers == {f"node{n + 1}": len(made.peers) - 1 for n in range(control_planes)}


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([200, 201, 1000]),
    st.integers(1, 5),
    st.sampled_from([Network.DIAL, Network.SAMPLE, Network.FULL]),
    st.sampled_from(CniProfile),
    st.text(max_size=5),
)
def test_each_host_of_a_large_fleet_is_covered_both_ways(
    hosts: int, control_planes: int, mode: Network, profile: CniProfile, salt: str
) -> None:
    """Per port: whoever must dial it dials, whoever must be reached there is dialled."""
    made = replace(plan(control_planes, hosts - control_planes, mode, profile), salt=salt)
    found = edges(made)
    assert len(found) == len(set(found))
    for port in made.ports:
        dialling = {a for a, _, name in found if name == port.name}
        dialled = {b for _, b, name in found if name == port.name}
        pairs = [(bool(a), bool(b)) for a in (0, 1) for b in (0, 1)]
        for own in (False, True):
            members = {peer.name for peer in made.peers if peer.is_control_plane is own}
            others = {True: control_planes - own, False: hosts - control_planes - (not own)}
            asked = [b for a, b in pairs if a is own and port.is_asked(dialler=a, target=b)]
            if any(others[kind] for kind in asked) and port.between is not FROM_CONTROL_PLANE:
                assert members <= dialling
            asked = [a for a, b in pairs if b is own and port.is_asked(dialler=a, target=b)]
            if any(others[kind] for kind in asked):
                assert members <= dialled


def questions_of(hosts: int, mode: Network, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often one asks whether a port is for a pair of hosts, while a whole plan is made."""
    count = 0
    real = EdgePort.is_asked

    def is_asked(port: EdgePort, *, dialler: bool, target: bool) -> bool:
        nonlocal count
        count += 1
        return real(port, dialler=dialler, target=target)

    with monkeypatch.context() as patched:
        patched.setattr(EdgePort, "is_asked", is_asked)
        edges(plan(3, hosts - 3, mode, CniProfile.FLANNEL))
    return count


@pytest.mark.parametrize("mode", [Network.DIAL, Network.SAMPLE])
def test_the_work_of_a_plan_grows_with_the_hosts(
    mode: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (questions_of(hosts, mode, monkeypatch) for hosts in (500, 2000))
    assert many < few * 4.5
    assert many < 150 * 2000


def test_the_edges_of_a_sample_grow_with_the_hosts_and_not_with_their_square() -> None:
    small, large = (
        len(edges(plan(3, n - 3, Network.DIAL, CniProfile.FLANNEL))) for n in (500, 2000)
    )
    assert large < small * 4.1


def test_listeners_are_open_in_waves() -> None:
    made = plan(3, 997, Network.FULL, CniProfile.FLANNEL)
    assert all(len(wave) <= plans.MOST_LISTENING for wave in made.waves)
    assert all({0, 1, 2} <= set(wave) for wave in made.waves)
    seen = Counter(host for wave in made.waves for host in wave if host > 2)
    assert set(seen) == set(range(3, 1000))
    assert set(seen.values()) == {1}
    assert plan(3, 997, Network.DIAL).waves == (tuple(range(1000)),)


def test_a_small_fleet_is_its_own_sample() -> None:
    made = plan(1, 5, Network.SAMPLE, CniProfile.FLANNEL)
    assert not made.sampled
    assert len(edges(made)) == made.possible


def test_equal_fleets_are_sampled_alike_whatever_their_order() -> None:
    members = peers(1, 400)
    one = plan(members=members, mode=Network.DIAL, profile=CniProfile.FLANNEL)
    two = plan(
        members=(members[0], *reversed(members[1:])),
        mode=Network.DIAL,
        profile=CniProfile.FLANNEL,
    )
    flannel = [{edge for edge in edges(made) if edge[2] == "8472/udp"} for made in (one, two)]
    assert flannel[0] == flannel[1]


def test_one_host_has_no_edges() -> None:
    assert edges(plan(1, 0)) == []
    assert plan(1, 0).possible == 0


def test_possible_counts_what_would_be_dialled() -> None:
    for sizes in ((1, 0), (1, 1), (2, 3), (3, 0), (0, 4)):
        made = plan(*sizes, profile=CniProfile.CALICO)
        assert made.possible == len(edges(made))
