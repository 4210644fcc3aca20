"""How `init`, `join` and `reset` end, for the shell and in the report."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import app
from scanner.cli.change.foreground import status_of
from scanner.cli.change.take_down import _reset
from scanner.cli.change.task import typed
from scanner.cli.document import Output
from scanner.cli.machines import known_machines
from scanner.cluster.journal import Entry, Event
from scanner.cluster.phase import NODE_LEFT
from scanner.cluster.work import Work, Worked
from scanner.demo import INVENTORY
from scanner.errors import ClusterError, HostUnreachable, UsageError
from scanner.exit_status import ExitStatus
from scanner.membership import Membership, State
from scanner.render.base import Format
from scanner.request import Request
from scanner.target import Role
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified
from tests.cli.no_machine import Hosts, document, done
from tests.cluster.machine import host, member, place, plan
from tests.cluster.reports import report, row
from tests.command import Kscan


def test_a_master_that_is_lost_after_the_check(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts.ends = HostUnreachable("no route to it")
    assert done() is ExitStatus.NOT_KNOWN
    said = capsys.readouterr().err
    assert "kscan: node1: unreachable: no route to it" in said
    assert "kscan: nothing was changed on any host" in said
    (phase,) = document()["phases"]
    assert (phase["phase"], phase["outcome"]) == ("lock", "failed")
    assert document()["ready"] is False


def test_a_master_that_is_lost_before_a_reset(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts.ends = HostUnreachable("no route to it")
    wanted = plan(member("node1", Role.INIT, joined=True), named=frozenset({"node1"}))
    work = Work(Request(()), place(Path("place")), known_machines(()), print)
    output = Output(Format.JSON, Path("out.json"), quiet=True)
    assert _reset(work, wanted, report(row("node1")), output) is ExitStatus.NOT_KNOWN
    assert "kscan: node1: unreachable: no route to it" in capsys.readouterr().err
    assert document()["ready"] is False


@pytest.mark.parametrize(
    ("master", "named", "left"),
    [
        (State.MEMBER, "node1 node2", set()),  # the cluster ends, and its Nodes with it
        (State.HALF_DONE, "node2", {"node2"}),
        (State.NONE, "node2", {"node2"}),  # others that were not looked at may run it
    ],
)
def test_a_node_that_stays_is_known_to_later_runs(
    hosts: Hosts, master: State, named: str, left: set[str]
) -> None:
    first = member("node1", Role.INIT, joined=master is State.MEMBER)
    first = replace(first, target=replace(first.target, membership=Membership(master)))
    wanted = plan(first, member("node2", Role.JOIN_WORKER), named=frozenset(named.split()))
    where = place(Path("place"))
    for name in named.split():
        where.journal.add(Entry(NODE_LEFT, name, Event.BEGUN, "run1", "2026-11-26"))
    work = Work(Request((first.host, host("node2"))), where, known_machines(()), print)
    output = Output(Format.JSON, Path("out.json"), quiet=True)
    assert _reset(work, wanted, report(row("node1")), output) is ExitStatus.READY
    assert hosts.plans == [wanted]
    assert place(Path("place")).journal.nodes_left == left


def test_another_run_at_work_is_still_an_error_of_usage(hosts: Hosts) -> None:
    hosts.ends = ClusterError("node1: another kscan is at work")
    with pytest.raises(ClusterError):
        done()


FAIL = VerifyResult("KS801", "", Verdict.FAIL, "", blocking=True)
UNKNOWN = replace(FAIL, verdict=Verdict.UNKNOWN)
IGNORED = replace(FAIL, verdict=Verdict.WARN, blocking=False)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, ExitStatus.READY),
        ({"verified": Verified((IGNORED,))}, ExitStatus.READY),
        ({"interrupted": True}, ExitStatus.INTERRUPTED),
        ({"stopped": True, "broken": True}, ExitStatus.CHECK_FAILED),
        ({"stopped": True}, ExitStatus.NOT_KNOWN),
        ({"dropped": (("node2", "why"),)}, ExitStatus.NOT_KNOWN),
        ({"dropped": (("node2", "why"),), "broken": True}, ExitStatus.CHECK_FAILED),
        ({"verified": Verified((FAIL, UNKNOWN))}, ExitStatus.CHECK_FAILED),
        ({"verified": Verified((UNKNOWN,))}, ExitStatus.NOT_KNOWN),
        ({"dropped": (("node2", "why"),), "verified": Verified((FAIL,))}, ExitStatus.CHECK_FAILED),
    ],
)
def test_how_it_ended_for_the_shell(fields: dict[str, Any], status: ExitStatus) -> None:
    assert status_of(replace(Worked((), (), stopped=False), **fields)) is status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (HostUnreachable("lost"), ExitStatus.NOT_KNOWN),
        (UsageError("wrong"), ExitStatus.USAGE),
        (ExceptionGroup("", [HostUnreachable("one"), HostUnreachable("two")]), 4),
        (ExceptionGroup("", [HostUnreachable("one"), ClusterError("two")]), ExitStatus.USAGE),
    ],
)
def test_a_lost_host_is_no_error_of_usage(
    kscan: Kscan, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def raising() -> None:
        raise error

    monkeypatch.setattr(app, "app", raising)
    ended = kscan("check")
    assert ended.status == status
    assert "Traceback" not in ended.err
    assert all(line.startswith("kscan: ") for line in ended.err.splitlines())


@pytest.mark.parametrize("command", ["init", "join node2"])
def test_an_image_that_is_none_is_said_before_anybody_is_asked(
    kscan: Kscan, tmp_path: Path, command: str
) -> None:
    (tmp_path / "i.yaml").write_text(INVENTORY.read_text(encoding="utf-8"))
    ended = kscan(*command.split(), "-i", "i.yaml", "--yes", "--smoke", "--smoke-image", "a b")
    assert (ended.status, ended.out) == (2, "")
    assert "--smoke-image 'a b': expected a reference" in ended.err
    assert not (tmp_path / ".kscan").exists()


def test_the_report_keeps_the_proof_and_the_workload(hosts: Hosts) -> None:
    tried = replace(UNKNOWN, check="KS841")
    hosts.ends = Worked((), (), stopped=False, verified=Verified((FAIL, tried)))
    assert done() is ExitStatus.CHECK_FAILED
    assert [result["check"] for result in document()["verify"]] == ["KS801", "KS841"]
    assert document()["ready"] is False


def test_the_command_to_go_on_is_the_one_that_was_typed() -> None:
    """Without --master it would be another control plane's, without --limit other hosts'."""
    assert typed("init", "prod.yaml", master=None, limit=None) == "kscan init prod.yaml"
    again = typed(
        *("join", "node[7-9]", "-i", "our prod.yaml"), master="node2", kubernetes_version="1.31.0"
    )
    assert shlex.split(again) == [
        *("kscan", "join", "node[7-9]", "-i", "our prod.yaml"),
        *("--master=node2", "--kubernetes-version=1.31.0"),
    ]
    assert "'node[7-9]'" in again
