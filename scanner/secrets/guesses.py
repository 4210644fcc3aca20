"""A wrong password must not go to a whole fleet: who may be given one that nobody has taken yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from scanner.secrets.secret import Kind, Secret, Source

REFUSALS = 3
"""Hosts that may refuse a password before it is given to no other. Accounts of a directory are
locked after five failures or more (pam_faillock counts to 3 by itself, but on each host)."""
_AT_ONCE = 2
"""Hosts that may have a password at the same time, until one of them has taken it."""

Go: TypeAlias = Callable[[bool], None]
"""Is told whether the password may be sent."""


@dataclass(slots=True)
class _Tally:
    """What the hosts have said to one password of one account."""

    taken: bool = False
    refused_by: set[str] = field(default_factory=set)
    undecided: int = 0
    waiting: list[Go] = field(default_factory=list)

    @property
    def has_room(self) -> bool:
        """Undecided hosts count as if they would refuse, so that `REFUSALS` is never exceeded."""
        return self.undecided < min(_AT_ONCE, REFUSALS - len(self.refused_by))

    def may_send(self) -> bool | None:
        """None as long as that depends on other hosts."""
        if self.taken:
            return True
        if len(self.refused_by) >= REFUSALS:
            return False
        return True if self.has_room else None

    def settle(self) -> None:
        """Let those go on that need not wait any more."""
        while self.waiting and (may := self.may_send()) is not None:
            self.undecided += may
            self.waiting.pop(0)(may)


class Guesses:
    """The passwords of one purpose (SSH's, or sudo's) of a run, by account and reference.

    Once a host has taken a password, no other waits. Until then at most two hosts have it at a
    time, and after three refusals nobody else gets it: three wrong tries at most for an account
    that all hosts share. A host that has been sent the password and never answers counts for
    neither, and frees its place when it is given up.
    """

    def __init__(self) -> None:
        self._tallies: dict[tuple[str | None, Source], _Tally] = {}

    def guess(self, host: str, user: str | None, secret: Secret) -> Guess:
        """One host's turn with a password; nothing is asked yet."""
        tally = self._tallies.setdefault((user, secret.source), _Tally())
        return Guess(tally, host, secret.source)


class Guess:
    """May this host be given the password? And what did it say to it?

    Args:
        tally: of this password.
        host: kscan's label; one that has refused the password is not given it a second time.
        source: of the password.
    """

    def __init__(self, tally: _Tally, host: str, source: Source) -> None:
        self._tally = tally
        self._host = host
        self._source = source
        self._go: Go | None = None
        self._counts = False
        self._in_vain = False

    def ask(self, go: Go) -> bool | None:
        """Whether the password may be sent; None: not known yet, and `go` is told later."""
        if self._counts:
            return True
        tally = self._tally
        may = False if self._host in tally.refused_by else tally.may_send()
        if may is None:
            self._go = self._going(go)
            tally.waiting.append(self._go)
        elif may:
            tally.undecided += 1
            self._counts = True
        return may

    def _going(self, go: Go) -> Go:
        def gone(may: bool) -> None:
            self._go = None
            self._counts = may
            go(may)

        return gone

    async def allowed(self) -> bool:
        """The same for whoever can wait."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def tell(may: bool) -> None:
            if not answer.done():
                answer.set_result(may)

        may = self.ask(tell)
        if may is not None:
            return may
        try:
            return await answer
        finally:
            if answer.cancelled():
                self.over()

    def taken(self) -> None:
        """The host has taken the password."""
        self._tally.taken = True
        self.over()

    def refused(self) -> None:
        """The host has refused the password."""
        self._tally.refused_by.add(self._host)
        self.over()

    def over(self) -> None:
        """The turn has ended; without one of the two above the host has not said anything."""
        tally = self._tally
        if self._go is not None:
            tally.waiting.remove(self._go)
            self._go = None
            self._in_vain = True
        tally.undecided -= self._counts
        self._counts = False
        tally.settle()

    @property
    def must_wait(self) -> bool:
        """True if the answer would depend on other hosts now."""
        if self._counts or self._host in self._tally.refused_by:
            return False
        return self._tally.may_send() is None

    @property
    def waits(self) -> bool:
        """True while others have to answer first, and after a turn that has ended so."""
        return self._go is not None or self._in_vain

    def why_not(self) -> str:
        """Why the password was not sent, as a clause that tells what to do."""
        if self._host in self._tally.refused_by:
            return f"not tried again: {self._name} was refused here before"
        return (
            f"not tried: {self._name} was refused by {REFUSALS} hosts and taken by none, and more "
            "tries could lock the account: correct it"
        )

    def still_waiting(self) -> str:
        """Why nothing had been sent when the host's time was up."""
        return (
            f"{self._name} was not tried, because {_AT_ONCE} other hosts have been sent it and "
            "none has answered: see them first, or --timeout"
        )

    @property
    def _name(self) -> str:
        is_typed = self._source.kind is Kind.PROMPT
        return f"the {self._source}" if is_typed else f"the password of {self._source}"
