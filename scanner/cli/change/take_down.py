"""What `reset` does with its hosts: look at them, ask by name, take them out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from scanner.cli.change.conclusion import lost_master
from scanner.cli.change.foreground import foreground, status_of
from scanner.cli.change.plan_text import write_plan
from scanner.cli.change.prepared import Prepared
from scanner.cli.change.show_phases import show_phases
from scanner.cli.document import Output
from scanner.cli.machines import known_machines
from scanner.cli.question import ask
from scanner.cli.run import scanned
from scanner.cli.tell import tell
from scanner.cluster.endpoint import endpoint_goes
from scanner.cluster.folder import folder_of, locked
from scanner.cluster.journal import Event, Journal
from scanner.cluster.left_nodes import left_lines, settle, settle_members
from scanner.cluster.make_plan import Taken, make_plan
from scanner.cluster.may_be_reset import (
    ends,
    hidden_control_planes,
    nobody_to_ask,
    nodes_that_stay,
    others_members,
)
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.report import with_work
from scanner.cluster.result import Outcome, PhaseResult
from scanner.cluster.sequence import RESET
from scanner.cluster.show import plan_lines, summary_lines
from scanner.cluster.show_before import waited_for
from scanner.cluster.sources import Sources
from scanner.cluster.steps.reset import RESET_WORKERS
from scanner.cluster.work import Work
from scanner.edges.mode import Network
from scanner.errors import HostUnreachable
from scanner.exit_status import ExitStatus
from scanner.render.harmless import harmless
from scanner.report import HostStatus, Report
from scanner.request import LocalEtcd, Request
from scanner.runs.run_id import new_run_id
from scanner.target import Role

_RESET = RESET_WORKERS.name
"""Both phases that run kubeadm reset have it."""


def take_down(run: Prepared, output: Output, *, yes: bool, plan_only: bool) -> ExitStatus:
    """Reset the named hosts.

    Raises:
        UsageError: the names were not typed again.
        ClusterError: another run is at work.
    """
    request = run.loaded.request
    path = folder_of(Path(request.source), request.cluster.name)
    if plan_only:
        return _only_plan(run, output, Journal.below(path))
    name = new_run_id(datetime.datetime.now(datetime.UTC))
    with locked(path, name) as folder:
        place = Place(folder, Journal.below(path), name)
        work = Work(request, place, known_machines(request.hosts), tell)
        if any(place.journal.open_jobs()):
            foreground(work.attach())
        with _looked_at(run, output, place.journal) as (report, plan, taken):
            if _is_short_of_hosts(plan, report):
                tell("nothing was changed on any host")
                return ExitStatus.NOT_KNOWN
            if refused := _refused(plan, taken, place.journal.ca, request):
                for line in refused:
                    tell(line)
                tell("nothing was changed on any host")
                return ExitStatus.CHECK_FAILED
            settle_members(place, plan)
            for line in left_lines(plan, run.inventory, request.source):
                tell(line)
            _consent(plan, request, yes=yes)
            return _reset(work, plan, report, output)


def _reset(work: Work, plan: Plan, report: Report, output: Output) -> ExitStatus:
    try:
        worked = foreground(work.run(plan, RESET))
    except HostUnreachable as error:  # before the first phase
        return lost_master(plan.master, error, report, output)
    for host in plan.named:
        _forget(work.place, host, worked.results)
    if _takes_control_planes(plan) and ends(plan, work.request):
        settle(work.place, plan.named)  # their Nodes went with the cluster
    complete = not worked.interrupted
    show_phases(with_work(report, worked.results, complete=complete), output)
    return status_of(worked)


def _only_plan(run: Prepared, output: Output, journal: Journal) -> ExitStatus:
    request = run.loaded.request
    with _looked_at(run, output, journal) as (report, plan, taken):
        short = _is_short_of_hosts(plan, report)
        refused = () if short else _refused(plan, taken, journal.ca, request)
        seen = {member.name for member in plan.members}
        if plan.master in seen and (plan.named & seen or not short):
            before = waited_for(journal, (host.name for host in request.hosts))
            write_plan((*before, *plan_lines(RESET, plan)), output)
        elif plan.master not in seen:  # who is asked for the others hangs on it
            tell(f"{plan.master}: without its answer there is no plan")
    for line in refused:
        tell(line)
    if not (short or refused):
        left = left_lines(plan, run.inventory, request.source)
        for line in filter(None, (nodes_that_stay(plan, request), endpoint_goes(plan), *left)):
            tell(line)
        return ExitStatus.READY
    tell("as it is now, nothing of this would be done")
    return ExitStatus.NOT_KNOWN if short else ExitStatus.CHECK_FAILED


def _is_short_of_hosts(plan: Plan, report: Report) -> bool:
    """Name those that do not answer; True if nothing can be done without them."""
    gone = [host for host in report.hosts() if host.status is HostStatus.UNREACHABLE]
    for lost in gone:
        tell(f"{lost.name}: unreachable: {lost.reason}")
    return bool({lost.name for lost in gone} & {*plan.named, plan.master})


@contextmanager
def _looked_at(
    run: Prepared, output: Output, journal: Journal
) -> Iterator[tuple[Report, Plan, Taken]]:
    """Who they are and what they are members of; nothing that is wrong with them is in the way."""
    taken = Taken()
    options = replace(run.options, take=taken, network=Network.OFF)
    with scanned(run.loaded, run.machines, options, output) as report:
        hosts = report.hosts()
        plan = make_plan(
            run.loaded.request, taken, hosts, Sources(), kubeconfig="", named=run.named
        )
        yield report, replace(plan, nodes_left=journal.nodes_left), taken


def _refused(plan: Plan, taken: Taken, known: str, request: Request) -> tuple[str, ...]:
    """Why nothing is changed, one line each."""
    return (
        *others_members(plan, taken, known),
        *hidden_control_planes(plan, taken),
        *nobody_to_ask(plan, request),
    )


def _consent(plan: Plan, request: Request, *, yes: bool) -> None:
    names = [member.name for member in plan.members if member.name in plan.named]
    lines = ["kscan: this takes hosts out of the cluster and deletes what it has on them:"]
    lines += summary_lines(RESET, plan)
    if _takes_control_planes(plan):
        if not plan.stays:
            lines.append("  no control plane stays: the cluster and its data are lost")
        if not isinstance(plan.cluster.etcd, LocalEtcd):
            lines.append("  etcd is external: its members and its data are left as they are")
    for line in filter(None, (nodes_that_stay(plan, request), endpoint_goes(plan))):
        lines.append(f"  {line}")
    question = f"To go on, type the name{'s' if len(names) > 1 else ''}: {' '.join(names)}\n>"
    ask(map(harmless, lines), question, frozenset({" ".join(names).lower()}), yes=yes)


def _takes_control_planes(plan: Plan) -> bool:
    """True if one of the named hosts is one; then all of the inventory take part."""
    going = (member for member in plan.members if member.name in plan.named)
    return any(member.target.role is not Role.JOIN_WORKER for member in going)


def _forget(place: Place, host: str, results: tuple[PhaseResult, ...]) -> None:
    """What was begun on a host that was reset needs no end any more."""
    done = {
        result.host
        for result in results
        if result.phase == _RESET and result.outcome is Outcome.DONE
    }
    for entry in tuple(place.journal.open_jobs()):
        if entry.host == host and host in done:
            place.mark(entry, Event.UNDONE)
