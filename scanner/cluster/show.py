"""The plan as text: every command, file and call for each host, as `--plan` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from scanner.cluster.action import Action, Command, Question, SaveKubeconfig
from scanner.cluster.phase import OnFailure, Phase
from scanner.cluster.plan import Plan
from scanner.render.causes import plural


def plan_lines(
    phases: tuple[Phase, ...],
    plan: Plan,
    proof: tuple[str, ...] = (),
    finish: tuple[Phase, ...] = (),
) -> Iterator[str]:
    """Every action of every phase, in the order in which they are run; secrets are cut.

    Args:
        phases: what is done.
        plan: for whom.
        proof: what is asked of the cluster after these phases, each a line.
        finish: the phases after it.
    """
    plan = plan.shown
    numbers = count(1)
    yield from _phases(phases, plan, numbers)
    for line in proof:
        yield f"{next(numbers)}. {line}"
    yield from _phases(finish, plan, numbers)
    if next(numbers) == 1:
        yield "nothing to do"


def _phases(phases: tuple[Phase, ...], plan: Plan, numbers: Iterator[int]) -> Iterator[str]:
    for phase in phases:
        for host in phase.hosts(plan):
            number = next(numbers)
            notes = "; ".join(_notes(phase, len(phase.hosts(plan))))
            yield f"{number}. {phase.title.format(host=host)}{f' ({notes})' if notes else ''}"
            if (done := phase.done(plan, host)) is not None:
                yield f"   only if this fails on {done.on}, which changes nothing:"
                yield from indented(done.text)
            for action in phase.actions(plan, host):
                yield from _action(action)


def summary_lines(phases: tuple[Phase, ...], plan: Plan) -> Iterator[str]:
    """One line for each phase, for the question before it is run."""
    for phase in phases:
        if hosts := phase.hosts(plan):
            yield f"  {phase.title.format(host=', '.join(hosts))}"


def _notes(phase: Phase, hosts: int) -> Iterator[str]:
    if hosts > 1 and phase.window > 1:
        yield f"up to {plural(min(hosts, phase.window), 'host')} at once"
    elif hosts > 1:
        yield "one host after the other"
    if phase.on_failure is OnFailure.DROP_HOST:
        yield "if it fails, the others go on"
    if phase.always:
        yield "whatever fails before"


def _action(action: Action) -> Iterator[str]:
    if isinstance(action, SaveKubeconfig):
        yield from _action(action.source)
        yield f"   on this machine, file {action.path} (0600), unless it is there"
        return
    if isinstance(action, Question):
        yield f"   this changes nothing, and it goes on only if {action.asks}:"
        yield from _action(action.command)
        return
    for file in action.files:
        yield f"   on {action.on}, file {file.name} (0600, removed at the end):"
        yield from indented(file.text)
    yield f"   on {action.on}, as root, {_how(action)}:"
    yield from indented(action.text)


def _how(command: Command) -> str:
    how = "detached" if command.detached else "over SSH"
    return f"{how}, its output is {command.gives}" if command.gives else how


def indented(text: str) -> Iterator[str]:
    """A command or a file below what is said of it."""
    return (f"      {line}".rstrip() for line in text.rstrip("\n").splitlines())
