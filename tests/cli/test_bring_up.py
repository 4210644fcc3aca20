"""What `init` and `join` do between the check and the first change, on hosts of no machine."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.change import checked
from scanner.cluster.journal import Entry, Event, Journal
from scanner.cluster.phase import NODE_LEFT
from scanner.cluster.plan import Plan
from scanner.cluster.steps.token import CERTIFICATES
from scanner.cluster.work import Work
from scanner.errors import HostUnreachable
from scanner.exit_status import ExitStatus
from scanner.membership import State
from scanner.request import Request
from scanner.target import Role
from tests.cli.no_machine import IN_DOUBT, OUR_NODES, OVERLAP, Hosts, done


@pytest.mark.parametrize("plan_only", [False, True])
def test_routes_in_doubt_are_judged_again_by_the_clusters_nodes(
    hosts: Hosts, *, plan_only: bool
) -> None:
    hosts.routes = IN_DOUBT
    assert done(plan_only=plan_only) is ExitStatus.READY
    assert hosts.asked == ["node1"]
    assert [options.there for options in hosts.scans] == [None, OUR_NODES]
    assert len(hosts.plans) == (0 if plan_only else 1)


@pytest.mark.parametrize(
    ("fields", "asked", "task"),
    [
        ({"nodes": None}, ["node1"], {}),
        ({"master": State.NONE}, [], {}),
        ({"routes": OVERLAP}, [], {}),
        ({}, [], {"plan_only": True, "offline": True}),
    ],
)
def test_without_the_clusters_nodes_nothing_is_done(
    hosts: Hosts, fields: dict[str, Any], asked: list[str], task: dict[str, Any]
) -> None:
    hosts.routes = IN_DOUBT  # unless the fields say something else
    for name, value in fields.items():
        setattr(hosts, name, value)
    assert done(**task) is not ExitStatus.READY
    assert hosts.asked == asked
    assert len(hosts.scans) == 1
    assert hosts.plans == []


def test_a_check_without_doubt_is_one_check(hosts: Hosts) -> None:
    assert done() is ExitStatus.READY
    assert (len(hosts.scans), hosts.asked) == (1, [])


def journal_of_prod() -> Journal:
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True, exist_ok=True)
    return Journal.below(folder)


@pytest.mark.parametrize("plan_only", [True, False])
def test_what_an_earlier_reset_has_left_is_done_or_said(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], *, plan_only: bool
) -> None:
    journal = journal_of_prod()
    for name in ("node1", "node2", "node3"):
        journal.add(Entry(NODE_LEFT, name, Event.BEGUN, "run0", "2026-11-26"))
    status = done(plan_only=plan_only, inventory=frozenset({"node1", "node2", "node3"}))
    assert status is ExitStatus.READY
    said = capsys.readouterr()
    title = "the cluster without the node node2, which an earlier reset has left"
    assert title in (said.out if plan_only else said.err)
    assert "kscan: node3: an earlier run has reset it, and its Node may still be" in said.err
    assert len(hosts.plans) == (0 if plan_only else 1)
    left = journal_of_prod().nodes_left
    assert left == ({"node1", "node2", "node3"} if plan_only else {"node2", "node3"})


def test_what_the_journal_owes_is_in_the_plan(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = journal_of_prod()
    folder = Path(".kscan") / Request(()).cluster.name
    journal.add(Entry(CERTIFICATES, "node1", Event.BEGUN, "run0", "2026-11-26"))
    before = (folder / "journal.jsonl").read_bytes()
    assert done(plan_only=True) is ExitStatus.READY
    assert "1. what a run that was ended has left in the cluster revoked" in capsys.readouterr().out
    assert (folder / "journal.jsonl").read_bytes() == before
    assert done() is ExitStatus.READY
    assert hosts.plans[0].owed == {CERTIFICATES}


def test_a_stderr_that_nobody_reads_ends_nothing(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("sys.stderr", Closed())
    assert done() is ExitStatus.READY
    assert len(hosts.plans) == 1


def with_half_done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The join of node2 is half done; where what is undone is noted."""
    found: list[str] = []

    async def undo(_work: Work, entries: tuple[Entry, ...], _plan: Plan) -> tuple[Entry, ...]:
        found.extend(entry.host for entry in entries)
        return entries

    async def attach(_work: Work) -> None:
        """Everything has ended."""

    monkeypatch.setattr(Work, "undo", undo)
    monkeypatch.setattr(Work, "attach", attach)
    monkeypatch.setattr(checked, "half_done", lambda place, _: tuple(place.journal.open_jobs()))
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    Journal.below(folder).add(
        Entry("join-control-plane", "node2", Event.FAILED, "run0", "2026-11-26", "job", clean=True)
    )
    return found


@pytest.mark.parametrize(
    "fields", [{"routes": OVERLAP}, {"ends": HostUnreachable("no route to it")}], ids=str
)
def test_what_was_undone_is_said_where_nothing_else_was_changed(
    hosts: Hosts,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fields: dict[str, Any],
) -> None:
    assert with_half_done(monkeypatch) == []
    for name, value in fields.items():
        setattr(hosts, name, value)
    assert done() is not ExitStatus.READY
    assert capsys.readouterr().err.splitlines()[-1] == (
        "kscan: nothing was changed on any host, but for what an earlier run had left half done, "
        "which was undone: join-control-plane on node2"
    )


@pytest.mark.parametrize(("master", "undone"), [(State.MEMBER, ["node2"]), (State.HALF_DONE, [])])
def test_what_etcd_may_need_is_not_undone_and_nobody_is_asked_for_it(
    hosts: Hosts,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    master: State,
    undone: list[str],
) -> None:
    found = with_half_done(monkeypatch)
    hosts.master, hosts.second = master, Role.JOIN_CONTROL_PLANE
    done()
    said = capsys.readouterr().err
    assert found == undone
    assert ("repair node1 first" in said) is (not undone)
    assert ("was begun there" in said) is bool(undone)


def test_what_a_join_elsewhere_may_need_is_not_taken_back(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def attach(_work: Work) -> None:
        """Looks at no host that takes no part."""

    monkeypatch.setattr(Work, "attach", attach)
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    journal = Journal.below(folder)
    journal.add(Entry(CERTIFICATES, "node1", Event.BEGUN, "run0", "2026-11-26"))
    join = Entry("join-control-plane", "node9", Event.BEGUN, "run0", "2026-11-26", "job")
    journal.add(join)
    assert done() is ExitStatus.READY
    assert hosts.plans[-1].owed == frozenset()
    journal.add(replace(join, event=Event.DONE))
    assert done() is ExitStatus.READY
    assert hosts.plans[-1].owed == {CERTIFICATES}
