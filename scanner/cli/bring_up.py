"""What `init` and `join` share: check, gate, plan, question, phases, report."""

from __future__ import annotations

import datetime
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from scanner.cli.document import Output
from scanner.cli.foreground import foreground, status_of
from scanner.cli.machines import known_machines
from scanner.cli.question import YES, ask
from scanner.cli.run import Machines, scanned, show
from scanner.cli.show_phases import show_phases
from scanner.cluster.folder import Folder, folder_of, locked
from scanner.cluster.gate import blocked_by
from scanner.cluster.journal import Entry, Journal
from scanner.cluster.make_plan import Taken, make_plan
from scanner.cluster.phase import Phase
from scanner.cluster.plan import Plan
from scanner.cluster.prove import Prove
from scanner.cluster.recover import half_done
from scanner.cluster.report import with_work
from scanner.cluster.run import Place
from scanner.cluster.show import plan_lines, summary_lines
from scanner.cluster.sources import Sources, read_sources
from scanner.cluster.steps.kubeadm import obstacles
from scanner.cluster.work import Work, Worked
from scanner.errors import ClusterError
from scanner.exit_status import ExitStatus, exit_status
from scanner.inventory.overrides import Loaded
from scanner.membership import State
from scanner.render.harmless import harmless
from scanner.report import HostStatus, Report
from scanner.scan_options import ScanOptions

_LONGEST = 1 << 20
"""Characters of a line of --plan, which is there to be read whole."""
_GOOD = (HostStatus.READY, HostStatus.MEMBER)


@dataclass(frozen=True, slots=True)
class Task:
    """What a command makes of the hosts."""

    command: str
    """As the user types it to go on, such as `kscan init`."""
    phases: tuple[Phase, ...]
    finish: tuple[Phase, ...]
    needs_member: bool = False
    """The master must be a member already."""
    named: frozenset[str] = frozenset()
    yes: bool = False
    plan_only: bool = False


def bring_up(
    task: Task, loaded: Loaded, machines: Machines, options: ScanOptions, output: Output
) -> ExitStatus:
    """Do it, and say how it ended.

    Raises:
        UsageError: nobody may answer the question, or the answer is no.
        InventoryError: a file that the inventory names cannot be used.
        ClusterError: another run is at work, or an earlier one is in the way.
    """
    sources = read_sources(loaded.request.cluster)
    path = folder_of(Path(loaded.request.source), loaded.request.cluster.name)
    if task.plan_only:
        taken = Taken()
        with scanned(loaded, machines, replace(options, take=taken), output) as report:
            return _only_plan(task, _plan(task, loaded, taken, report, sources, path), report)
    now = datetime.datetime.now(datetime.UTC)
    run = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with locked(path, run) as folder:
        place = Place(folder, Journal.below(path), run)
        work = Work(loaded.request, place, known_machines(loaded.request.hosts), _tell)
        if any(place.journal.open_jobs()):
            foreground(work.attach())
        with _checked(task, loaded, machines, options, output, work) as (report, taken):
            plan = _plan(task, loaded, taken, report, sources, path)
            if blocked := _obstacles(task, plan, report):
                show(report, output)
                return _blocked(blocked, report, output)
            _same_cluster(place, plan, taken, folder)
            _consent(task, plan)
            prove = Prove(loaded.request)
            worked = foreground(work.run(plan, task.phases, task.finish, prove))
            return _conclude(task, plan, report, worked, output, folder)


@contextmanager
def _checked(
    task: Task,
    loaded: Loaded,
    machines: Machines,
    options: ScanOptions,
    output: Output,
    work: Work,
) -> Iterator[tuple[Report, Taken]]:
    """A fresh check; where an earlier run has left hosts half done, once more after undoing it."""
    taken = Taken()
    with scanned(loaded, machines, replace(options, take=taken), output) as report:
        status = {host.name: host.status for host in report.hosts()}
        entries = [
            entry
            for entry in half_done(work.place, lambda host: status.get(host) in _GOOD)
            if may_be_undone(entry.host, status, taken)
        ]
        if not entries:
            yield report, taken
            return
        plan = make_plan(loaded.request, taken, report.hosts(), Sources(), kubeconfig="")
    ask(_undo_lines(entries), "Undo it with `kubeadm reset`? [yes/no]", YES, yes=task.yes)
    foreground(work.undo(tuple(entries), plan))
    taken = Taken()
    with scanned(loaded, machines, replace(options, take=taken), output) as report:
        yield report, taken


