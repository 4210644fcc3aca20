"""Hosts that an earlier run has left half done: which may be undone, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scanner.cli.tell import tell
from scanner.cluster.gate import GOOD
from scanner.cluster.half_done import not_to_be_asked, to_undo
from scanner.cluster.journal import Entry
from scanner.cluster.make_plan import Taken
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.membership import State
from scanner.report import HostStatus, Report
from scanner.request import Request


def may_be_undone(host: str, status: Mapping[str, HostStatus], taken: Taken) -> bool:
    """True if the host was seen, and is not a member of another cluster by now."""
    target = taken.targets.get(host)
    return (
        status.get(host, HostStatus.UNREACHABLE) is not HostStatus.UNREACHABLE
        and target is not None
        and target.membership.state is not State.OTHER_CLUSTER
    )


def may_go(entry: Entry, plan: Plan, request: Request) -> bool:
    """Tell why it stays, if it does; the check says afterwards that the host is half done."""
    if why := not_to_be_asked(entry, plan, request):
        tell(why)
    return not why


def question_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """What the question is about."""
    for entry in entries:
        yield (
            f"kscan: {entry.host}: {entry.phase} was begun there (job {entry.job}) and did not "
            "end well; the host was clean before"
        )


def but_undone(entries: Iterable[Entry]) -> str:
    """What must follow `nothing was changed` after these were undone; empty if none was."""
    undone = ", ".join(f"{entry.phase} on {entry.host}" for entry in entries)
    if not undone:
        return ""
    return f", but for what an earlier run had left half done, which was undone: {undone}"


def planned_undo(place: Place, report: Report, taken: Taken) -> tuple[Entry, ...]:
    """For `--plan`: what a run would ask to undo; the journal takes no note."""
    status = {host.name: host.status for host in report.hosts()}
    entries = to_undo(place.journal, lambda host: status.get(host) in GOOD)
    return tuple(entry for entry in entries if may_be_undone(entry.host, status, taken))
