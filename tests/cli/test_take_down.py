"""Whom `reset` refuses, and whom it forgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cli.bring_up import a_control_plane, may_be_undone
from scanner.cli.take_down import _forget, others_members
from scanner.cluster.journal import Entry, Event
from scanner.cluster.make_plan import Taken
from scanner.cluster.plan import Member
from scanner.cluster.result import Outcome, PhaseResult
from scanner.membership import Membership, State
from scanner.report import HostStatus
from scanner.target import Role
from tests.cli.test_cluster import inventory
from tests.cluster.machine import member, place, plan
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


@pytest.mark.parametrize(("phase", "forgotten"), [("reset", True), ("drain", False)])
def test_only_a_reset_makes_a_host_forgotten(
    tmp_path: Path, phase: str, *, forgotten: bool
) -> None:
    where = place(tmp_path / "place")
    where.journal.add(Entry("join-worker", "node2", Event.FAILED, "run0", "", "job", clean=True))
    _forget(where, "node2", (PhaseResult(phase, "node2", Outcome.DONE, 1.0),))
    assert ([*where.journal.open_jobs()] == []) is forgotten


def test_a_worker_is_never_asked_to_delete_a_node() -> None:
    taken = Taken({"w": worker(State.MEMBER).target, "c": member("c", Role.INIT).target})
    here = HostStatus.MEMBER
    assert a_control_plane({"w": here, "gone": here, "c": here}, taken) == "c"
    assert a_control_plane({"w": here, "c": HostStatus.HALF_DONE}, taken) == ""


@pytest.mark.parametrize("state", [State.OTHER_CLUSTER, State.HALF_DONE])
def test_a_member_of_another_cluster_is_not_undone(state: State) -> None:
    taken = Taken({"node2": worker(state).target})
    status = {"node2": HostStatus.NOT_READY}
    assert may_be_undone("node2", status, taken) is (state is State.HALF_DONE)
    assert not may_be_undone("node2", {"node2": HostStatus.UNREACHABLE}, taken)
    assert not may_be_undone("node2", {}, taken)
