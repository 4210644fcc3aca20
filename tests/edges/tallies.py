"""What came back of a plan's dials, for tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scanner.edges.answers import Answer
from scanner.edges.plan import Plan
from scanner.edges.results import edge_results
from scanner.edges.tally import Tally
from scanner.verdict import Verdict

Letters = Mapping[tuple[str, str, str], str]


def tally(
    made: Plan,
    letters: Letters | None = None,
    *,
    listened: bool = True,
    silent: Mapping[str, str] | None = None,
    **more: Mapping[tuple[str, str], Any],
) -> Tally:
    """Every dial is open but for those named, as (from, to, port) -> letter.

    Args:
        made: the plan.
        letters: what came back.
        listened: kscan has listened on all ports of all hosts.
        silent: host -> why it has dialled nothing.
        more: names, named, control, paths: (from, to) -> a value of the answer's field.
    """
    result = Tally(made)
    everything = frozenset(port.name for port in made.ports) if listened else frozenset()
    opened = dict.fromkeys(range(len(made.peers)), everything)
    names = [peer.name for peer in made.peers]
    for wave, members in enumerate(made.waves):
        for host in members:
            if reason := (silent or {}).get(names[host]):
                result.missing(wave, host, reason)
                continue
            said = "".join(
                (letters or {}).get((names[host], names[dial.peer], made.ports[port].name), "o")
                for dial in made.dials(wave, host)
                for port in dial.ports
            )
            fields: dict[str, Any] = {
                field: {
                    names.index(b): value for (a, b), value in values.items() if a == names[host]
                }
                for field, values in more.items()
            }
            result.take(wave, host, replace(Answer(dials=said), **fields), opened)
    return result


def told(found: Tally, *verdicts: Verdict) -> list[tuple[str, str, Verdict]]:
    wanted = verdicts or (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)
    return [(r.check, r.subject, r.verdict) for r in edge_results(found) if r.verdict in wanted]


def only(found: Tally) -> str:
    (result,) = [r for r in edge_results(found) if r.verdict is not Verdict.PASS]
    return result.message
