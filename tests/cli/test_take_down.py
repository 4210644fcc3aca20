"""Whom `reset` refuses, and whom it forgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cli.change.half_done import may_be_undone
from scanner.cli.change.take_down import _forget
from scanner.cluster.journal import Entry, Event
from scanner.cluster.make_plan import Taken
from scanner.cluster.may_be_reset import (
    hidden_control_planes,
    nobody_to_ask,
    nodes_that_stay,
    others_members,
)
from scanner.cluster.plan import Member
from scanner.cluster.result import Outcome, PhaseResult
from scanner.demo import CAPTURES
from scanner.facts.base import Facts
from scanner.facts.node import API_SERVER, KUBELET, Node
from scanner.membership import Membership, State
from scanner.report import HostStatus
from scanner.request import Cluster, ExternalEtcd, Request
from scanner.target import Role
from tests.cli.demo_inventory import inventory
from tests.cluster.machine import host, member, place, plan
from tests.command import Kscan


def worker(state: State) -> Member:
    found = member("node2", Role.JOIN_WORKER)
    return replace(found, target=replace(found.target, membership=Membership(state)))


@pytest.mark.parametrize(
    ("state", "cas", "known", "refused"),
    [
        (State.OTHER_CLUSTER, {"node1": "a", "node2": "b"}, "", True),
        (State.OTHER_CLUSTER, {"node1": "a", "node2": "b"}, "b", True),
        (State.OTHER_CLUSTER, {"node2": "b"}, "", True),
        (State.OTHER_CLUSTER, {"node2": "b"}, "b", False),  # the master was reset before
        (State.OTHER_CLUSTER, {"node1": "a"}, "", False),
        (State.HALF_DONE, {"node1": "a", "node2": "a"}, "", False),
        (State.MEMBER, {"node1": "a", "node2": "a"}, "", False),
    ],
)
def test_a_member_of_another_cluster_is_not_reset(
    state: State, cas: dict[str, str], known: str, *, refused: bool
) -> None:
    master = member("node1", Role.INIT, joined=True)
    wanted = plan(master, worker(state), named=frozenset({"node2"}))
    assert bool(others_members(wanted, Taken(cas=cas), known)) is refused
    assert others_members(replace(wanted, named=frozenset()), Taken(cas=cas), known) == ()


@pytest.mark.parametrize("word", ["workers", "node[2-3]", "node*", "worker"])
def test_yes_is_for_names_only(kscan: Kscan, tmp_path: Path, word: str) -> None:
    done = kscan("reset", word, "-i", inventory(tmp_path), "--yes")
    assert done.status == 2
    assert not (tmp_path / ".kscan").exists()


def test_a_control_plane_that_nobody_has_seen_stops_the_reset_of_the_last_one(
    kscan: Kscan, tmp_path: Path
) -> None:
    """It is looked at though it is not named; a worker's reset does not wait for it."""
    path = Path(inventory(tmp_path))
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("address: 192.0.2.20}", "address: 192.0.2.20, roles: [control-plane]}"),
        encoding="utf-8",
    )
    words = ("-i", path, "--plan", "--captures", CAPTURES)
    done = kscan("reset", "node1", *words)
    assert done.status == 3
    assert done.err.splitlines()[-2].startswith("kscan: node10: may be a control plane, and cannot")
    assert done.err.splitlines()[-1] == "kscan: as it is now, nothing of this would be done"
    done = kscan("reset", "node9", *words)
    assert done.status == 0
    assert "node10" not in done.err


@pytest.mark.parametrize(("phase", "forgotten"), [("reset", True), ("drain", False)])
def test_only_a_reset_makes_a_host_forgotten(
    tmp_path: Path, phase: str, *, forgotten: bool
) -> None:
    where = place(tmp_path / "place")
    where.journal.add(Entry("join-worker", "node2", Event.FAILED, "run0", "", "job", clean=True))
    _forget(where, "node2", (PhaseResult(phase, "node2", Outcome.DONE, 1.0),))
    assert ([*where.journal.open_jobs()] == []) is forgotten


def test_a_worker_is_never_asked_to_delete_a_node() -> None:
    master = member("node1", Role.INIT)
    others = (worker(State.MEMBER), member("node3", Role.JOIN_CONTROL_PLANE, joined=True))
    assert plan(master, *others).stays == "node3"
    assert plan(master, *others, named=frozenset({"node3"})).stays == ""


