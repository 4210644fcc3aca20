"""The fresh check of `init` and `join`, and once more where that needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from scanner.cli.change.foreground import foreground
from scanner.cli.change.half_done import may_be_undone, may_go, question_lines
from scanner.cli.change.prepared import Prepared
from scanner.cli.change.task import Task
from scanner.cli.document import Output
from scanner.cli.question import YES, ask
from scanner.cli.run import scanned
from scanner.cli.tell import tell
from scanner.cluster.gate import GOOD
from scanner.cluster.half_done import half_done
from scanner.cluster.journal import Entry
from scanner.cluster.make_plan import Taken, make_plan
from scanner.cluster.place import Place
from scanner.cluster.sources import Sources
from scanner.cluster.work import Work
from scanner.fleet.nodes_there import NodesThere
from scanner.report import HostStatus, Report
from scanner.request import Request
from scanner.resolve import init_host

ROUTES = "KS731"
"""The rule that must know the cluster's nodes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the last check has seen."""

    report: Report
    taken: Taken
    undone: tuple[Entry, ...] = ()
    """What was changed before it: what an earlier run had left half done."""


@contextmanager
def checked(task: Task, run: Prepared, output: Output, work: Work) -> Iterator[Found]:
    """A fresh check, and once more where that needs it.

    That is where an earlier run has left hosts half done, after undoing it, and where it takes
    the Nodes of the cluster that runs to judge the hosts' routes.
    """
    request, taken = run.loaded.request, Taken()
    options = replace(run.options, take=taken)
    with scanned(run.loaded, run.machines, options, output) as report:
        there = None if task.offline else _nodes(request, report, taken, work)
        status = {host.name: host.status for host in report.hosts()}
        entries = [] if task.plan_only else _half_done(work.place, status, taken)
        if not entries and there is None:
            yield Found(report, taken)
            return
        plan = make_plan(request, taken, report.hosts(), Sources(), kubeconfig="")
    entries = [entry for entry in entries if may_go(entry, plan, request)]
    undone: tuple[Entry, ...] = ()
    if entries:
        ask(question_lines(entries), "Undo it with `kubeadm reset`? [yes/no]", YES, yes=task.yes)
        undone = foreground(work.undo(tuple(entries), plan))
    taken = Taken()
    options = replace(run.options, there=there, take=taken)
    with scanned(run.loaded, run.machines, options, output) as report:
        yield Found(report, taken, undone)


def _nodes(request: Request, report: Report, taken: Taken, work: Work) -> NodesThere | None:
    """The Nodes of the cluster that runs, where what is said of the routes depends on them."""
    master = init_host(request) or ""
    target = taken.targets.get(master)
    in_doubt = any(
        result.check == ROUTES and result.blocking and result.measured < result.total
        for result in report.fleet
    )
    if not in_doubt or target is None or not target.is_member:
        return None
    tell(f"{master}: which nodes the cluster has, for the hosts' routes")
    return foreground(work.nodes(master))


def _half_done(place: Place, status: Mapping[str, HostStatus], taken: Taken) -> list[Entry]:
    """What an earlier run has left half done, and may be undone; the journal takes note."""
    return [
        entry
        for entry in half_done(place, lambda host: status.get(host) in GOOD)
        if may_be_undone(entry.host, status, taken)
    ]
