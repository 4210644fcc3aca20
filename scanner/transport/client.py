"""What asyncssh asks about one connection: is this the host's key, and which key to offer next."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import asyncssh

from scanner.errors import HostUnreachable
from scanner.transport import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.transport.hostkeys import HostKeyCheck
    from scanner.transport.keys import Identities
    from scanner.transport.link import Link
    from scanner.transport.password import Password
    from scanner.transport.wire import Wire


_MOST_EXCHANGES = 64
"""Key exchanges over one connection, 5 ms of CPU each. sshd makes one for each GiB by default; a
server that makes one after the other would take this process away from the other hosts."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def _noting_bugs(
    answer: Callable[Concatenate[Client, Arguments], Answer],
) -> Callable[Concatenate[Client, Arguments], Answer]:
    """Tell an exception of ours from one that a server's data causes inside asyncssh."""

    @functools.wraps(answer)
    def noting(self: Client, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        try:
            return answer(self, *args, **kwargs)
        except Exception as error:
            self.bug = error
            raise

    return noting


class Client(asyncssh.SSHClient):
    """Answers for one connection.

    asyncssh wants to hear at once whether a host key is good. An unknown key that the user may
    accept is therefore accepted for the key exchange, and the server is held back on the wire
    before the login, so that it learns neither the user's name nor a key until the answer.

    Args:
        check: judges the host key.
        identities: the keys to offer.
        wire: the stream below the connection.
        password: sent once, whichever method the server takes it by.
        on_known: called when the host's key is known.
    """

    def __init__(
        self,
        check: HostKeyCheck,
        identities: Identities,
        wire: Wire,
        on_known: Callable[[], None],
        password: Password,
    ):
        self._check = check
        self._left = list(identities.keys)
        self._wire = wire
        self._on_known = on_known
        self._password = password
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self.question: asyncio.Future[None] = self._loop.create_future()
        """Done when the key exchange with an unknown key is over, and proves the key."""
        self.offered: list[str] = []
        self.was_asked = False
        """True if the server takes public keys."""
        self.takes_password = False
        """True if the server asked for a password, whether there is one or not."""
        self.other_question = ""
        """What the server asked for that is no password, such as a one-time code."""
        self.began_login = False
        self._exchanges = 0
        self.bug: Exception | None = None
        """An exception that was raised here, not in asyncssh."""
        self.link: Link | None = None
        """Told about the end of the connection, once it is one."""

    @_noting_bugs
    def validate_host_public_key(
        self,
        host: str,  # noqa: ARG002 # asyncssh's signature; the check has the route
        addr: str,  # noqa: ARG002 # the same
        port: int,  # noqa: ARG002 # the same
        key: asyncssh.SSHKey,
    ) -> bool:
        """Judge the host's key; asyncssh has not looked it up anywhere."""
        self._exchanges += 1
        if self._exchanges > _MOST_EXCHANGES:
            error = HostUnreachable("it exchanges keys without end: is this sshd?")
            self._check.error = error
            if self.link is not None:
                self.link.note_loss(error)
            return False
        accepted = self._check.accepts(key.public_data)
        if self._check.unknown is not None:
            self._wire.hold()
            # asyncssh verifies the signature by this key next, and ends the connection, if it
            # is false, in the second turn of the event loop from here
            self._loop.call_soon(self._loop.call_soon, self._ask)
        elif accepted:
            self._on_known()
        return accepted

    @_noting_bugs
    def validate_host_ca_key(
        self,
        host: str,  # noqa: ARG002 # asyncssh's signature
        addr: str,  # noqa: ARG002 # the same
        port: int,  # noqa: ARG002 # the same
        key: asyncssh.SSHKey,
    ) -> bool:
        """Judge the key that signed the host's certificate."""
        accepted = self._check.accepts_authority(key.public_data)
        if accepted:
            self._on_known()
        return accepted

    def begin_auth(self, username: str) -> None:  # noqa: ARG002 # asyncssh's signature
        """The host's key is good and the login begins."""
        self.began_login = True

    @_noting_bugs
    def public_key_auth_requested(self) -> list[asyncssh.SSHKeyPair] | None:
        """The next key, one at a time, so that a message can say which were tried."""
        self.was_asked = True
        if not self._left:
            return None
        identity = self._left.pop(0)
        self.offered.append(identity.name)
        return [identity.for_connection()]

    async def password_auth_requested(self) -> str | None:
        """The password, once (RFC 4252, 8)."""
        self.takes_password = True
        return self._password.reveal() if await self._may_send() else None

    def password_change_requested(self, prompt: str, lang: str) -> Any:
        """The password is right and has expired; changing it is not for kscan."""
        del prompt, lang
        self.other_question = "a new password, because this one has expired"
        return NotImplemented

    async def kbdint_auth_requested(self) -> str | None:
        """Take part in keyboard-interactive (RFC 4256), unless the password was tried already."""
        self.takes_password = True
        # before PAM begins there, which may count a conversation that nobody goes on with
        return "" if await self._may_send() else None

    @_noting_bugs
    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> Sequence[str] | None:
        """Answer one question that hides what is typed; PAM's messages come without one."""
        del name, instructions, lang
        if not prompts:
            return []
        question, is_shown = prompts[0]
        if len(prompts) == 1 and not is_shown and (password := self._password.reveal()) is not None:
            return [password]
        if not self._password.is_sent or len(prompts) > 1 or is_shown:
            self.other_question = question
        return None

    def about_password(self) -> str:
        """What became of the password, as a clause; empty if nobody spoke of one."""
        if self.other_question:
            return refusals.other_question(self.other_question)
        if self._password.is_sent:
            return "the password is refused, which was tried once"
        if why_not := self._password.why_not():
            return why_not
        if self._password.is_given:
            return "it asked for no password (PasswordAuthentication)"
        if self.takes_password:
            return "it takes passwords too, and none was given (password, or --ask-pass)"
        return ""

    async def _may_send(self) -> bool:
        try:
            return await self._password.is_free()
        except Exception as error:
            self.bug = error
            raise

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._closed = True
        if self.link is not None:
            self.link.note_loss(exc)

    def _ask(self) -> None:
        if not self._closed and not self.question.done():
            self.question.set_result(None)
