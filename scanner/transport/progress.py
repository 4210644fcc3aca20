"""How far one login has come, and what its failure there means."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import asyncssh

from scanner.transport import failures, refusals
from scanner.transport.failures import Stage
from scanner.transport.wire import NotSsh

if TYPE_CHECKING:
    from scanner.errors import HostUnreachable
    from scanner.transport.client import Client
    from scanner.transport.hostkeys import HostKeyCheck
    from scanner.transport.keys import Identities
    from scanner.transport.link import Link
    from scanner.transport.password import Password
    from scanner.transport.route import Route
    from scanner.transport.wire import Wire


class Progress:
    """What is known of one login, over all its connections.

    Args:
        route: where to, and as whom.
        identities: the keys to offer.
        jump: the connection to go through.
        check: judges the host's key.
        password: what may be sent.
    """

    def __init__(
        self,
        route: Route,
        identities: Identities,
        jump: Link | None,
        check: HostKeyCheck,
        password: Password,
    ):
        self._route = route
        self._identities = identities
        self._jump = jump
        self._check = check
        self._password = password
        self.reached = Stage.DIAL
        """Set by whoever goes on; `stage` is more exact."""
        self.wire: Wire | None = None
        self.client: Client | None = None
        """Both of the connection that runs, or of the last one."""

    @property
    def stage(self) -> Stage:
        """How far the connection has come."""
        if self.reached is Stage.HANDSHAKE and self.client is not None:
            return Stage.LOGIN if self.client.began_login else Stage.HANDSHAKE
        return self.reached

    def explain(self, error: Exception, late: float | None) -> HostUnreachable:  # noqa: PLR0911 # one return for each cause
        """The failure in words.

        Args:
            error: NotSsh, OSError or asyncssh's DisconnectError.
            late: seconds of the limit that was over; None if none was.
        """
        route = self._route
        if self._jump is not None and self._jump.is_lost:
            return self._jump.lost()
        if isinstance(error, NotSsh):
            return failures.not_ssh(error, route.where)
        # a server without a further key may hang up before it has said so
        ended = isinstance(error, asyncssh.KeyExchangeFailed | asyncssh.ConnectionLost)
        if (ended or isinstance(error, ConnectionError)) and (pins := self._check.pin_error()):
            return pins
        if isinstance(error, OSError):
            if isinstance(error, TimeoutError) and late is not None:
                return self._timed_out(late)
            if self.reached is not Stage.DIAL and isinstance(error, ConnectionError):
                return failures.broken(self.stage, route.where)
            return failures.from_os(error, route.where)
        if self._check.error is not None:
            return self._check.error
        disconnect = cast("asyncssh.DisconnectError", error)
        code, reason = disconnect.code, disconnect.reason
        if refusals.is_refusal(code, reason):
            return self._refused(too_many=refusals.is_too_many(code, reason))
        return failures.disconnected(code, reason, self.stage, route)

    def late(self, seconds: float) -> HostUnreachable:
        """The host's whole time is up."""
        if self._jump is not None and self._jump.is_lost:
            return self._jump.lost()
        if late := self._password.late():
            return late
        return self._timed_out(seconds)

    def _timed_out(self, seconds: float) -> HostUnreachable:
        where = self._route.where
        if self.reached is Stage.BANNER and self.wire is not None and (said := self.wire.said):
            return failures.no_banner(said, where, seconds)
        return failures.timed_out(self.stage, where, seconds)

    def _refused(self, *, too_many: bool) -> HostUnreachable:
        client = self.client
        if client is not None and not client.other_question:
            self._password.refused()
        return refusals.refused(
            self._route,
            () if client is None else client.offered,
            self._identities.skipped,
            asked=client is not None and client.was_asked,
            too_many=too_many,
            password="" if client is None else client.about_password(),
        )
