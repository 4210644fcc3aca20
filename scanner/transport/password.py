"""One login's password: sent once, and only if the run's other hosts have not all refused it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import TimedOut
from scanner.transport.clock import HostClock, host_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.secrets.guesses import Guess, Guesses
    from scanner.secrets.secret import Secret


class Password:
    """What a connection may send, and what became of it.

    Args:
        secret: None sends none.
        guess: this host's turn with it; None as the secret is.
    """

    def __init__(self, secret: Secret | None, guess: Guess | None):
        self._secret = secret
        self._guess = guess
        self._give_slot: Callable[[], None] = lambda: None
        self._clock = host_clock()
        self._budget = HostClock()
        self.is_sent = False
        self.is_withheld = False
        """True if this host was not to be given it."""

    @classmethod
    def of(cls, guesses: Guesses, host: str, user: str, secret: Secret | None) -> Password:
        """The one of a host, as the run's other hosts with the same account and password know."""
        return cls(secret, None if secret is None else guesses.guess(host, user, secret))

    @property
    def is_given(self) -> bool:
        """True if the user has one for this host."""
        return self._secret is not None

    def waits_with(self, give_slot: Callable[[], None], budget: HostClock) -> None:
        """What stands still, or goes to other hosts, while the password has to wait for them."""
        self._give_slot = give_slot
        self._budget = budget

    async def is_free(self) -> bool:
        """Whether it may be sent now; waits for other hosts to say whether it is right.

        The slot and the place go to others for good: what is left of the login costs little.
        """
        guess = self._guess
        if guess is None or self.is_sent or self.is_withheld:
            return False
        if guess.must_wait:
            self._give_slot()
            self._clock.lend()
        with self._budget.paused():
            self.is_withheld = not await guess.allowed()
        return not self.is_withheld

    def reveal(self) -> str | None:
        """The password, the first time; after `is_free` has allowed it."""
        if self._secret is None or self.is_sent or self.is_withheld:
            return None
        self.is_sent = True
        return self._secret.reveal()

    def taken(self) -> None:
        """The host has let this login in."""
        if self._guess is not None and self.is_sent:
            self._guess.taken()

    def refused(self) -> None:
        """The host has refused this login, and asked for nothing but the password."""
        if self._guess is not None and self.is_sent:
            self._guess.refused()

    def over(self) -> None:
        """The connection has ended; to be called always, and last."""
        if self._guess is not None:
            self._guess.over()

    def why_not(self) -> str:
        """Why it was not sent; empty if that was not for other hosts' sake."""
        return self._guess.why_not() if self._guess is not None and self.is_withheld else ""

    def late(self) -> TimedOut | None:
        """The error of a host whose time is up while its password waits."""
        if self._guess is None or not self._guess.waits:
            return None
        return TimedOut(self._guess.still_waiting())