def control_plane(name: str, state: State, *, joined: bool = False) -> Member:
    found = member(name, Role.JOIN_CONTROL_PLANE, joined=joined)
    return replace(found, target=replace(found.target, membership=Membership(state)))


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        (control_plane("node2", State.NONE), False),
        (control_plane("node2", State.HALF_DONE), True),
        (control_plane("node2", State.UNKNOWN), True),
        (control_plane("node2", State.OTHER_CLUSTER), True),
        (control_plane("node2", State.MEMBER, joined=True), False),
        (None, True),
    ],
)
def test_the_last_control_plane_is_one_only_if_no_other_is_seen(
    second: Member | None, *, refused: bool
) -> None:
    master = member("node1", Role.INIT, joined=True)
    seen = (master,) if second is None else (master, second)
    hosts = (master.host, control_plane("node2", State.NONE).host)
    wanted = plan(*seen, named=frozenset({"node1"}))
    assert bool(nobody_to_ask(wanted, Request(hosts))) is refused
    both = replace(wanted, named=frozenset({"node1", "node2"}))
    assert nobody_to_ask(both, Request(hosts)) == ()
    external = replace(Cluster(), etcd=ExternalEtcd(("https://192.0.2.9:2379",)))
    assert nobody_to_ask(replace(wanted, cluster=external), Request(hosts)) == ()


@pytest.mark.parametrize(
    ("state", "named", "said"),
    [
        (State.HALF_DONE, "node2", True),
        (State.UNKNOWN, "node2", True),
        (State.NONE, "node2", False),  # its cluster is gone
        (State.MEMBER, "node2", False),  # it is asked
        (State.HALF_DONE, "node1 node2", False),  # the cluster ends
    ],
)
def test_a_worker_of_a_broken_cluster_leaves_its_node_and_that_is_said(
    state: State, named: str, *, said: bool
) -> None:
    master = control_plane("node1", state, joined=state is State.MEMBER)
    wanted = plan(master, worker(State.MEMBER), named=frozenset(named.split()))
    left = nodes_that_stay(wanted, Request((master.host, member("node2", Role.JOIN_WORKER).host)))
    assert bool(left) is said
    assert not left or left.startswith("no control plane works (node1): pods are not moved away")


def test_a_control_plane_that_the_inventory_has_as_a_worker_is_not_reset() -> None:
    master = member("node1", Role.INIT, joined=True)
    wanted = plan(master, worker(State.MEMBER), named=frozenset({"node2"}))
    assert hidden_control_planes(wanted, Taken(serving={"node1"})) == ()
    (line,) = hidden_control_planes(wanted, Taken(serving={"node1", "node2"}))
    assert line.startswith("node2: an API server runs there")
    assert hidden_control_planes(replace(wanted, named=frozenset()), Taken(serving={"node2"})) == ()


def test_where_an_api_server_runs_is_seen() -> None:
    found = member("node2", Role.JOIN_WORKER)
    taken = Taken()
    node = Node({6443: frozenset({API_SERVER}), 10250: frozenset({KUBELET})}, frozenset(), "ok", "")
    taken(found.host, Facts({Node: node}, {}), found.target)
    taken(
        host("node3"),
        Facts({Node: replace(node, holders={10250: frozenset({KUBELET})})}, {}),
        found.target,
    )
    taken(host("node4"), Facts({}, {}), found.target)
    assert taken.serving == {"node2"}
    assert {*taken.machines} == {"node2", "node3", "node4"}


def test_a_worker_needs_no_etcd() -> None:
    master = member("node1", Role.INIT)
    wanted = plan(master, worker(State.MEMBER), named=frozenset({"node2"}))
    assert nobody_to_ask(wanted, Request((master.host, worker(State.NONE).host))) == ()


@pytest.mark.parametrize("state", [State.OTHER_CLUSTER, State.HALF_DONE])
def test_a_member_of_another_cluster_is_not_undone(state: State) -> None:
    taken = Taken({"node2": worker(state).target})
    status = {"node2": HostStatus.NOT_READY}
    assert may_be_undone("node2", status, taken) is (state is State.HALF_DONE)
    assert not may_be_undone("node2", {"node2": HostStatus.UNREACHABLE}, taken)
    assert not may_be_undone("node2", {}, taken)
