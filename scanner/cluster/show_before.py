"""What a run does before its own phases, as `--plan` prints it: with what an earlier run left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.cluster.journal import Entry, Event, Journal
from scanner.cluster.plan import Plan
from scanner.cluster.recover import proof
from scanner.cluster.sequence import FINISH_UNDO, UNDO
from scanner.cluster.show import indented, plan_lines


def waited_for(journal: Journal, hosts: Iterable[str]) -> Iterator[str]:
    """What may still run on these hosts: a run waits for it before it looks at anything."""
    known = frozenset(hosts)
    for entry in journal.open_jobs():
        if entry.event is Event.BEGUN and entry.host in known:
            yield (
                f"first: {entry.host}: an earlier run began {entry.phase} there (job {entry.job}): "
                "its end is looked for, and waited for"
            )


def undo_lines(entries: Iterable[Entry], journal: Journal, plan: Plan) -> Iterator[str]:
    """Every command of it, behind the question that comes before.

    Args:
        entries: of `to_undo`, on hosts of the plan.
        journal: says whether the undoing itself was begun before.
        plan: all hosts that were seen.
    """
    undone = False
    for entry in entries:
        member, begun = plan.member(entry.host), journal.undoing(entry) is not None
        if begun and member.joined:
            continue  # somebody has finished it, and joined the host again
        undone = True
        how = "did not end well" if entry.event is Event.FAILED else "may not end well"
        yield (
            f"first, if you say yes to it: {entry.host}: {entry.phase}, which an earlier run began "
            f"there (job {entry.job}) and which {how}, is undone"
        )
        alone = replace(plan, named=frozenset({entry.host}))
        yield f"   only if this succeeds on {entry.host}, which changes nothing:"
        yield from indented(proof(entry).text)
        yield from (f"   {line}" for line in plan_lines(UNDO, alone))
        if begun and member.clean:
            yield "   if it does not, as after a boot, only what is left of it is removed:"
            yield from (f"   {line}" for line in plan_lines(FINISH_UNDO, alone))
    if undone:
        yield "   then all hosts are checked again"