def may_be_undone(host: str, status: Mapping[str, HostStatus], taken: Taken) -> bool:
    """True if the host was seen, and is not a member of another cluster by now."""
    target = taken.targets.get(host)
    return (
        status.get(host, HostStatus.UNREACHABLE) is not HostStatus.UNREACHABLE
        and target is not None
        and target.membership.state is not State.OTHER_CLUSTER
    )


def _undo_lines(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        yield (
            f"kscan: {entry.host}: {entry.phase} was begun there (job {entry.job}) and did not "
            "end well; the host was clean before"
        )


def _plan(
    task: Task, loaded: Loaded, taken: Taken, report: Report, sources: Sources, path: Path
) -> Plan:
    kubeconfig = str(path / "admin.conf")
    return make_plan(
        loaded.request,
        taken,
        report.hosts(),
        sources,
        kubeconfig=kubeconfig,
        named=task.named,
    )


def _obstacles(task: Task, plan: Plan, report: Report) -> tuple[str, ...]:
    lines = [*blocked_by(report), *obstacles(plan)]
    if task.needs_member and not lines and not plan.member(plan.master).joined:
        lines.append(f"{plan.master}: runs no cluster yet: `kscan init` makes one")
    if len(plan.members) < report.header.summary.hosts.total and not lines:
        lines.append("not every host was judged")
    return tuple(lines)


def _blocked(lines: tuple[str, ...], report: Report, output: Output) -> ExitStatus:
    for line in lines:
        _tell(line)
    _tell("nothing was changed on any host")
    header = report.header
    status = exit_status(header.summary, strict=output.strict, complete=header.run.complete)
    bad = status in {ExitStatus.READY, ExitStatus.WARNINGS}
    return ExitStatus.CHECK_FAILED if bad else status


def _only_plan(task: Task, plan: Plan, report: Report) -> ExitStatus:
    for line in plan_lines((*task.phases, *task.finish), plan):
        typer.echo(harmless(line.expandtabs(4), limit=_LONGEST))
    blocked = _obstacles(task, plan, report)
    for line in blocked:
        _tell(line)
    if blocked:
        _tell("as it is now, nothing of this would be done")
    return ExitStatus.CHECK_FAILED if blocked else ExitStatus.READY


def _same_cluster(place: Place, plan: Plan, taken: Taken, folder: Folder) -> None:
    """The journal and admin.conf must be of the cluster that is there, or make place for a new one.

    Raises:
        ClusterError: they are of another one.
    """
    known, found = place.journal.ca, taken.cas.get(plan.master, "")
    is_member = plan.member(plan.master).joined
    if is_member and known and found and known != found:
        raise ClusterError(
            f"{folder.path}: is of another cluster than the one of {plan.master}: move it away"
        )
    if not is_member and (known or folder.kubeconfig.exists()):
        _tell(f"{folder.path}: its journal and admin.conf are of an earlier cluster: set aside")
        place.journal.set_aside(place.run)
        if folder.kubeconfig.exists():
            folder.kubeconfig.rename(f"{folder.kubeconfig}.{place.run}")


def _consent(task: Task, plan: Plan) -> None:
    if not plan.changes:
        _tell("every host is a member already: kubeadm is not run")
        return
    lines = [f"kscan: Kubernetes v{plan.member(plan.master).target.kubernetes}, in this order:"]
    lines += summary_lines((*task.phases, *task.finish), plan)
    ask(map(harmless, lines), "Change these hosts? [yes/no]", YES, yes=task.yes)


def _conclude(
    task: Task, plan: Plan, report: Report, worked: Worked, output: Output, folder: Folder
) -> ExitStatus:
    results = () if worked.verified is None else worked.verified.results
    complete = not worked.interrupted
    show_phases(with_work(report, worked.results, results, complete=complete), output)
    for host, why in worked.dropped:
        _tell(f"{host} was left behind: {why}")
    if not worked.good:
        _tell(f"to go on when it is repaired: {task.command}")
    if folder.kubeconfig.exists():
        _tell(f"export KUBECONFIG={os.path.relpath(folder.kubeconfig)}")
    if not plan.cni and not worked.stopped:
        _tell("no cluster.cni.manifest: nodes become Ready when a network add-on is applied")
    return status_of(worked)


def _tell(line: str) -> None:
    typer.echo(f"kscan: {harmless(line)}", err=True)
