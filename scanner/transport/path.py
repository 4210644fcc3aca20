"""The jump hosts on the way to a login: the inventory's, and those that ~/.ssh/config adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.errors import HostUnreachable
from scanner.transport.route import find_route

if TYPE_CHECKING:
    from scanner.request import Login
    from scanner.transport.config import ConfigFiles
    from scanner.transport.route import Route
    from scanner.transport.settings import SshSettings


@dataclass(frozen=True, slots=True)
class JumpHost:
    """One host that connections go through."""

    login: Login
    route: Route

    @property
    def name(self) -> str:
        """What the user calls it."""
        return f"jump host {self.login.address}"


class Paths:
    """Finds the jump hosts of each login; a jump host is looked up once for the run.

    As in OpenSSH, the first of several jump hosts may have a ProxyJump of its own, the others are
    reached through the one before them. A ProxyJump that leads through the host itself, as one
    below `Host *` does for the jump host, ends before it; so does a target's own chain.
    """

    def __init__(self, files: ConfigFiles, settings: SshSettings):
        self._files = files
        self._settings = settings
        self._routes: dict[Login, Route] = {}
        self._paths: dict[Login, tuple[JumpHost, ...]] = {}

    def to(self, route: Route) -> tuple[JumpHost, ...]:
        """The jump hosts before a target, the first one is connected to directly.

        Raises:
            HostUnreachable: they make a loop, or the configuration of one is wrong.
        """
        jump = self._cut(route, route.jump)
        if jump is None:
            return ()
        if jump not in self._paths:
            self._paths[jump] = self._through(jump, ())
        return self._paths[jump]

    def _through(self, login: Login, behind: tuple[JumpHost, ...]) -> tuple[JumpHost, ...]:
        """The path that ends with `login`; `behind` are those that are reached through it."""
        host = JumpHost(login, self._route(login))
        behind = (host, *behind)
        if host.route.machine in {other.route.machine for other in behind[1:]}:
            way = ", ".join(other.login.address for other in behind)
            raise HostUnreachable(
                f"the jump hosts make a loop ({way}): correct jump, or ProxyJump in ~/.ssh/config"
            )
        jump = host.route.jump
        if login.jump is None:
            jump = self._cut(host.route, jump)
        return (host,) if jump is None else (*self._through(jump, behind), host)

    def _cut(self, route: Route, jump: Login | None) -> Login | None:
        """What is left of a chain before the host itself."""
        step = jump
        while step is not None:
            if self._route(step).machine == route.machine:
                return step.jump
            step = step.jump
        return jump

    def _route(self, login: Login) -> Route:
        if login not in self._routes:
            try:
                self._routes[login] = find_route(login, self._files, self._settings)
            except HostUnreachable as error:
                raise HostUnreachable(
                    f"jump host {login.address} cannot be used: {error}"
                ) from None
        return self._routes[login]
