"""Reads the secrets that the hosts of a run need, each once, before any host is connected to."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import typer

from scanner.cli.tell import say
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus
from scanner.inventory.problems import quoted
from scanner.request import Login, Request, Sudo
from scanner.secrets.redact import SHORTEST
from scanner.secrets.secret import Kind, Secret, Source
from scanner.secrets.value import of_file, of_text


class Secrets:
    """Those of one run, by where they come from."""

    def __init__(self) -> None:
        self._values: dict[Source, str] = {}

    def read(self, request: Request) -> Request:
        """The request with the values of its secrets; asks on the terminal for `prompt`.

        Raises:
            UsageError: one cannot be read, or there is no terminal to ask on.
            Exit: Ctrl-C.
        """
        logins = {login: None for host in request.hosts for login in _chain(host.login)}
        sources = {secret.source: None for login in logins for secret in _needed(login)}
        # the user is asked last, when nothing else can be wrong any more
        for source in sorted(sources, key=lambda source: source.kind is Kind.PROMPT):
            self._values[source] = _read(source, request)
        _forget(source.name for source in sources if source.kind is Kind.ENV)
        hosts = (replace(host, login=self._filled(host.login)) for host in request.hosts)
        return replace(request, hosts=tuple(hosts))

    @property
    def all(self) -> tuple[Secret, ...]:
        """For the redactor."""
        return tuple(Secret(source, value) for source, value in self._values.items())

    def notes(self) -> Iterator[str]:
        """What the user should know."""
        for source, value in self._values.items():
            if len(value) < SHORTEST:
                yield (
                    f"the secret {quoted(str(source))} has fewer than {SHORTEST} characters: "
                    "where a host repeats it, it cannot be told from other words"
                )

    def _filled(self, login: Login) -> Login:
        return replace(
            login,
            password=self._value(login.password),
            passphrase=self._value(login.passphrase),
            sudo_password=self._value(login.sudo_password) if _may_ask(login) else None,
            jump=None if login.jump is None else self._filled(login.jump),
        )

    def _value(self, secret: Secret | None) -> Secret | None:
        return None if secret is None else Secret(secret.source, self._values[secret.source])


def without_secrets(request: Request) -> Request:
    """The same for hosts that are saved captures: nobody logs in, and none asks for a password."""
    hosts = (replace(host, login=_bare(host.login)) for host in request.hosts)
    return replace(request, hosts=tuple(hosts))


def _bare(login: Login) -> Login:
    jump = None if login.jump is None else _bare(login.jump)
    return replace(login, password=None, passphrase=None, sudo_password=None, jump=jump)


def _chain(login: Login) -> Iterator[Login]:
    """A login and the jump hosts before it."""
    yield login
    if login.jump is not None:
        yield from _chain(login.jump)


def _may_ask(login: Login) -> bool:
    return login.sudo is not Sudo.OFF and login.user != "root"


def _needed(login: Login) -> Iterator[Secret]:
    secrets = [login.password, login.passphrase]
    if _may_ask(login):
        secrets.append(login.sudo_password)
    return (secret for secret in secrets if secret is not None)


def _read(source: Source, request: Request) -> str:
    try:
        match source.kind:
            case Kind.ENV:
                return of_text(os.environ.get(source.name, ""))
            case Kind.FILE:
                return of_file(Path(source.name))
        return of_text(_ask(source, request))
    except ValueError as error:
        raise UsageError(f"{quoted(str(source))}: the secret {error}") from None


def _ask(source: Source, request: Request) -> str:
    """Ask without echo.

    Raises:
        UsageError: there is no terminal, or nothing was typed.
        Exit: Ctrl-C.
    """
    try:
        # else getpass would read stdin, and show what is typed
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise UsageError(
            f"the {source} is to be asked for, and there is no terminal: use env: or file:"
        ) from None
    try:
        return getpass.getpass(f"kscan: {source} for {request.source}: ")
    except EOFError:
        raise UsageError(f"the {source} was not typed; no host was connected to") from None
    except KeyboardInterrupt:
        say("")
        raise typer.Exit(ExitStatus.INTERRUPTED) from None


def _forget(names: Iterable[str]) -> None:
    """Programs that are started from here must not inherit them."""
    for name in names:
        os.environ.pop(name, None)
