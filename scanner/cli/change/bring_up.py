"""What `init` and `join` share: check, gate, plan, question, phases, report."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from scanner.cli.change.checked import Found, checked
from scanner.cli.change.conclusion import conclude, forbidden, lost_master, status_of_forbidden
from scanner.cli.change.foreground import foreground
from scanner.cli.change.half_done import but_undone, may_go, planned_undo
from scanner.cli.change.plan_text import write_plan
from scanner.cli.change.prepared import Prepared
from scanner.cli.change.task import Task
from scanner.cli.document import Output
from scanner.cli.machines import known_machines
from scanner.cli.question import YES, ask
from scanner.cli.run import show
from scanner.cli.tell import tell
from scanner.cluster.earlier_cluster import is_of_earlier, set_aside, set_aside_lines
from scanner.cluster.folder import Folder, folder_of, locked
from scanner.cluster.gate import blocked_by
from scanner.cluster.journal import Event, Journal
from scanner.cluster.left_nodes import left_lines, settle_members
from scanner.cluster.make_plan import make_plan
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.prove import Prove, proof_line
from scanner.cluster.show import plan_lines, summary_lines
from scanner.cluster.show_before import undo_lines, waited_for
from scanner.cluster.sources import Sources, read_sources
from scanner.cluster.steps.kubeadm import obstacles
from scanner.cluster.work import Work
from scanner.errors import ClusterError, HostUnreachable
from scanner.exit_status import ExitStatus
from scanner.render.harmless import harmless
from scanner.report import Report
from scanner.runs.run_id import new_run_id
from scanner.verify.smoke.attempt import SmokeOptions
from scanner.verify.smoke.workload import MANAGER


def bring_up(task: Task, run: Prepared, output: Output) -> ExitStatus:
    """Do it, and say how it ended.

    Raises:
        UsageError: nobody may answer the question, or the answer is no.
        InventoryError: a file that the inventory names cannot be used.
        ClusterError: another run is at work, or an earlier one is in the way.
    """
    request = run.loaded.request
    sources = read_sources(request.cluster)
    for note in sources.notes:
        tell(note)
    path = folder_of(Path(request.source), request.cluster.name)
    open_ = known_machines(request.hosts)
    if task.plan_only:
        place = Place(Folder(path, ""), Journal.below(path), "")
        work = Work(request, place, open_, tell)
        with checked(task, run, output, work) as found:
            plan = _plan(run, found, sources, place)
            return _only_plan(task, run, plan, found, place=place, to=output)
    name = new_run_id(datetime.datetime.now(datetime.UTC))
    with locked(path, name) as folder:
        place = Place(folder, Journal.below(path), name)
        work = Work(request, place, open_, tell)
        if any(place.journal.open_jobs()):
            foreground(work.attach())
        with checked(task, run, output, work) as found:
            report, but = found.report, but_undone(found.undone)
            plan = _plan(run, found, sources, place)
            if blocked := _obstacles(task, plan, report):
                show(report, output)
                return forbidden(blocked, report, output, but)
            earlier = is_of_earlier(place, plan, found.taken.cas.get(plan.master, ""))
            settle_members(place, plan)
            for line in left_lines(plan, run.inventory, request.source):
                tell(line)
            _consent(task, plan, but)
            if earlier:
                tell(f"{path}: its journal and admin.conf are of an earlier cluster: set aside")
                set_aside(place)
            prove = Prove(request, smoke=task.smoke)
            try:
                worked = foreground(work.run(plan, task.phases, task.finish, prove))
            except HostUnreachable as error:  # before the first phase
                return lost_master(plan.master, error, report, output, but)
            return conclude(task.command, plan, report, worked, output=output, folder=folder)


def _plan(run: Prepared, found: Found, sources: Sources, place: Place) -> Plan:
    kubeconfig = str(place.folder.kubeconfig)
    plan = make_plan(
        run.loaded.request,
        found.taken,
        found.report.hosts(),
        sources,
        kubeconfig=kubeconfig,
        named=run.named,
    )
    return replace(plan, owed=_owed(place.journal), nodes_left=place.journal.nodes_left)


def _owed(journal: Journal) -> frozenset[str]:
    """What is taken back first; nothing that a join on a host not looked at may still need."""
    goes_on = any(entry.event is Event.BEGUN for entry in journal.open_jobs())
    return frozenset() if goes_on else journal.owed


def _obstacles(task: Task, plan: Plan, report: Report) -> tuple[str, ...]:
    lines = [*blocked_by(report), *obstacles(plan)]
    if task.needs_member and not lines and not plan.member(plan.master).joined:
        lines.append(f"{plan.master}: runs no cluster yet: `kscan init` makes one")
    if len(plan.members) < report.header.summary.hosts.total and not lines:
        lines.append("not every host was judged")
    return tuple(lines)


def _only_plan(
    task: Task, run: Prepared, plan: Plan, found: Found, *, place: Place, to: Output
) -> ExitStatus:
    request, report, taken = run.loaded.request, found.report, found.taken
    undo = list(planned_undo(place, report, taken))
    blocked, foreign = _obstacles(task, plan, report), None
    if any(member.name == plan.master for member in plan.members):
        undo = [entry for entry in undo if may_go(entry, plan, request)]
        lines = [
            *waited_for(place.journal, (host.name for host in request.hosts)),
            *undo_lines(undo, place.journal, plan),
        ]
        try:
            if is_of_earlier(place, plan, taken.cas.get(plan.master, "")):
                lines += set_aside_lines(place)
        except ClusterError as error:
            foreign = error
        proof = (
            (proof_line(plan),) if task.smoke is None else (proof_line(plan), _workload(task.smoke))
        )
        lines += plan_lines(task.phases, plan, proof, task.finish)
        write_plan(lines, to)
    else:  # its version and its state decide what is done
        tell(f"{plan.master}: without its answer there is no plan")
    for line in (*left_lines(plan, run.inventory, request.source), *blocked):
        tell(line)
    if blocked and undo:
        tell("as it is now, nothing would be done after the undoing; it is checked again then")
    elif blocked:
        tell("as it is now, nothing of this would be done")
    elif foreign is not None:  # the run itself ends so, too
        raise foreign
    return status_of_forbidden(report, to) if blocked else ExitStatus.READY


def _consent(task: Task, plan: Plan, but: str) -> None:
    if not plan.changes:
        tell("every host is a member already: kubeadm is not run")
        return
    lines = [f"kscan: Kubernetes v{plan.member(plan.master).target.kubernetes}, in this order:"]
    lines += summary_lines((*task.phases, *task.finish), plan)
    if task.smoke is not None:
        lines.append(f"  {_workload(task.smoke)}")
    ask(map(harmless, lines), "Change these hosts? [yes/no]", YES, yes=task.yes, but=but)


def _workload(smoke: SmokeOptions) -> str:
    return (
        f"through the API: a Deployment and a Service of {smoke.image} in a namespace of their "
        f"own ({MANAGER}-...), scaled, called, updated, rolled back and deleted"
    )
