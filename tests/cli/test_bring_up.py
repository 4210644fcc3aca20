"""What `init` and `join` do between the check and the first change, on hosts of no machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import scanner.demo
from scanner.cli import app, bring_up, half_done
from scanner.cli.bring_up import ROUTES, Task
from scanner.cli.document import Output
from scanner.cli.foreground import status_of
from scanner.cli.machines import known_machines
from scanner.cli.take_down import _reset
from scanner.cluster.journal import Entry, Event, Journal
from scanner.cluster.phase import NODE_LEFT
from scanner.cluster.plan import Plan
from scanner.cluster.sequence import FINISH, INIT
from scanner.cluster.steps.token import CERTIFICATES
from scanner.cluster.work import Work, Worked
from scanner.errors import ClusterError, HostUnreachable, KscanError, UsageError
from scanner.exit_status import ExitStatus
from scanner.fleet.judge import FleetResult
from scanner.fleet.nodes_there import NodesThere
from scanner.inventory.overrides import Loaded
from scanner.membership import Membership, State
from scanner.render.base import Format
from scanner.report import HostStatus
from scanner.request import NodeRole, Request
from scanner.scan_options import ScanOptions
from scanner.target import Role
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified
from scanner.verify.smoke.attempt import SmokeOptions
from tests.cluster.machine import host, member, place, plan
from tests.cluster.test_gate import report, row
from tests.command import Kscan

DEMO = Path(scanner.demo.__file__).parent
OUR_NODES = NodesThere(frozenset({"192.0.2.3"}), frozenset())
IN_DOUBT = FleetResult(
    ROUTES, "", Verdict.UNKNOWN, "whether it is a node", measured=1, total=2, blocking=True
)
OVERLAP = replace(IN_DOUBT, verdict=Verdict.FAIL, measured=2)
GOOD = replace(IN_DOUBT, verdict=Verdict.PASS, measured=2, blocking=False)


@dataclass
class Hosts:
    """node1 is the master, node2 a worker; what is found of them, and what they are asked."""

    master: State = State.MEMBER
    second: Role = Role.JOIN_WORKER
    """What node2 is to be."""
    routes: FleetResult = GOOD
    nodes: NodesThere | None = OUR_NODES
    scans: list[ScanOptions] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    ends: Worked | KscanError = field(default_factory=lambda: Worked((), (), stopped=False))

    @contextmanager
    def scanned(
        self, _loaded: Loaded, _machines: Any, options: ScanOptions, _output: Output
    ) -> Any:
        self.scans.append(options)
        state = HostStatus.MEMBER if self.master is State.MEMBER else HostStatus.READY
        assert options.take is not None
        for name, role in (("node1", Role.INIT), ("node2", self.second)):
            target = member(name, role).target
            is_master = Membership(self.master if name == "node1" else State.NONE)
            options.take(host(name), {}, replace(target, membership=is_master))  # type: ignore[arg-type]
        routes = self.routes if options.there is None else GOOD
        yield report(row("node1", status=state), row("node2"), fleet=(routes,))

    async def ask(self, _work: Work, master: str) -> NodesThere | None:
        self.asked.append(master)
        return self.nodes

    async def run(self, _work: Work, plan: Plan, *_words: Any) -> Worked:
        self.plans.append(plan)
        if isinstance(self.ends, KscanError):
            raise self.ends
        return self.ends


def _method(called: Callable[..., Any]) -> Callable[..., Any]:
    """A function, which the object is given to; a bound method would not be."""
    return lambda *words: called(*words)  # noqa: PLW0108


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hosts:
    made = Hosts()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bring_up, "scanned", made.scanned)
    monkeypatch.setattr(Work, "nodes", _method(made.ask))
    monkeypatch.setattr(Work, "run", _method(made.run))
    return made


def done(**fields: Any) -> ExitStatus:
    request = Request(
        (host("node1", NodeRole.CONTROL_PLANE), host("node2")), source=str(Path("prod.yaml"))
    )
    task = Task("kscan init prod.yaml", INIT, FINISH, yes=True, **fields)
    output = Output(Format.JSON, Path("out.json"), quiet=True)
    if task.plan_only:
        output = Output(quiet=True)
    machines: Any = None
    return bring_up.bring_up(task, Loaded(request), machines, ScanOptions(), output)


def document() -> Any:
    return json.loads(Path("out.json").read_text(encoding="utf-8"))


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
    title = "the node node2, which an earlier reset has left, deleted"
    assert title in (said.out if plan_only else said.err)
    assert "kscan: node3: an earlier run has reset it, and its Node may still be" in said.err
    assert len(hosts.plans) == (0 if plan_only else 1)
    left = journal_of_prod().nodes_left
    assert left == ({"node1", "node2", "node3"} if plan_only else {"node2", "node3"})


def test_another_run_at_work_is_still_an_error_of_usage(hosts: Hosts) -> None:
    hosts.ends = ClusterError("node1: another kscan is at work")
    with pytest.raises(ClusterError):
        done()


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
    monkeypatch.setattr(bring_up, "half_done", lambda place, _: tuple(place.journal.open_jobs()))
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


def test_a_workload_is_in_the_plan_and_in_the_question(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = "a Deployment and a Service of lab/busybox:1 in a namespace of their own"
    done(plan_only=True, smoke=SmokeOptions("lab/busybox:1"))
    assert wanted in capsys.readouterr().out
    done(smoke=SmokeOptions("lab/busybox:1"))
    assert wanted in capsys.readouterr().err
    assert len(hosts.plans) == 1


def test_the_proof_is_in_the_plan_before_what_is_taken_back(
    hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts.master = State.NONE
    done(plan_only=True, smoke=SmokeOptions("lab/busybox:1"))
    numbered = [line for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]
    (proof,) = (n for n, line in enumerate(numbered) if "asked through its API" in line)
    assert "nothing is changed" in numbered[proof]
    assert "lab/busybox:1" in numbered[proof + 1]
    assert "revoked" in numbered[proof + 2]
    assert [line.partition(".")[0] for line in numbered] == [
        str(n) for n in range(1, len(numbered) + 1)
    ]


def test_what_a_run_would_do_before_is_in_the_plan(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    (folder / "admin.conf").touch()
    journal = Journal.below(folder)
    journal.add(Entry("cluster", "node1", Event.DONE, "run0", "2026-11-26", ca="a"))
    begun = Entry("join-worker", "node2", Event.BEGUN, "run0", "2026-11-26", "job", clean=True)
    journal.add(begun)
    monkeypatch.setattr(half_done, "GOOD", (HostStatus.MEMBER,))  # node2 is half done
    before = (folder / "journal.jsonl").read_bytes()
    hosts.master = State.NONE
    done(plan_only=True)
    first = [line for line in capsys.readouterr().out.splitlines() if line.startswith("first")]
    waits, undoes, sets_aside = first
    assert waits.startswith("first: node2: an earlier run began join-worker there (job job): ")
    assert "node2: join-worker, which an earlier run began there (job job)" in undoes
    assert sets_aside == "first, on this machine: of an earlier cluster, and set aside"
    assert (folder / "journal.jsonl").read_bytes() == before
    assert (folder / "admin.conf").exists()


def test_a_folder_of_another_cluster_forbids_a_plan_too(
    hosts: Hosts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(".kscan") / Request(()).cluster.name
    folder.mkdir(parents=True)
    Journal.below(folder).add(
        Entry("cluster", "node1", Event.DONE, "run0", "2026-11-26", ca="another")
    )
    found = hosts.scanned

    @contextmanager
    def scanned(*words: Any) -> Any:
        with found(*words) as seen:
            words[2].take.cas["node1"] = "ours"
            yield seen

    monkeypatch.setattr(bring_up, "scanned", scanned)
    for plan_only in (True, False):
        with pytest.raises(ClusterError, match="of another cluster than the one of node1: move it"):
            done(plan_only=plan_only)
    assert "admin.conf of node1 to this machine" in capsys.readouterr().out


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
    (tmp_path / "i.yaml").write_text((DEMO / "inventory.yaml").read_text(encoding="utf-8"))
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
