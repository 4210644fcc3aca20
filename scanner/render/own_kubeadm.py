"""What the hosts' own kubeadm said, as far as it is not what kscan says too."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.disagreements import Difference, Disagreements
from scanner.render.causes import plural
from scanner.verdict import Verdict

_WORDS = {Verdict.PASS: "ok", Verdict.SKIP: "not asked"}


def headline(found: Disagreements) -> str:
    """The comparison in one sentence."""
    if not found.hosts:
        return "No host's own kubeadm came to a check"
    on = plural(len(found.hosts), "host")
    if not found.differences:
        return f"kubeadm on {on} said the same"
    rows = plural(len(found.differences), "row")
    return f"kubeadm on {on} said something else in {rows}"


def sides(difference: Difference) -> str:
    """`kscan says ok, kubeadm ERROR`."""
    ours = " and ".join(difference.ours) or _WORDS.get(
        difference.verdict, difference.verdict.upper()
    )
    if difference.verdict is Verdict.UNKNOWN and difference.ours:
        ours += " and could not know all"
    return f"kscan says {ours}, kubeadm {' and '.join(difference.theirs) or 'nothing'}"


def not_reached(found: Disagreements) -> Iterator[tuple[str, tuple[str, ...]]]:
    """How many checks kubeadm did not come to, and the hosts where it was so."""
    hosts: dict[int, list[str]] = {}
    for name, count in found.not_reached:
        hosts.setdefault(count, []).append(name)
    for count, names in hosts.items():
        yield f"not reached, because it had ended: {plural(count, 'check')}", tuple(names)
