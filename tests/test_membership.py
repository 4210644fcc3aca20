"""Member, half done, in another cluster, or nothing of it: each sign taken away once."""

from __future__ import annotations

import pytest

from scanner.facts.base import Facts
from scanner.facts.certificates import Certificates
from scanner.facts.node import Node
from scanner.facts.paths import Paths, PathState
from scanner.facts.services import Services
from scanner.membership import (
    CLIENT_CERTIFICATE,
    KUBELET_CONF,
    NOT_ASKED,
    Authority,
    Membership,
    State,
    membership_of,
    shows_signs,
)
from scanner.request import Cluster
from tests.hosts import (
    EXTERNAL_ETCD,
    NOW,
    UNIT_ABSENT,
    UNIT_STOPPED,
    facts,
    facts_without,
    paths,
    services,
)
from tests.members import (
    CA,
    CONTROL_PLANE_PORTS,
    client_certificate,
    member,
    node,
)

OURS = Authority(CA)
STANDALONE = {2379: "etcd", 2380: "etcd"}


def judged(
    found: Facts,
    *,
    control_plane: bool = False,
    authority: Authority | None = OURS,
    cluster: Cluster | None = None,
) -> Membership:
    return membership_of(
        found, cluster or Cluster(), authority, control_plane=control_plane, now=NOW
    )


def without(port: int) -> dict[int, str]:
    return {number: name for number, name in CONTROL_PLANE_PORTS.items() if number != port}


def test_a_worker_with_all_signs_is_a_member() -> None:
    found = judged(facts(*member()))
    assert (found.state, found.lacking, found.unknown) == (State.MEMBER, (), ())
    assert KUBELET_CONF in found.there


def test_a_control_plane_with_all_signs_is_a_member() -> None:
    found = facts(*member(CONTROL_PLANE_PORTS))
    assert judged(found, control_plane=True).state is State.MEMBER
    assert judged(found, control_plane=True, authority=None).state is State.MEMBER, "the first one"
    assert judged(found).state is State.MEMBER, "more than was asked for"


def test_a_clean_host_is_none() -> None:
    assert judged(facts()) == Membership()


@pytest.mark.parametrize(
    "harmless",
    [
        client_certificate(),  # a kubelet bootstraps anew without its kubeconfig
        node(STANDALONE, healthz=None, ca=""),
        node({}, healthz="connection refused", ca=CA),
        node({10250: "kubelet"}, healthz="[-]ping failed", ca=""),
    ],
    ids=str,
)
def test_these_alone_are_no_signs(harmless: object) -> None:
    assert not shows_signs(facts(harmless))
    assert judged(facts(harmless)).state is State.NONE


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (paths(), KUBELET_CONF),
        (services(kubelet=UNIT_STOPPED), "active kubelet"),
        (services(kubelet=UNIT_ABSENT), "active kubelet"),
        (node(healthz="connection refused"), "healthy kubelet"),
        (node(healthz="[-]ping failed"), "healthy kubelet"),
        (node(healthz=None), "healthy kubelet"),
        (client_certificate(-1), "client certificate is no longer valid"),
        (Certificates({}, (), complete=True), "client certificate"),
    ],
    ids=str,
)
def test_a_worker_that_lacks_one_sign_is_half_done(spoiled: object, words: str) -> None:
    found = judged(facts(*member(), spoiled))
    assert found.state is State.HALF_DONE
    assert len(found.lacking) == 1
    assert words in found.lacking[0]
    assert len(found.there) == 4


@pytest.mark.parametrize("port", [6443, 10257, 10259, 2379])
def test_a_control_plane_that_lacks_one_component_is_half_done(port: int) -> None:
    found = facts(*member(CONTROL_PLANE_PORTS), node(without(port)))
    assert judged(found, control_plane=True).state is State.HALF_DONE
    assert judged(found).state is State.MEMBER


