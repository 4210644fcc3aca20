"""What the command line says about the inventory, and what a caller gets back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scanner.inventory import jump, keyfile, names
from scanner.inventory.problems import Problem
from scanner.inventory.scalars import version
from scanner.request import Cluster, CniProfile, HostKeys, Request, Sudo
from scanner.secrets.secret import Kind, Secret
from scanner.versions import Version

_MAX_PORT = 65_535

SSH_PASSWORD = "SSH password"  # noqa: S105 - what is asked for
SUDO_PASSWORD = "sudo password"  # noqa: S105 - the same


@dataclass(frozen=True, slots=True)
class Overrides:
    """Options that win over the inventory; None = not given."""

    kubernetes_version: str | None = None
    """As typed, such as v1.30.0."""
    user: str | None = None
    port: int | None = None
    identity_file: Path | None = None
    """Relative to the working directory."""
    jump: str | None = None
    """Names in jumpHosts, else `[user@]host[:port]`, with commas; `none` connects directly."""
    sudo: Sudo | None = None
    host_keys: HostKeys | None = None
    cni_profile: CniProfile | None = None
    ask_password: bool = False
    """Ask for the login password of all hosts, whatever the inventory says."""
    ask_sudo_password: bool = False
    """The same for sudo's."""

    @property
    def password(self) -> Secret | None:
        """The login password, if it is asked for."""
        return Secret.at(Kind.PROMPT, SSH_PASSWORD) if self.ask_password else None

    @property
    def sudo_password(self) -> Secret | None:
        """sudo's, if it is asked for."""
        return Secret.at(Kind.PROMPT, SUDO_PASSWORD) if self.ask_sudo_password else None

    @property
    def version(self) -> Version | None:
        """`kubernetes_version` as a version; only after `problems` gave none."""
        return None if self.kubernetes_version is None else version(self.kubernetes_version)

    @property
    def cluster(self) -> Cluster:
        """The cluster where no inventory says more; only after `problems` gave none."""
        return Cluster(
            kubernetes_version=self.version, cni_profile=self.cni_profile or CniProfile.NONE
        )

    @property
    def key(self) -> Path | None:
        """`identity_file` with `~` expanded; only after `problems` gave none."""
        return self.identity_file and keyfile.locate(str(self.identity_file), Path())

    def problems(self) -> Iterator[Problem]:
        """Report the options that cannot be used."""
        try:
            _ = self.version
        except ValueError as error:
            yield Problem("--kubernetes-version", str(error))
        if self.port is not None and not 1 <= self.port <= _MAX_PORT:
            message = f"expected a port between 1 and {_MAX_PORT}, not {self.port}"
            yield Problem("--port", message)
        try:
            if self.user is not None:
                names.user(self.user)
        except ValueError as error:
            yield Problem("--user", str(error))
        try:
            if self.jump is not None:
                jump.split(self.jump)
        except ValueError as error:
            yield Problem("--jump", str(error))
        try:
            message = keyfile.why_not(self.key, str(self.identity_file)) if self.key else ""
        except ValueError as error:
            message = str(error)
        if message:
            yield Problem("--identity-file", message)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A request and what the user should be told about it."""

    request: Request
    notes: tuple[str, ...] = ()
    """Lines for stderr, safe to print."""
