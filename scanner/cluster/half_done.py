"""What an earlier run has left half done on hosts: what of it is undone, and what not now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scanner.cluster.journal import Entry, Event, Journal
from scanner.cluster.may_be_reset import doubtful
from scanner.cluster.phase import UNDO_NAME
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.steps.kubeadm import INIT
from scanner.request import LocalEtcd, Request
from scanner.target import Role


def half_done(place: Place, is_good: Callable[[str], bool]) -> tuple[Entry, ...]:
    """Hosts to be undone: half done, and found clean by this tool before it touched them.

    And those whose undoing was begun and has no end.

    Args:
        place: the journal.
        is_good: whether a host was just found ready, or a member.
    """
    failed = []
    for entry in tuple(place.journal.open_jobs()):
        if entry.event is not Event.FAILED or entry.phase == UNDO_NAME:
            continue
        if place.journal.undoing(entry) is not None:
            failed.append(entry)  # its node may still be there, whatever the host is by now
        elif is_good(entry.host):
            place.mark(entry, Event.UNDONE)
        elif entry.clean:
            failed.append(entry)
    return tuple(failed)


def to_undo(journal: Journal, is_good: Callable[[str], bool]) -> tuple[Entry, ...]:
    """What would be undone: as `half_done`, but that nothing is noted, and that no end is known.

    Args:
        journal: of the cluster.
        is_good: whether a host was just found ready, or a member.
    """
    return tuple(
        entry
        for entry in journal.open_jobs()
        if entry.phase != UNDO_NAME
        and (journal.undoing(entry) is not None or (entry.clean and not is_good(entry.host)))
    )


def not_to_be_asked(entry: Entry, plan: Plan, request: Request) -> str:
    """Why this must not be undone now, and what to do; empty if it may.

    A control plane that did not come to the end of its join may be a member of etcd already, and
    one that the quorum needs. Where the others do not work, nobody can be asked; what they make
    of a host is theirs, so that an init is another matter.

    Args:
        entry: of `half_done`.
        plan: all hosts that were seen.
        request: all who take part.
    """
    if entry.phase == INIT.name or not isinstance(plan.cluster.etcd, LocalEtcd):
        return ""
    alone = replace(plan, named=frozenset({entry.host}))
    if alone.stays or plan.member(entry.host).target.role is Role.JOIN_WORKER:
        return ""
    names = ", ".join(doubtful(alone, request))
    if not names:
        return ""
    return (
        f"{entry.host}: {entry.phase} is half done there, and is not undone: {names} cannot be "
        f"asked whether etcd can do without it: repair {names} first, then again"
    )
