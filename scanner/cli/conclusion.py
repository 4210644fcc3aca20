"""How `init`, `join` and `reset` end: what forbade them, who was lost, what was done."""

from __future__ import annotations

import os

import typer

from scanner.cli.document import Output
from scanner.cli.foreground import status_of
from scanner.cli.show_phases import show_phases
from scanner.cluster.folder import Folder
from scanner.cluster.plan import Plan
from scanner.cluster.report import with_work
from scanner.cluster.result import Outcome, PhaseResult
from scanner.cluster.work import Worked
from scanner.errors import HostUnreachable
from scanner.exit_status import ExitStatus, exit_status
from scanner.render.harmless import harmless
from scanner.report import Report


def forbidden(lines: tuple[str, ...], report: Report, output: Output, but: str = "") -> ExitStatus:
    """Say why nothing was done, and how it ended.

    Args:
        lines: why.
        report: of the check.
        output: says whether warnings count.
        but: what was changed before in the same run, as `but_undone` says it.
    """
    for line in lines:
        tell(line)
    tell(f"nothing was changed on any host{but}")
    return status_of_forbidden(report, output)


def status_of_forbidden(report: Report, output: Output) -> ExitStatus:
    """How a run ends, and its plan, that its check has forbidden."""
    header = report.header
    status = exit_status(header.summary, strict=output.strict, complete=header.run.complete)
    bad = status in {ExitStatus.READY, ExitStatus.WARNINGS}
    return ExitStatus.CHECK_FAILED if bad else status


def lost_master(
    host: str, error: HostUnreachable, report: Report, output: Output, but: str = ""
) -> ExitStatus:
    """Report a host that was there for the check, and no more when something was to be changed.

    Args:
        host: the master.
        error: how it was lost.
        report: of the check.
        output: where the document goes.
        but: as for `forbidden`.
    """
    row = PhaseResult("lock", host, Outcome.FAILED, 0.0, str(error))
    show_phases(with_work(report, (row,)), output)
    tell(f"{host}: unreachable: {error}")
    tell(f"nothing was changed on any host{but}")
    return ExitStatus.NOT_KNOWN


def conclude(
    command: str, plan: Plan, report: Report, worked: Worked, output: Output, folder: Folder
) -> ExitStatus:
    """Show what was done, and what to do now.

    Args:
        command: as the user types it to go on.
        plan: what was to be done.
        report: of the check before.
        worked: how it ended.
        output: where the document goes.
        folder: may have admin.conf.
    """
    results = () if worked.verified is None else worked.verified.results
    complete = not worked.interrupted
    show_phases(with_work(report, worked.results, results, complete=complete), output)
    for host, why in worked.dropped:
        tell(f"{host} was left behind: {why}")
    if not worked.good:
        tell(f"to go on when it is repaired: {command}")
    if folder.kubeconfig.exists():
        tell(f"export KUBECONFIG={os.path.relpath(folder.kubeconfig)}")
    if not plan.cni and not worked.stopped:
        tell("no cluster.cni.manifest: nodes become Ready when a network add-on is applied")
    return status_of(worked)


def tell(line: str) -> None:
    """Say one line on stderr."""
    typer.echo(f"kscan: {harmless(line)}", err=True)
