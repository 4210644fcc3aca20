"""What `init` and `join` make of the hosts: what they share, and where they differ."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from scanner.cluster.phase import Phase
from scanner.verify.smoke.attempt import SmokeOptions


@dataclass(frozen=True, slots=True)
class Task:
    """What a command makes of the hosts."""

    command: str
    """As the user types it to go on; see `typed`."""
    phases: tuple[Phase, ...]
    finish: tuple[Phase, ...]
    needs_member: bool = False
    """The master must be a member already."""
    smoke: SmokeOptions | None = None
    """The workload that is tried at the end; None: none."""
    yes: bool = False
    plan_only: bool = False
    offline: bool = False
    """The hosts are captures: nobody can be asked for more."""


def typed(*words: str, **options: str | None) -> str:
    """A command as it is typed again, with those options that decide what is made of which hosts.

    Args:
        words: the command and its arguments.
        options: name -> value, of those that were given; None and empty are left out.
    """
    given = (f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value)
    return shlex.join(("kscan", *words, *given))