def test_a_component_on_a_port_of_another_is_not_at_its_place() -> None:
    swapped = {**CONTROL_PLANE_PORTS, 6443: "etcd"}
    found = judged(facts(*member(CONTROL_PLANE_PORTS), node(swapped)), control_plane=True)
    assert found.lacking == ("kube-apiserver on port 6443",)


def test_old_ports_and_another_bind_port_and_external_etcd() -> None:
    old = {**without(10257), 10252: "kube-controller-manager"}
    assert judged(facts(*member(old)), control_plane=True).state is State.MEMBER
    moved = {**without(6443), 8443: "kube-apiserver"}
    found = facts(*member(CONTROL_PLANE_PORTS), node(moved))
    assert judged(found, control_plane=True).state is State.HALF_DONE
    cluster = Cluster(bind_port=8443)
    assert judged(found, control_plane=True, cluster=cluster).state is State.MEMBER
    external = Cluster(etcd=EXTERNAL_ETCD)
    found = facts(*member(CONTROL_PLANE_PORTS), node(without(2379)))
    assert judged(found, control_plane=True, cluster=external).state is State.MEMBER


@pytest.mark.parametrize("other", ["ab" * 32, ""])
def test_another_ca_is_another_cluster(other: str) -> None:
    assert judged(facts(*member(), node(ca=other))).state is State.OTHER_CLUSTER
    assert judged(facts(*member()), authority=Authority(other)).state is State.OTHER_CLUSTER


def test_another_cluster_is_told_also_where_something_else_is_missing() -> None:
    found = judged(facts(*member(), node(healthz="refused", ca="ab" * 32)))
    assert found.state is State.OTHER_CLUSTER
    assert len(found.lacking) == 2


@pytest.mark.parametrize(
    ("found", "authority"),
    [
        (facts(*member()), NOT_ASKED),
        (facts(*member(), node(ca=None)), OURS),
        (facts(*member(), node(healthz="unasked")), OURS),
        (facts_without(Certificates, spoiled=member()), OURS),
        (facts_without(Services, spoiled=member()), OURS),
        (facts_without(Node, spoiled=member()), OURS),
        (facts(*member(), Certificates({}, ("/var/lib/kubelet/pki",), complete=True)), OURS),
        (facts(*member(), Certificates({}, (), complete=False)), OURS),
    ],
)
def test_what_could_not_be_seen_makes_no_member(found: Facts, authority: Authority) -> None:
    judgement = judged(found, authority=authority)
    assert judgement.state is State.UNKNOWN
    assert judgement.unknown


def test_sockets_that_cannot_be_seen_make_no_control_plane() -> None:
    blind = node(without(2379), unread=frozenset({"etcd"}))
    found = judged(facts(*member(CONTROL_PLANE_PORTS), blind), control_plane=True)
    assert found.state is State.UNKNOWN
    assert found.unknown == ("etcd on port 2379 (its sockets cannot be seen)",)


def test_sockets_that_are_not_among_the_first_files_make_no_control_plane() -> None:
    busy = node(without(2379), busy=frozenset({"etcd", "kube-apiserver"}))
    found = judged(facts(*member(CONTROL_PLANE_PORTS), busy), control_plane=True)
    assert found.state is State.UNKNOWN
    assert found.unknown == ("etcd on port 2379 (it has too many open files to find its sockets)",)


def test_what_is_lacking_weighs_more_than_what_is_unknown() -> None:
    assert judged(facts(*member(), services(kubelet=UNIT_STOPPED)), authority=NOT_ASKED).state is (
        State.HALF_DONE
    )


def test_without_a_time_no_certificate_is_valid() -> None:
    found = membership_of(facts(*member()), Cluster(), OURS, control_plane=False, now=None)
    assert found.state is State.UNKNOWN
    assert CLIENT_CERTIFICATE not in found.there


@pytest.mark.parametrize(
    "found",
    [facts_without(Node), facts_without(Paths), facts(paths({KUBELET_CONF: PathState.HIDDEN}))],
)
def test_a_host_that_showed_nothing_because_nobody_could_look_is_unknown(found: Facts) -> None:
    assert judged(found).state is State.UNKNOWN
